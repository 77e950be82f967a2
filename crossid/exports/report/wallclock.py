"""The wall clock: when people are seen, where recordings say when they were made.

Hours in which nothing was recorded are cut out of the axis, and the cuts are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING

from crossid.exports.report.lanes import Bar, Lane, placed, sureness, title_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crossid.types import LogRow, Video

MAX_STRETCHES = 8
MIN_BREAK = timedelta(minutes=10)
"""Shorter silences stay on the axis."""
BREAK_WIDTH = 1.5
"""Per cent of the axis that a cut takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of the axis without cuts, in per cent of it, and its first and last moment."""

    left: float
    width: float
    start: datetime
    end: datetime

    def place(self, at: datetime) -> float:
        """Where a moment stands, in per cent of the axis."""
        whole = (self.end - self.start).total_seconds()
        share = (at - self.start).total_seconds() / whole if whole > 0 else 0.5
        return self.left + self.width * min(1.0, max(0.0, share))


@dataclass(frozen=True, slots=True, kw_only=True)
class WallClock:
    """An axis in stretches, and people on it. `zoneless`: how many videos do not say in which zone their clock ran."""

    stretches: tuple[Stretch, ...]
    lanes: tuple[Lane, ...]
    dated: int
    zoneless: int


def wall_clock(rows: Iterable[LogRow], videos: Iterable[Video], order: Sequence[str]) -> WallClock | None:
    """When the people in `order` are seen; None where no recording says when it was made.

    A clock without a zone is read as UTC: recordings are still in order where all lack it.
    """
    dated = [video for video in videos if video.recorded_at is not None]
    spans = [(begin, begin + timedelta(seconds=video.duration_s)) for video in dated for begin in [_utc(video)]]
    if not spans:
        return None
    stretches = _stretches(spans)
    by_person: dict[str, list[LogRow]] = {}
    for row in rows:
        if row.recorded_at:
            by_person.setdefault(row.person_id, []).append(row)
    lanes = tuple(
        Lane(
            label=by_person[person][0].name,
            target=person,
            detail="",
            bars=tuple(_bar(row, stretches) for row in by_person[person]),
        )
        for person in order
        if person in by_person
    )
    zoneless = sum(video.recorded_at is not None and video.recorded_at.tzinfo is None for video in dated)
    return WallClock(stretches=stretches, lanes=lanes, dated=len(dated), zoneless=zoneless)


def _utc(video: Video) -> datetime:
    assert video.recorded_at is not None
    return _as_utc(video.recorded_at)


def _as_utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _stretches(spans: list[tuple[datetime, datetime]]) -> tuple[Stretch, ...]:
    """Recordings joined over short silences; over all but the longest if there are many."""
    joined: list[list[datetime]] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([begin, end])
    silences = [later[0] - earlier[1] for earlier, later in pairwise(joined)]
    longest = sorted((one for one in silences if one >= MIN_BREAK), reverse=True)[: MAX_STRETCHES - 1]
    cuts = longest[-1] if longest else timedelta.max
    parts = [joined[0]]
    for silence, stretch in zip(silences, joined[1:], strict=True):
        if silence >= cuts and len(parts) < MAX_STRETCHES:
            parts.append(stretch)
        else:
            parts[-1] = [parts[-1][0], stretch[1]]
    return _laid_out(parts)


def _laid_out(parts: list[list[datetime]]) -> tuple[Stretch, ...]:
    """Widths grow with the logarithm of the time, so that a minute can be seen beside a day."""
    weights = [log(60 + (end - begin).total_seconds()) for begin, end in parts]
    room, left, laid = 100 - BREAK_WIDTH * (len(parts) - 1), 0.0, []
    for (begin, end), weight in zip(parts, weights, strict=True):
        width = room * weight / sum(weights)
        laid.append(Stretch(left=round(left, 3), width=round(width, 3), start=begin, end=end))
        left += width + BREAK_WIDTH
    return tuple(laid)


def _bar(row: LogRow, stretches: Sequence[Stretch]) -> Bar:
    begin = _as_utc(datetime.fromisoformat(row.recorded_at))
    end = begin + timedelta(seconds=row.end_s - row.start_s)
    within = next((one for one in reversed(stretches) if one.start <= begin), stretches[0])
    left, width = placed(within.place(begin), within.place(end))
    title = f"{row.recorded_at[:19].replace('T', ' ')}, {row.video}: {title_of(row)}"
    return Bar(left=left, width=width, title=title, sure=sureness(row), status=row.status)
