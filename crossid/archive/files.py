"""Files and folders that nobody but their owner reads, and that are there whole or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from crossid.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

PART = ".crossid.part"
"""Where a file is written before it takes its place: one name, so that a crash leaves at most one behind."""
CHUNK_BYTES = 1 << 20


def make_folder(path: Path, *, durable: bool = False) -> None:
    """Make a folder, and those above it, for its owner only; nothing happens to folders that are there.

    With `durable` it waits until what was made would survive a power cut.
    """
    if path.is_dir():
        return
    make_folder(path.parent, durable=durable)
    path.mkdir(mode=0o700, exist_ok=True)
    if durable:
        sync_folder(path.parent)


def make_file(path: Path) -> None:
    """Make an empty file for its owner only, unless there is one."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def replace_file(root: Path, path: Path, data: bytes, *, durable: bool = False) -> None:
    """Put `data` at `path`, below `root`: whoever looks sees the old file or the new one, whole.

    Args:
        root: The archive; the new file grows here first.
        path: Where it goes.
        data: All of it.
        durable: Wait until it would survive a power cut.

    Raises:
        ArchiveError: a link leads out of the archive.
    """
    # An archive may come from anybody: no link in it may have us write elsewhere.
    if not path.parent.resolve().is_relative_to(root.resolve()):
        raise ArchiveError(
            f"{path.parent} leads out of the archive.", remedy="Remove the link: crossid verify --repair does."
        )
    make_folder(path.parent)
    part = root / PART
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    part.replace(path)
    if durable:
        sync_folder(path.parent)


def shred(root: Path, paths: Collection[str]) -> None:
    """Overwrite files with zeros, wait until that is on the disk, then remove them and folders that this leaves empty.

    It keeps a disk that writes in place from giving them back; one that does not, such as a
    solid-state disk, may still hold them. Links are removed, not followed; what lies behind one is left.

    Args:
        root: The archive.
        paths: Relative to it, in the order in which they are removed; what is not there is left out.
    """
    whole = root.resolve()
    within = [path for path in paths if (root / path).parent.resolve() == (whole / path).parent]
    files = [root / path for path in within if (root / path).is_symlink() or (root / path).is_file()]
    for file in [one for one in files if not one.is_symlink()]:
        with file.open("r+b") as bytes_:
            left = os.fstat(bytes_.fileno()).st_size
            while left > 0:
                left -= bytes_.write(bytes(min(left, CHUNK_BYTES)))
    sync_files(root, [file.relative_to(root).as_posix() for file in files if not file.is_symlink()])
    for file in files:
        file.unlink()
    sync_folders(root, [file.relative_to(root).as_posix() for file in files])  # else a power cut brings names back
    inside = {root.joinpath(*path.split("/")[:depth]) for path in within for depth in range(1, path.count("/") + 2)}
    for place in sorted(inside, key=lambda one: len(one.parts), reverse=True):
        if place.is_dir() and not place.is_symlink() and not any(place.iterdir()):
            place.rmdir()
            sync_folder(place.parent)
    sync_folder(root)


def sync_files(root: Path, paths: Iterable[str]) -> None:
    """Wait until files that were written would survive a power cut: their bytes, and their names up to `root`.

    Args:
        root: The archive.
        paths: Relative to it, each with all folders above it there.
    """
    folders = {root}
    for path in paths:
        file = root / path
        handle = os.open(file, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        folders.update(folder for folder in file.parents if folder.is_relative_to(root))
    for folder in folders:
        sync_folder(folder)


def sync_folders(root: Path, paths: Collection[str]) -> None:
    """Wait until every folder on the way from `root` to some paths below it would survive a power cut."""
    for place in {root / inside for path in paths for inside in PurePosixPath(path).parents}:
        sync_folder(place)


def sync_folder(path: Path) -> None:
    """Wait until a rename in a folder would survive a power cut; Windows does that by itself."""
    if sys.platform == "win32":
        return
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
