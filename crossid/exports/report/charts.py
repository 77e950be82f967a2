"""Counts as bars: how often people are seen, how sure crossid is, how much was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossid.wording import duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crossid.types import Coverage, LogRow

SIZES = ((1, 1), (2, 2), (3, 3), (4, 5), (6, 10), (11, 20), (21, 50), (51, 10**9))
PROBABILITIES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
"""Lower ends of the bins; the last one ends at 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One bar: what it counts, how many, and its height in per cent of the highest."""

    label: str
    count: int
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of the footage: what became of it, how long, in per cent of all."""

    kind: str
    words: str
    seconds: float
    per_cent: float


def sizes(counts: Iterable[int]) -> list[Column]:
    """How many people are seen in how many appearances."""
    counts = list(counts)
    found = [sum(low <= one <= high for one in counts) for low, high in SIZES]
    labels = [f"{low}" if low == high else f"{low}+" if high == 10**9 else f"{low}-{high}" for low, high in SIZES]
    return _columns(labels, found)


def probabilities(rows: Iterable[LogRow]) -> list[Column]:
    """How many links are how probable."""
    values = [row.probability for row in rows if row.probability is not None]
    ends = [*PROBABILITIES[1:], 1.01]
    found = [sum(low <= one < high for one in values) for low, high in zip(PROBABILITIES, ends, strict=True)]
    labels = ["< 0.5", *(f"{low:g}+" for low in PROBABILITIES[1:])]
    return _columns(labels, found) if values else []


def shares(coverage: Sequence[Coverage]) -> list[Share]:
    """What became of the footage; the parts sum up to all of it."""
    total_s = sum(one.duration_s for one in coverage)
    parts = {
        "looked": ("looked at", sum(one.looked_at_s for one in coverage)),
        "still": ("nothing moved, checked at intervals", sum(one.still_s for one in coverage)),
        "dark": ("too dark", sum(one.dark_s for one in coverage)),
        "unreadable": ("unreadable", sum(one.unreadable_s for one in coverage)),
        "unwatched": ("not watched yet", sum(one.unwatched_s for one in coverage)),
    }
    known_s = max(total_s, sum(seconds for _, seconds in parts.values()))
    parts["rest"] = ("of which nothing is known", known_s - sum(seconds for _, seconds in parts.values()))
    return [
        Share(
            kind=kind,
            words=f"{duration(seconds)} {words}",
            seconds=seconds,
            per_cent=round(100 * seconds / known_s, 2),
        )
        for kind, (words, seconds) in parts.items()
        if known_s and seconds >= 0.05
    ]


def _columns(labels: Sequence[str], found: Sequence[int]) -> list[Column]:
    most = max(found, default=0) or 1
    return [
        Column(label=label, count=count, height=round(100 * count / most, 1))
        for label, count in zip(labels, found, strict=True)
    ]
