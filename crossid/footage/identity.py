"""A file is its bytes: a renamed copy is the same video."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from crossid.footage.refusing import altered, unreadable

if TYPE_CHECKING:
    from pathlib import Path

    from crossid.types import Video


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, 64 lower-case hex digits, read in pieces.

    Raises:
        FootageError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from None


def check_unaltered(video: Video) -> None:
    """Whether what was read is what was identified, as far as its size tells.

    Raises:
        FootageError: it is no longer there, or has another size.
    """
    try:
        size_bytes = video.path.stat().st_size
    except OSError as error:
        raise unreadable(video.path, error) from None
    if size_bytes != video.size_bytes:
        raise altered(video.path)
