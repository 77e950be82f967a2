"""Who is in an archive, one line per person, counted out of the appearance log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crossid.archive import Store
    from crossid.types import LogRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Somebody is seen: `recorded_at` is ISO 8601 UTC, or "" where no clock is known."""

    recorded_at: str
    video: str
    start_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterLine:
    """A person in numbers; `name` is "" if nobody named them, `videos` are in order of name."""

    id: str
    name: str
    videos: tuple[str, ...]
    appearances: int
    first: Sighting
    last: Sighting


def roster(store: Store) -> list[RosterLine]:
    """Everybody in the archive, by id; an appearance that a reviewer rejected is not theirs."""
    rows: dict[str, list[LogRow]] = {}
    for row in store.log():
        if row.person_id and row.status != "rejected":
            rows.setdefault(row.person_id, []).append(row)
    return [_line(rows[person]) for person in sorted(rows)]


def most_seen_first(lines: Iterable[RosterLine]) -> list[RosterLine]:
    """In more videos first, then in more appearances, then by id."""
    return sorted(lines, key=lambda line: (-len(line.videos), -line.appearances, line.id))


def _line(rows: list[LogRow]) -> RosterLine:
    """Rows whose clock is known say when a person was seen first and last; without any, the log's order does."""
    dated = sorted((row for row in rows if row.recorded_at), key=lambda row: row.recorded_at)
    ordered = dated or rows
    return RosterLine(
        id=rows[0].person_id,
        name=rows[0].name,
        videos=tuple(dict.fromkeys(row.video for row in rows)),
        appearances=len(rows),
        first=_sighting(ordered[0]),
        last=_sighting(ordered[-1]),
    )


def _sighting(row: LogRow) -> Sighting:
    return Sighting(recorded_at=row.recorded_at, video=row.video, start_s=row.start_s)
