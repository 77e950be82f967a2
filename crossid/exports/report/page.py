"""Puts the page together: what is known becomes what is shown, and the template draws it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from crossid.exports.report import charts
from crossid.exports.report.album import Album
from crossid.exports.report.company import graph, pair_words, pairs
from crossid.exports.report.lanes import by_person, video_anchor
from crossid.exports.report.persons import Shot, Somebody, Tile, cards, everybody, shot
from crossid.exports.report.wallclock import wall_clock
from crossid.wording import asked, by_chance, clock, count, duration, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crossid.exports import Findings
    from crossid.exports.report.lanes import Lane
    from crossid.types import Coverage, LogRow, Question, Video

MAX_MATRIX, MAX_GRAPH, MAX_CLOCK = 24, 40, 40
MAX_VIDEOS, MAX_VIDEO_PEOPLE = 150, 12
MAX_QUESTIONS, MAX_DOUBTS, DOUBTFUL = 24, 24, 0.9
MAX_UNIDENTIFIED = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A video on the page, with a lane for each of the people in it."""

    video: Video
    anchor: str
    coverage: Coverage | None
    lanes: tuple[Lane, ...]
    more: int
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Something to look at: two faces side by side, and why; `right` is None where there is nothing to compare."""

    words: str
    why: str
    left: Shot
    right: Shot | None
    people: tuple[str, ...]
    probability: float | None


def render(findings: Findings, *, linked: bool) -> str:
    """The page; see `crossid.exports.render_report`."""
    environment = Environment(
        loader=PackageLoader("crossid.exports.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters |= {
        "clock": clock,
        "duration": duration,
        "count": count,
        "moment": moment,
        "by_chance": by_chance,
        "file": lambda path: PurePosixPath(path).name,
        "pair": pair_words,
    }
    return environment.get_template("report.html.j2").render(linked=linked, **_context(findings))


def moment(at: datetime | str) -> str:
    """A moment as people read it: "6 January 2021, 14:02:11 UTC"; "" stays ""."""
    if not at:
        return ""
    when = datetime.fromisoformat(at) if isinstance(at, str) else at
    offset = when.utcoffset()
    zone = " (no time zone given)" if offset is None else f" {when.tzname() or 'UTC'}"
    return f"{when.day} {when:%B %Y, %H:%M:%S}{zone}"


def _shown(value: Any) -> Any:
    """Every text on its way into the page; what the page itself made passes as it is."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _context(findings: Findings) -> dict[str, Any]:
    """Everything the template speaks of."""
    album = Album(findings.portrait)
    videos = {video.id: video for video in findings.videos}
    people = everybody(findings.rows, findings.claims)
    shown = cards(people, album, videos)
    carded = {card.who.id for card in shown}
    tiles = [Tile(who=one, picture=album.thumb(one.best.face)) for one in people if one.id not in carded]
    standing = [row for row in findings.rows if row.person_id and row.status != "rejected"]
    nobody = [row for row in findings.rows if not row.person_id]
    order = [one.id for one in people]
    films = list(_films(findings, standing, order))
    doubts, doubtful = _doubts(standing, people, album)
    shown_first = findings.questions[:MAX_QUESTIONS]
    questions = [one for question in shown_first for one in _question(question, findings.rows, people, album)]
    return {
        "findings": findings,
        "last": findings.runs[-1] if findings.runs else None,
        "people": people,
        "cards": shown,
        "tiles": tiles,
        "standing": standing,
        "links_wrong": sum(1 - row.probability for row in standing if row.probability is not None),
        "coverage": _coverage(findings.coverage),
        "sizes": charts.sizes(one.appearances for one in people),
        "probabilities": charts.probabilities(standing),
        "clock": wall_clock(standing, findings.videos, order[:MAX_CLOCK]),
        "company": _company(standing, order, people, album),
        "films": films[:MAX_VIDEOS],
        "more_films": films[MAX_VIDEOS:],
        "questions": questions,
        "more_questions": max(0, len(findings.questions) - MAX_QUESTIONS),
        "doubts": doubts,
        "doubtful": doubtful,
        "unidentified": [shot(row, album) for row in _best(nobody)[:MAX_UNIDENTIFIED]],
        "nobody": len(nobody),
        "rejected": sum(row.status == "rejected" for row in findings.rows),
        "settings": list(_flat(findings.runs[-1].run.settings)) if findings.runs else [],
        "limits": {"matrix": MAX_MATRIX, "graph": MAX_GRAPH, "clock": MAX_CLOCK, "doubts": MAX_DOUBTS},
    }


