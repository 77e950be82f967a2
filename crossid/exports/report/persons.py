"""People on the page: a card for those who come back, a tile for everybody else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from statistics import median
from typing import TYPE_CHECKING

from crossid.exports.report.lanes import Lane, by_video
from crossid.wording import clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from markupsafe import Markup

    from crossid.exports.report.album import Album
    from crossid.types import LogRow, NameClaim, Video

MAX_CARDS = 150
MAX_PICTURES = 1500
"""In the contact sheets of all cards together."""
MAX_SHEET = 12
MAX_LANES = 10
MAX_ROWS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A face on a contact sheet."""

    picture: Markup
    video: str
    time: str
    row: LogRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """A person in numbers. `weakest` and `usual` are their lowest and median probability."""

    id: str
    name: str
    claim: NameClaim | None
    videos: int
    appearances: int
    confirmed: int
    seconds: float
    first: LogRow
    last: LogRow
    best: LogRow
    weakest: float | None
    usual: float | None
    rows: tuple[LogRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """All that is shown of somebody; what was left out is counted."""

    who: Somebody
    cover: Markup
    sheet: tuple[Shot, ...]
    lanes: tuple[Lane, ...]
    more_lanes: int
    rows: tuple[LogRow, ...]
    more_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """Somebody in one picture and one line."""

    who: Somebody
    picture: Markup


def everybody(rows: Iterable[LogRow], claims: Mapping[str, Sequence[NameClaim]]) -> list[Somebody]:
    """People with an appearance that nobody rejected: in most videos first, then most appearances, then by id."""
    grouped: dict[str, list[LogRow]] = {}
    for row in rows:
        if row.person_id and row.status != "rejected":
            grouped.setdefault(row.person_id, []).append(row)
    people = [_somebody(seen, claims.get(person, ())) for person, seen in grouped.items()]
    return sorted(people, key=lambda one: (-one.videos, -one.appearances, one.id))


def cards(people: Sequence[Somebody], album: Album, videos: dict[str, Video]) -> list[Card]:
    """Cards of those who are seen in several videos, or were named, up to `MAX_CARDS`."""
    chosen = [one for one in people if one.videos > 1 or one.name][:MAX_CARDS]
    chosen = chosen or list(people[:MAX_SHEET])
    most = max(4, min(MAX_SHEET, MAX_PICTURES // max(1, len(chosen))))
    return [_card(one, album, videos, most) for one in chosen]


def shot(row: LogRow, album: Album) -> Shot:
    """A face with the place at which it was seen."""
    return Shot(picture=album.thumb(row.face), video=PurePosixPath(row.video).name, time=clock(row.face_s), row=row)


def _card(who: Somebody, album: Album, videos: dict[str, Video], most: int) -> Card:
    best_first = sorted(who.rows, key=lambda row: (-row.quality, row.appearance_id))
    lanes = by_video(who.rows, videos)
    return Card(
        who=who,
        cover=album.cover(who.best.face),
        sheet=tuple(shot(row, album) for row in best_first[:most]),
        lanes=tuple(lanes[:MAX_LANES]),
        more_lanes=max(0, len(lanes) - MAX_LANES),
        rows=who.rows[:MAX_ROWS],
        more_rows=max(0, len(who.rows) - MAX_ROWS),
    )


def _somebody(rows: list[LogRow], claims: Sequence[NameClaim]) -> Somebody:
    dated = sorted((row for row in rows if row.recorded_at), key=lambda row: row.recorded_at) or rows
    named = [claim for claim in claims if not claim.alias]
    sure = [row.probability for row in rows if row.probability is not None]
    return Somebody(
        id=rows[0].person_id,
        name=rows[0].name,
        claim=named[-1] if named and named[-1].name else None,
        videos=len({row.video_sha256 for row in rows}),
        appearances=len({row.source_id for row in rows}),
        confirmed=sum(row.status == "confirmed" for row in rows),
        seconds=sum(row.end_s - row.start_s for row in rows),
        first=dated[0],
        last=dated[-1],
        best=max(rows, key=lambda row: (row.quality, row.appearance_id)),
        weakest=min(sure, default=None),
        usual=median(sure) if sure else None,
        rows=tuple(rows),
    )
