"""Exports: what the archive knows comes in, files for people and other programs go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crossid.types import Observation


def write_observations(rows: Iterable[Observation], out: Path) -> int:
    """Write one row for every face seen to `out` (`-` for stdout) and say how many; see `observations`."""
    from crossid.exports import observations

    return observations.write_observations(rows, out)
