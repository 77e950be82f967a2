"""`manifest-sha256.txt`: what every file was when crossid wrote it, for `sha256sum -c`."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from crossid.archive.files import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crossid.archive import PaintedFile

MANIFEST = "manifest-sha256.txt"
DUE = ".crossid.manifest-due"
"""Is there while the database has changed and the manifest does not say so yet."""
LINE = re.compile(r"([0-9a-f]{64})  ([^/\\\x00-\x1f][^\\\x00-\x1f]*)\n")
"""A hash in lower case, two spaces, a relative path, a line feed: the only form in which a line is written."""


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


def read_manifest(data: bytes) -> tuple[dict[str, str], list[str]]:
    """Read a manifest strictly: what crossid did not write so is a fault, even if other programs can read it.

    Returns:
        Path -> hash of the lines that are as they should be, and a sentence for every one that is not.
    """
    hashes, faults, before = dict[str, str](), list[str](), ""
    for number, line in enumerate(data.splitlines(keepends=True), start=1):
        match = LINE.fullmatch(line.decode("utf-8", "surrogateescape"))
        path = match[2] if match else ""
        if match is None or ".." in path.split("/") or not _is_text(path):
            faults.append(f"line {number} is not one that crossid wrote")
        elif path <= before:
            faults.append(f"line {number} is out of order")
        else:
            hashes[path], before = match[1], path
    return hashes, faults


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _hash(file: Path) -> str:
    with file.open("rb") as bytes_:
        return hashlib.file_digest(bytes_, "sha256").hexdigest()
