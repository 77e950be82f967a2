"""What really lies in an archive's folder, link by link and byte by byte, whatever anybody put there."""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Told = Callable[[int], None]

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something in the folder; `path` is POSIX, relative to it.

    `kind`: "link" for a symbolic link, which is never followed; "other" for a pipe, a socket or a
    device, which is never opened; "folder" only for an empty one; "closed" for one that cannot be listed.
    """

    path: str
    kind: Literal["file", "link", "other", "folder", "closed"]
    size_bytes: int
    mode: int


def entries(folder: Path) -> Iterator[Entry]:
    """Everything in a folder and below it, in no order; what vanishes meanwhile is left out."""
    open_folders = [""]
    while open_folders:
        inside = open_folders.pop()
        try:
            found = list(_listed(folder, inside))
        except FileNotFoundError:
            continue
        except OSError:
            yield Entry(path=inside, kind="closed", size_bytes=0, mode=0)
            continue
        if inside and not found:
            yield Entry(path=inside, kind="folder", size_bytes=0, mode=0)
        open_folders += [path for path, status in found if stat.S_ISDIR(status.st_mode)]
        yield from (_entry(path, status) for path, status in found if not stat.S_ISDIR(status.st_mode))


def hash_file(file: Path, told: Told = lambda _: None) -> str:
    """SHA-256 of a file's bytes, 64 lower-case hex digits; a link is refused, not followed.

    Args:
        file: What to read.
        told: Is told how many bytes were read, again and again.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    # Between listing and opening a file may have become a link or a pipe.
    number = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(number, "rb", buffering=0) as bytes_:
        while chunk := bytes_.read(CHUNK_BYTES):
            digest.update(chunk)
            told(len(chunk))
    return digest.hexdigest()


def _listed(folder: Path, inside: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder / inside) as listing:
        for one in listing:
            with suppress(FileNotFoundError):
                yield f"{inside}/{one.name}".lstrip("/"), one.stat(follow_symlinks=False)


def _entry(path: str, status: os.stat_result) -> Entry:
    mode = status.st_mode
    kind: Literal["file", "link", "other"] = "file" if stat.S_ISREG(mode) else "link" if stat.S_ISLNK(mode) else "other"
    return Entry(path=path, kind=kind, size_bytes=status.st_size, mode=stat.S_IMODE(mode))
