"""Lanes: a line per video or per person, with a bar wherever somebody is seen. Lengths are per cent of the line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossid.wording import clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crossid.types import LogRow, Video

MIN_WIDTH = 0.8
"""Shorter bars could not be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """An appearance: where it stands and how long it is in per cent, what it says, how sure it is [0, 1]."""

    left: float
    width: float
    title: str
    sure: float
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A line with bars. `target` is the anchor that its label leads to, `detail` stands at its end."""

    label: str
    target: str
    detail: str
    bars: tuple[Bar, ...]


def by_video(rows: Iterable[LogRow], videos: dict[str, Video]) -> list[Lane]:
    """One person: a lane for each of their videos, from its start to its end."""
    grouped: dict[str, list[LogRow]] = {}
    for row in rows:
        grouped.setdefault(row.video_sha256, []).append(row)
    lanes = []
    for video_id, seen in grouped.items():
        length_s = videos[video_id].duration_s
        detail = "photograph" if videos[video_id].kind == "still" else clock(length_s)
        bars = tuple(_bar(row, length_s) for row in seen)
        lanes.append(Lane(label=seen[0].video, target=video_anchor(video_id), detail=detail, bars=bars))
    return lanes


def by_person(rows: Iterable[LogRow], length_s: float, order: Sequence[str]) -> list[Lane]:
    """One video: a lane for each person, those in front of `order` first."""
    grouped: dict[str, list[LogRow]] = {}
    for row in rows:
        grouped.setdefault(row.person_id, []).append(row)
    rank = {person: place for place, person in enumerate(order)}
    return [
        Lane(
            label=grouped[person][0].name,
            target=person,
            detail=clock(sum(row.end_s - row.start_s for row in grouped[person])),
            bars=tuple(_bar(row, length_s) for row in grouped[person]),
        )
        for person in sorted(grouped, key=lambda one: rank.get(one, len(rank)))
    ]


def video_anchor(video_id: str) -> str:
    """Where a video stands on the page."""
    return f"V-{video_id[:16]}"


def placed(left: float, right: float) -> tuple[float, float]:
    """Left edge and width of a bar that can be seen and lies within the line."""
    width = min(100.0, max(MIN_WIDTH, right - left))
    return round(min(max(0.0, left), 100.0 - width), 2), round(width, 2)


def title_of(row: LogRow) -> str:
    """What a bar says when it is pointed at."""
    sure = "" if row.probability is None else f", probability {row.probability:.2f}"
    return f"{clock(row.start_s)} to {clock(row.end_s)}, {row.status}{sure}"


def _bar(row: LogRow, length_s: float) -> Bar:
    if length_s <= 0:  # a photograph, or a file that holds one picture
        left, width = 0.0, 100.0
    else:
        left, width = placed(100 * row.start_s / length_s, 100 * row.end_s / length_s)
    return Bar(left=left, width=width, title=title_of(row), sure=sureness(row), status=row.status)


def sureness(row: LogRow) -> float:
    """How strongly an appearance is drawn [0.25, 1]: what a reviewer confirmed fully, what is doubtful faintly."""
    if row.status == "confirmed" or row.probability is None:
        return 1.0
    return round(max(0.25, row.probability**3), 2)
