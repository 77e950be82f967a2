"""A folder as one stream of bytes and back: tar (POSIX.1-2001), nothing but files and folders in it."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from crossid.archive.files import make_folder, sync_folders
from crossid.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

CHUNK_BYTES = 1 << 20
BLOCK_BYTES = 512


class TarStream(io.RawIOBase):
    """A folder's files as tar, made while it is read.

    Args:
        folder: Where they lie.
        paths: Which of them, relative to it; files and folders.
        told: Is told how many bytes were read, again and again.
    """

    def __init__(self, folder: Path, paths: Collection[str], told: Callable[[int], None]) -> None:
        super().__init__()
        self._pieces = _pieces(folder, paths, told)
        self._left = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, b"" at the end: no piece is empty."""
        self._left = self._left or next(self._pieces, b"")
        count = len(self._left) if size < 0 else size
        found, self._left = self._left[:count], self._left[count:]
        return found


def unpack_tar(stream: BinaryIO, folder: Path) -> int:
    """Write what a tar holds into an empty folder, for its owner only, and wait until it would survive a power cut.

    Returns:
        How many files there were.

    Raises:
        ArchiveError: it holds something else than files and folders within itself, or is cut off.
    """
    paths, files = list[str](), 0
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                place = folder / _checked(member)
                make_folder(place if member.isdir() else place.parent)
                paths.append(member.name)
                if member.isfile():
                    _write(tar, member, place)
                    files += 1
    except tarfile.TarError as error:
        raise _damaged() from error
    sync_folders(folder, paths)
    return files


def hashes_in(stream: BinaryIO) -> dict[str, str]:
    """Path -> SHA-256 of each file in a tar, "" for a folder."""
    found = dict[str, str]()
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                content = tar.extractfile(member)
                found[member.name] = hashlib.file_digest(content, "sha256").hexdigest() if content else ""  # type: ignore[arg-type]
    except tarfile.TarError as error:
        raise _damaged() from error
    return found


def _pieces(folder: Path, paths: Collection[str], told: Callable[[int], None]) -> Iterator[bytes]:
    for path in sorted(paths):
        yield from _file(folder / path, path, told)
    yield bytes(2 * BLOCK_BYTES)


def _file(file: Path, path: str, told: Callable[[int], None]) -> Iterator[bytes]:
    info = tarfile.TarInfo(path)
    if file.is_dir():
        info.type, info.mode = tarfile.DIRTYPE, 0o700
        yield info.tobuf(tarfile.PAX_FORMAT)
        return
    number = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(number, "rb") as bytes_:
        status = os.fstat(number)
        info.size, info.mode = status.st_size, 0o600
        # A float would lose the last digits, and painting would take every file for one that somebody touched.
        info.pax_headers = {"mtime": f"{status.st_mtime_ns // 10**9}.{status.st_mtime_ns % 10**9:09}"}
        yield info.tobuf(tarfile.PAX_FORMAT)
        left = info.size
        while left and (chunk := bytes_.read(min(left, CHUNK_BYTES))):
            left -= len(chunk)
            told(len(chunk))
            yield chunk
        if left:
            raise ArchiveError(f"{file} became shorter while it was read.", remedy="Run the same command again.")
    if info.size % BLOCK_BYTES:
        yield bytes(-info.size % BLOCK_BYTES)


def _checked(member: tarfile.TarInfo) -> PurePosixPath:
    path = PurePosixPath(member.name)
    if not (member.isfile() or member.isdir()) or path.is_absolute() or ".." in path.parts or "\\" in member.name:
        raise _damaged()
    return path


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, place: Path) -> None:
    content = tar.extractfile(member)
    assert content is not None, "it is a file"
    number = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "wb") as file:
        while chunk := content.read(CHUNK_BYTES):
            file.write(chunk)
        file.flush()
        os.fsync(number)
    seconds, _, rest = member.pax_headers.get("mtime", "0").partition(".")
    modified_ns = int(seconds) * 10**9 + int(rest.ljust(9, "0")[:9])
    os.utime(place, ns=(modified_ns, modified_ns))


def _damaged() -> ArchiveError:
    return ArchiveError("What was sealed is no archive of crossid.", remedy="Bring it back from a copy.")
