"""Checks an archive's manifest without crossid."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

UNLISTED = {"manifest-sha256.txt", "crossid.lock", "crossid.db-wal", "crossid.db-shm"}


def listed(folder: Path) -> dict[str, str]:
    """Path -> hash, as the manifest says."""
    lines = (folder / "manifest-sha256.txt").read_text(encoding="utf-8").splitlines()
    return {path: sha256 for sha256, _, path in (line.partition("  ") for line in lines)}


def there(folder: Path) -> dict[str, str]:
    """Path -> hash of every file that the manifest should list."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in UNLISTED]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
