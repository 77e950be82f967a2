"""`manifest-sha256.txt`: what every file was when crossid wrote it, for `sha256sum -c`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from crossid.archive.files import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crossid.archive import PaintedFile

MANIFEST = "manifest-sha256.txt"


def write_manifest(root: Path, painted: Iterable[PaintedFile], own: Iterable[str]) -> None:
    """Write the manifest, unless it is there already and says the same.

    Args:
        root: The archive.
        painted: Files whose hashes are known.
        own: Paths of the store's own files, which are hashed now and must not change afterwards.
    """
    hashes = {one.path: one.sha256 for one in painted} | {path: _hash(root / path) for path in own}
    lines = "".join(f"{sha256}  {path}\n" for path, sha256 in sorted(hashes.items()))
    file = root / MANIFEST
    if not file.exists() or file.read_bytes() != lines.encode():
        replace_file(root, file, lines.encode(), durable=True)


def _hash(file: Path) -> str:
    with file.open("rb") as bytes_:
        return hashlib.file_digest(bytes_, "sha256").hexdigest()
