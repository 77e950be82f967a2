"""Files and folders that nobody but their owner reads, and that are there whole or not at all."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PART = ".crossid.part"
"""Where a file is written before it takes its place: one name, so that a crash leaves at most one behind."""


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, for its owner only; nothing happens to folders that are there."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)


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
    """
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


def sync_folder(path: Path) -> None:
    """Wait until a rename in a folder would survive a power cut; Windows does that by itself."""
    if sys.platform == "win32":
        return
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
