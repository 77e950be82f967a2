"""A piece of the picture that folders are of the database, and how it gets to its place only when it changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossid.archive import PaintedFile
from crossid.archive.files import replace_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file: POSIX `path` relative to the archive, what it is made from, and how.

    As long as `source` stays the same, `make` would make the same bytes.
    """

    path: str
    source: str
    make: Callable[[], bytes]


def written(path: str, data: bytes) -> Piece:
    """A piece whose bytes are at hand."""
    return Piece(path=path, source=hashlib.sha256(data).hexdigest(), make=lambda: data)


def put(root: Path, piece: Piece, before: PaintedFile | None) -> PaintedFile:
    """Bring one file up to date; whoever looks sees the old one or the new one, whole.

    Args:
        root: The archive.
        piece: What should be there.
        before: What was put there last; the same is returned when that still stands.
    """
    file = root / piece.path
    if before is not None and before.source == piece.source and _stands(file, before):
        return before
    data = piece.make()
    if not (file.is_file() and file.read_bytes() == data):
        replace_file(root, file, data)
    stat = file.stat()
    return PaintedFile(
        path=piece.path,
        source=piece.source,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=stat.st_size,
        modified_ns=stat.st_mtime_ns,
    )


def _stands(file: Path, before: PaintedFile) -> bool:
    """Whether nobody touched the file since, by its size and time."""
    try:
        stat = file.stat()
    except FileNotFoundError:
        return False
    return (stat.st_size, stat.st_mtime_ns) == (before.size_bytes, before.modified_ns)
