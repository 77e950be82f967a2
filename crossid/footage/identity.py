"""A file is its bytes: a renamed copy is the same video."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from crossid.footage.refusing import unreadable

if TYPE_CHECKING:
    from pathlib import Path


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
