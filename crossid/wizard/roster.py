"""Who is in an archive, one line per person, counted out of the appearance log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crossid.archive import Store
    from crossid.types import LogRow, NameClaim


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Somebody is seen: `recorded_at` is ISO 8601 UTC, or "" where no clock is known."""

    recorded_at: str
    video: str
    start_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterLine:
    """A person in numbers; `name` is "" if nobody named them, `videos` are in order of name.

    `appearances`: what copies of footage show once more counts once.

    `also`: other names that they go by; `aliases`: ids that lead to them. Of the appearances so many
    are `confirmed` by a reviewer. `ignored`: nobody need look for them. `certainty`: the lowest probability
    among the appearances, None where none is known: a chain holds as its weakest link.
    """

    id: str
    name: str
    also: tuple[str, ...]
    aliases: tuple[str, ...]
    confirmed: int
    ignored: bool
    videos: tuple[str, ...]
    appearances: int
    certainty: float | None
    first: Sighting
    last: Sighting


def roster(store: Store) -> list[RosterLine]:
    """Everybody in the archive, by id; an appearance that a reviewer rejected is not theirs."""
    rows: dict[str, list[LogRow]] = {}
    names, ignored, aliases = store.names(), store.ignored(), dict[str, list[str]]()
    for gone, stays in store.aliases().items():
        aliases.setdefault(stays, []).append(gone)
    for row in store.log():
        if row.person_id and row.status != "rejected":
            rows.setdefault(row.person_id, []).append(row)
    return [
        _line(rows[person], names.get(person, ()), aliases.get(person, ()), ignored=person in ignored)
        for person in sorted(rows)
    ]


def other_names(claims: Iterable[NameClaim]) -> tuple[str, ...]:
    """Names that somebody goes by beside the one that they are listed under."""
    return tuple(dict.fromkeys(claim.name for claim in claims if claim.alias and claim.name))


def most_seen_first(lines: Iterable[RosterLine]) -> list[RosterLine]:
    """In more videos first, then in more appearances, then by id."""
    return sorted(lines, key=lambda line: (-len(line.videos), -line.appearances, line.id))


def _line(rows: list[LogRow], claims: Iterable[NameClaim], aliases: Iterable[str], *, ignored: bool) -> RosterLine:
    """Rows whose clock is known say when a person was seen first and last; without any, the log's order does."""
    dated = sorted((row for row in rows if row.recorded_at), key=lambda row: row.recorded_at)
    ordered = dated or rows
    return RosterLine(
        id=rows[0].person_id,
        name=rows[0].name,
        also=other_names(claims),
        aliases=tuple(aliases),
        confirmed=sum(row.status == "confirmed" for row in rows),
        ignored=ignored,
        videos=tuple(dict.fromkeys(row.video for row in rows)),
        appearances=len({row.source_id for row in rows}),
        certainty=min((row.probability for row in rows if row.probability is not None), default=None),
        first=_sighting(ordered[0]),
        last=_sighting(ordered[-1]),
    )


def _sighting(row: LogRow) -> Sighting:
    return Sighting(recorded_at=row.recorded_at, video=row.video, start_s=row.start_s)
