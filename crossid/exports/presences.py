"""When people are seen: together, one after the other, and on the clock on the wall where recordings know it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from crossid.types import LogRow, Video


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """People are seen in a video from `start_s` to `end_s`; `recorded_at` is ISO 8601 of the start, "" if unknown.

    `gap_s` is how long it is since the last presence ended: on the clock on the wall where both are
    known, else within one video; None where neither tells.
    """

    people: tuple[str, ...]
    video: str
    video_sha256: str
    start_s: float
    end_s: float
    recorded_at: str
    gap_s: float | None = None

    @property
    def length_s(self) -> float:
        """How long it lasts; 0 in a photograph."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """When all of some people are seen.

    Attributes:
        at_once: All of them at the same time in one video, in order of time.
        videos: Names of videos in which all of them are seen, at once or not.
        nearest: Where they are never at once: the shortest stretch of one video in which each of them is seen.
        elsewhere: (presence of the one, presence of another) at the same time by the clocks of two recordings;
            clocks of cameras go wrong by minutes and hours.
    """

    at_once: tuple[Presence, ...]
    videos: tuple[str, ...]
    nearest: Presence | None
    elsewhere: tuple[tuple[Presence, Presence], ...]

    @property
    def length_s(self) -> float:
        """For how long they are seen at once."""
        return sum(one.length_s for one in self.at_once)


def together(rows: Mapping[str, Sequence[LogRow]]) -> Together:
    """When the people are seen together.

    Args:
        rows: Person -> their appearances, without those that were rejected; at least two people.
    """
    people = tuple(rows)
    by_video = [_by_video(rows[person]) for person in people]
    shared = sorted(set.intersection(*(set(one) for one in by_video)))
    at_once = [both for video in shared for both in _overlaps(people, [one[video] for one in by_video])]
    names = sorted({by_video[0][video][0].video for video in shared})
    return Together(
        at_once=tuple(in_order(at_once)),
        videos=tuple(names),
        nearest=None if at_once else _nearest(people, [[one[video] for one in by_video] for video in shared]),
        elsewhere=tuple(_elsewhere(rows)),
    )


def timeline(rows: Iterable[LogRow]) -> list[Presence]:
    """Every appearance in order of time: by the clock on the wall first, then those without one by video."""
    return in_order([_presence((row.person_id,), row, row.start_s, row.end_s) for row in rows])


def in_order(presences: Sequence[Presence]) -> list[Presence]:
    """The presences by time, each with how long it is since the one before ended."""
    ordered = sorted(presences, key=_when)
    return [*ordered[:1], *(_after(one, before) for before, one in pairwise(ordered))]


def videos_in_order(videos: Iterable[Video]) -> list[Video]:
    """Videos by when they were recorded; those that do not say come last, by name."""
    return sorted(videos, key=lambda one: (one.recorded_at is None, _utc(one.recorded_at), one.name))


def _when(one: Presence) -> tuple[bool, datetime, str, float, float]:
    at = datetime.fromisoformat(one.recorded_at) if one.recorded_at else None
    return (at is None, _utc(at), one.video, one.start_s, one.end_s)


def _utc(at: datetime | None) -> datetime:
    """A clock without a zone is read as UTC: recordings are still in order where all lack it."""
    if at is None:
        return datetime.max.replace(tzinfo=UTC)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _after(one: Presence, before: Presence) -> Presence:
    gap_s = None
    if one.recorded_at and before.recorded_at:
        gap_s = (_interval(one)[0] - _interval(before)[1]).total_seconds()
    elif one.video_sha256 == before.video_sha256:
        gap_s = one.start_s - before.end_s
    return replace(one, gap_s=None if gap_s is None else max(0.0, round(gap_s, 3)))


def _presence(people: tuple[str, ...], row: LogRow, start_s: float, end_s: float) -> Presence:
    """A stretch of the video of a row; its wall clock follows from that of the row's start."""
    recorded_at = ""
    if row.recorded_at:
        at = datetime.fromisoformat(row.recorded_at) + timedelta(seconds=start_s - row.start_s)
        recorded_at = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Presence(
        people=people,
        video=row.video,
        video_sha256=row.video_sha256,
        start_s=start_s,
        end_s=end_s,
        recorded_at=recorded_at,
    )


def _by_video(rows: Iterable[LogRow]) -> dict[str, list[LogRow]]:
    found: dict[str, list[LogRow]] = {}
    for row in rows:
        found.setdefault(row.video_sha256, []).append(row)
    return found


def _overlaps(people: tuple[str, ...], rows: Sequence[Sequence[LogRow]]) -> Iterator[Presence]:
    """Where one appearance of each overlaps with one of every other, in one video."""
    stretches = [(row.start_s, row.end_s, row) for row in rows[0]]
    for others in rows[1:]:
        stretches = [
            (max(start_s, row.start_s), min(end_s, row.end_s), first)
            for start_s, end_s, first in stretches
            for row in others
            if max(start_s, row.start_s) <= min(end_s, row.end_s)
        ]
    for start_s, end_s, first in stretches:
        yield _presence(people, first, start_s, end_s)


MOST_CHOICES = 20_000
"""Ways to choose one appearance of each that are looked at in one video: beyond, it would take too long."""


def _nearest(people: tuple[str, ...], videos: Sequence[Sequence[Sequence[LogRow]]]) -> Presence | None:
    """The shortest stretch, from the end of the first appearance to the start of the last, with one of each."""
    best: Presence | None = None
    for rows in videos:
        for count, choice in enumerate(product(*rows)):
            if count >= MOST_CHOICES:
                break
            first = min(choice, key=lambda row: row.end_s)
            end_s = max(row.start_s for row in choice)
            if best is None or end_s - first.end_s < best.length_s:
                best = _presence(people, first, first.end_s, end_s)
    return best


def _elsewhere(rows: Mapping[str, Sequence[LogRow]]) -> Iterator[tuple[Presence, Presence]]:
    """Appearances of two of the people at one time in two videos, by the clocks of both."""
    people = list(rows)
    for place, person in enumerate(people):
        for other in people[place + 1 :]:
            ours = [_presence((person,), row, row.start_s, row.end_s) for row in rows[person] if row.recorded_at]
            theirs = [_presence((other,), row, row.start_s, row.end_s) for row in rows[other] if row.recorded_at]
            yield from ((a, b) for a, b in product(ours, theirs) if a.video_sha256 != b.video_sha256 and _meet(a, b))


def _meet(one: Presence, other: Presence) -> bool:
    (begin, end), (start, stop) = _interval(one), _interval(other)
    return max(begin, start) <= min(end, stop)


def _interval(one: Presence) -> tuple[datetime, datetime]:
    begin = _utc(datetime.fromisoformat(one.recorded_at))
    return begin, begin + timedelta(seconds=one.length_s)
