"""Why each picture was looked at or not: 200,000 rows for two hours, packed by columns; and what they add up to."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from crossid.archive.inflating import inflated
from crossid.types import KEPT, Decision, Moment, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

REASONS: tuple[Reason, ...] = ("first", "shot", "motion", "check", "interval", "still", "dark")
"""A reason is kept as its place in here: new ones go to the end."""
SCALE = 65535
"""Motion and brightness in [0, 1] are kept as 16-bit numbers."""
WIDTHS = (8, 8, 1, 2, 2)
"""Bytes of pts, number, reason, motion and brightness of one decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What the decisions of one span add up to; the names are those of `Coverage`."""

    pictures: int
    looked_at: int
    looked_at_s: float
    still_s: float
    dark_s: float
    missable_s: float


def pack(decisions: Sequence[Decision]) -> bytes:
    """Columns one after the other, times and numbers as differences, deflated; b"" for none."""
    if not decisions:
        return b""
    pts = np.array([one.moment.pts for one in decisions], dtype="<i8")
    numbers = np.array([one.number for one in decisions], dtype="<i8")
    reasons = np.array([REASONS.index(one.reason) for one in decisions], dtype="u1")
    shares = np.array([(one.motion, one.brightness) for one in decisions]).T
    columns = (
        np.diff(pts, prepend=0),
        np.diff(numbers, prepend=0),
        reasons,
        *np.rint(np.clip(shares, 0, 1) * SCALE).astype("<u2"),
    )
    return zlib.compress(b"".join(column.tobytes() for column in columns))


def unpack(packed: bytes, video: str, time_base: Fraction) -> Iterator[Decision]:
    """What `pack` was given, in order."""
    if not packed:
        return
    raw = inflated(packed)
    count = len(raw) // sum(WIDTHS)
    ends = np.cumsum([width * count for width in WIDTHS])
    parts = [raw[end - width * count : end] for end, width in zip(ends, WIDTHS, strict=True)]
    pts, numbers = (np.cumsum(np.frombuffer(part, "<i8")).tolist() for part in parts[:2])
    motion, brightness = ((np.frombuffer(part, "<u2") / SCALE).tolist() for part in parts[3:])
    for row in zip(pts, numbers, parts[2], motion, brightness, strict=True):
        yield Decision(
            moment=Moment(video=video, pts=row[0], time_base=time_base),
            number=row[1],
            reason=REASONS[row[2]],
            motion=row[3],
            brightness=row[4],
        )


def tally(decisions: Sequence[Decision], read_to_s: float) -> Tally:
    """Add up one span: a picture stands for the time until the next one, the last until `read_to_s`."""
    times = np.array([one.moment.seconds for one in decisions])
    lasted = np.clip(np.diff(times, append=read_to_s), 0, None)
    reasons = np.array([one.reason for one in decisions], dtype=object)
    kept = np.isin(reasons, list(KEPT))
    still, dark = reasons == "still", reasons == "dark"
    return Tally(
        pictures=len(decisions),
        looked_at=int(kept.sum()),
        looked_at_s=float(lasted[~still & ~dark].sum()),
        still_s=float(lasted[still].sum()),
        dark_s=float(lasted[dark].sum()),
        missable_s=_longest_gap(kept, np.where(dark, 0.0, lasted)),
    )


def _longest_gap(kept: NDArray[np.bool_], lasted: NDArray[np.float64]) -> float:
    """Longest sum of `lasted` from a kept picture to the next (or from the start, or to the end)."""
    return float(np.bincount(np.cumsum(kept), weights=lasted).max(initial=0.0))