def _coverage(coverage: Sequence[Coverage]) -> dict[str, Any]:
    total_s = sum(one.duration_s for one in coverage)
    blind_s = sum(one.dark_s + one.unreadable_s + one.unwatched_s for one in coverage)
    return {
        "total_s": total_s,
        "seen_s": max(0.0, total_s - blind_s),
        "unwatched_s": sum(one.unwatched_s for one in coverage),
        "missable_s": max((one.missable_s for one in coverage), default=0.0),
        "pictures": sum(one.pictures for one in coverage),
        "looked_at": sum(one.looked_at for one in coverage),
        "shares": charts.shares(coverage),
    }


def _company(rows: Sequence[LogRow], order: Sequence[str], people: Sequence[Somebody], album: Album) -> dict[str, Any]:
    found = pairs(rows, order[:MAX_GRAPH])
    across = [one for one in people[:MAX_MATRIX] if any(one.id in pair for pair in found)]
    most = max((pair.videos for pair in found.values()), default=1)
    faces = {one.id: (album.thumb(one.best.face), one.name) for one in people[:MAX_GRAPH]}
    return {
        "pairs": found,
        "across": across,
        "most": most,
        "graph": graph(found, order[:MAX_GRAPH]),
        "faces": faces,
        "of": len(people),
    }


def _films(findings: Findings, rows: Sequence[LogRow], order: Sequence[str]) -> Iterator[Film]:
    """Videos with most people first, equals by name."""
    seen: dict[str, list[LogRow]] = {}
    for row in rows:
        seen.setdefault(row.video_sha256, []).append(row)
    coverage = {one.video_sha256: one for one in findings.coverage}
    people = Counter({video: len({row.person_id for row in there}) for video, there in seen.items()})
    for video in sorted(findings.videos, key=lambda one: (-people[one.id], one.name, one.id)):
        lanes = by_person(seen.get(video.id, ()), video.duration_s, order)
        yield Film(
            video=video,
            anchor=video_anchor(video.id),
            coverage=coverage.get(video.id),
            lanes=tuple(lanes[:MAX_VIDEO_PEOPLE]),
            more=max(0, len(lanes) - MAX_VIDEO_PEOPLE),
            people=len(lanes),
        )


def _doubts(rows: Sequence[LogRow], people: Sequence[Somebody], album: Album) -> tuple[list[Doubt], int]:
    """The least probable links that no reviewer confirmed, beside the person's best face; and how many there are."""
    best = {one.id: one.best for one in people}
    proposed = [(row.probability, row) for row in rows if row.status == "proposed" and row.probability is not None]
    unsure = sorted((one for one in proposed if one[0] < DOUBTFUL), key=lambda one: (one[0], one[1].appearance_id))
    doubts = []
    for probability, row in unsure[:MAX_DOUBTS]:
        other = best[row.person_id]
        right = shot(other, album) if other.appearance_id != row.appearance_id else None
        words = "Is this the same person?" if right else "The best face of this person"
        left = shot(row, album)
        doubts.append(
            Doubt(words=words, why="", left=left, right=right, people=(row.person_id,), probability=probability)
        )
    return doubts, len(unsure)


def _question(open_one: Question, rows: Sequence[LogRow], people: Sequence[Somebody], album: Album) -> list[Doubt]:
    """What crossid asks, as two faces; nothing where whom it asks about is no longer there."""
    best = {one.id: one.best for one in people}
    named = [best[person] for person in open_one.people if person in best]
    told = [row for row in rows if set(row.tracks) & set(open_one.appearances)]
    told = sorted(told, key=lambda row: -row.quality)
    faces = (named if open_one.kind == "same" else [*told[:1], *named])[:2]
    if not faces:
        return []
    right = shot(faces[1], album) if len(faces) > 1 and faces[1].face != faces[0].face else None
    left = shot(faces[0], album)
    words = asked(open_one.kind, open_one.people, open_one.settles)
    return [
        Doubt(
            words=words,
            why=open_one.why,
            left=left,
            right=right,
            people=open_one.people,
            probability=open_one.probability,
        )
    ]


def _best(rows: Sequence[LogRow]) -> list[LogRow]:
    return sorted(rows, key=lambda row: (-row.quality, row.appearance_id))


def _flat(tree: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Settings as "room.key" and text; own models stand among the models, and where they lie is nobody's business."""
    for key, value in tree.items():
        if key in ("models", "calibrations", "licences"):
            continue
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{key}.")
        elif isinstance(value, (list, tuple)):
            yield f"{above}{key}", ", ".join(str(part) for part in value)
        else:
            yield f"{above}{key}", str(value)
