"""BagIt packages (RFC 8493): files with their hashes, as libraries and archives of states take them in."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from crossid.errors import CrossidError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

MANIFEST = "manifest-sha256.txt"
TOKEN = f"{MANIFEST}.tsr"
"""The answer of a time stamping authority (RFC 3161), in DER."""
CHUNK_BYTES = 1 << 20


class Content(NamedTuple):
    """One file of a package: `path` (POSIX) in it, where its bytes come from, and their SHA-256."""

    path: str
    source: Path
    sha256: str


def write_bag(
    contents: Iterable[Content],
    out: Path,
    info: Mapping[str, str],
    *,
    stamp: Callable[[bytes], bytes] | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> None:
    """Copy files into a new bag at `out`, which is there whole and valid or not at all.

    Args:
        contents: What goes in; a file whose bytes are not those that were expected stops it.
        out: A folder that is not there yet.
        info: Lines of `bag-info.txt`.
        stamp: Is given the bytes of the bag's manifest and answers with a token, which goes in as well.
        told: Is told how many bytes were copied, again and again.

    Raises:
        CrossidError: something cannot be read or written, or is not what was expected.
    """
    import bagit

    logging.getLogger("bagit").addHandler(logging.NullHandler())  # it would print tracebacks of what is raised anyway
    with _whole(out) as part:
        for content in contents:
            _copy(content, part / content.path, told)
        try:
            bag: Any = bagit.make_bag(str(part), dict(info), checksums=["sha256"])
            if stamp is not None:
                (part / TOKEN).write_bytes(stamp((part / MANIFEST).read_bytes()))
                bag.save()
            bag.validate()
        except bagit.BagError as error:
            raise CrossidError(
                f"No valid bag came of it: {error}.", remedy="Give the file that is named another name."
            ) from error
        _close(part)


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """A folder beside `out` that takes its name when all went well, and is gone when not."""
    part = out.with_name(f".{out.name}.crossid-part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700, parents=True)
        yield part
        part.rename(out)
        _sync(out.parent)
    except OSError as error:
        raise CrossidError(
            f"{out} cannot be written: {error.strerror or error}.",
            remedy="Name a folder on a disk with space left, in which you may write.",
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _copy(content: Content, to: Path, told: Callable[[int], None]) -> None:
    digest = hashlib.sha256()
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "wb") as copy, content.source.open("rb") as original:
        while chunk := original.read(CHUNK_BYTES):
            digest.update(chunk)
            copy.write(chunk)
            told(len(chunk))
    if digest.hexdigest() != content.sha256:
        raise CrossidError(
            f"{content.source} changed while it was copied.", remedy="Run the same command again when nobody writes it."
        )


def _close(folder: Path) -> None:
    """Nobody but the owner reads what was packed, and all of it would survive a power cut."""
    for place in [folder, *folder.rglob("*")]:
        place.chmod(0o700 if place.is_dir() else 0o600)
        _sync(place)


def _sync(place: Path) -> None:
    if place.is_dir() and os.name == "nt":
        return  # Windows opens no folders, and syncs renames by itself
    number = os.open(place, os.O_RDWR if place.is_file() else os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
