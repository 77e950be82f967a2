"""What files are called in archives, logs and messages: always text that can be written and read."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import PurePath


def writable(name: str) -> str:
    r"""The name with bytes that are no UTF-8 spelled out as ``\xff``: any database or file takes it."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def distinct(origins: Sequence[tuple[PurePath, PurePath]]) -> list[str]:
    """One name per (folder, path below it), in that order: the path below, as long as no two are the same.

    Where two would be, folders are put before it, from the innermost outwards, until they differ.
    """
    depths = [0] * len(origins)
    while True:
        names = [_name(folder, below, depth) for (folder, below), depth in zip(origins, depths, strict=True)]
        counts = Counter(names)
        clashing = [
            row for row, name in enumerate(names) if counts[name] > 1 and depths[row] < len(origins[row][0].parts)
        ]
        if not clashing:
            return names
        for row in clashing:
            depths[row] += 1


def _name(folder: PurePath, below: PurePath, depth: int) -> str:
    outer = folder.parts[len(folder.parts) - depth :]
    return writable("/".join((*(part.strip("/\\") for part in outer), *below.parts)))
