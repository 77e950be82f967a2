"""Who appears with whom: pairs, a matrix and a graph of those who are seen most."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from crossid.types import LogRow

WIDTH, HEIGHT, RADIUS = 960.0, 600.0, 22.0
"""Of the graph, in its own units."""
STEPS = 400
TIES = 4
"""Lines that are drawn from each person: of all, the eye could follow none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two people: in how many videos both are seen, and for how many seconds at the same time."""

    videos: int
    together_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Somebody in the graph."""

    person: str
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A line of the graph between two points; `weight` in (0, 1], dashed if the two are never seen at once."""

    ends: tuple[float, float, float, float]
    weight: float
    dashed: bool
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Nodes and edges on a plane of `WIDTH` by `HEIGHT`."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    width: float
    height: float


def pairs(rows: Iterable[LogRow], people: Iterable[str]) -> dict[tuple[str, str], Pair]:
    """Every two of `people` who are seen in one video; the ids of a pair are in order."""
    wanted = set(people)
    seen: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for row in rows:
        if row.person_id in wanted:
            seen.setdefault(row.video_sha256, {}).setdefault(row.person_id, []).append((row.start_s, row.end_s))
    found: dict[tuple[str, str], Pair] = {}
    for presences in seen.values():
        for one, other in combinations(sorted(presences), 2):
            before = found.get((one, other), Pair(videos=0, together_s=0.0))
            both_s = sum(_overlap(a, b) for a in presences[one] for b in presences[other])
            found[one, other] = Pair(videos=before.videos + 1, together_s=before.together_s + both_s)
    return found


def graph(found: dict[tuple[str, str], Pair], people: Sequence[str]) -> Graph:
    """Those of `people` who are seen with somebody, the closer the more often (Fruchterman and Reingold 1991)."""
    tied = [person for person in people if any(person in pair for pair in found)]
    height = HEIGHT if len(tied) > 12 else HEIGHT * 0.62
    if not tied:
        return Graph(nodes=(), edges=(), width=WIDTH, height=height)
    place = {person: number for number, person in enumerate(tied)}
    most = max(pair.videos for pair in found.values())
    links = np.zeros((len(tied), len(tied)))
    for (one, other), pair in found.items():
        links[place[one], place[other]] = links[place[other], place[one]] = pair.videos / most
    at = _fitted(_settled(links), height)
    nodes = tuple(Node(person=person, x=round(x, 1), y=round(y, 1)) for person, (x, y) in zip(tied, at, strict=True))
    edges = tuple(
        Edge(
            ends=(nodes[place[one]].x, nodes[place[one]].y, nodes[place[other]].x, nodes[place[other]].y),
            weight=round(pair.videos / most, 2),
            dashed=not pair.together_s,
            title=f"{one} and {other}: {pair_words(pair)}",
        )
        for one, other in _strongest(found)
        for pair in [found[one, other]]
    )
    return Graph(nodes=nodes, edges=edges, width=WIDTH, height=height)


def pair_words(pair: Pair) -> str:
    """How close two people are, in words."""
    videos = f"{pair.videos} video{'' if pair.videos == 1 else 's'} in common"
    return f"{videos}, {pair.together_s:.1f} s seen at the same time" if pair.together_s else f"{videos}, never at once"


def _strongest(found: dict[tuple[str, str], Pair]) -> list[tuple[str, str]]:
    """The pairs that are among the `TIES` strongest of one of the two, the weakest first."""
    ranked = sorted(found, key=lambda pair: (-found[pair].videos, -found[pair].together_s, pair))
    drawn: dict[str, int] = {}
    chosen = []
    for one, other in ranked:
        if min(drawn.get(one, 0), drawn.get(other, 0)) < TIES:
            chosen.append((one, other))
            drawn[one], drawn[other] = drawn.get(one, 0) + 1, drawn.get(other, 0) + 1
    return chosen[::-1]


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Seconds; who is seen at the same moment only is seen together for a tenth of one."""
    start, end = max(one[0], other[0]), min(one[1], other[1])
    return max(end - start, 0.1) if end >= start else 0.0


def _settled(links: NDArray[np.float64]) -> NDArray[np.float64]:
    """Positions (N, 2) around the origin; the same every time."""
    count = len(links)
    angles = np.arange(count) * (np.pi * (3 - 5**0.5))  # a sunflower: no two start at one place
    at = np.stack([np.cos(angles), np.sin(angles)], axis=1) * np.sqrt(np.arange(1, count + 1) / count)[:, None]
    near = 1.4 / np.sqrt(count)
    for step in range(STEPS):
        apart = at[:, None] - at[None]
        distance = np.maximum(np.linalg.norm(apart, axis=2), 1e-3)
        pushes = near**2 / distance**2
        pulls = links * distance / near
        force = (apart / distance[..., None] * (pushes - pulls)[..., None]).sum(axis=1) - 0.4 * at
        length = np.maximum(np.linalg.norm(force, axis=1, keepdims=True), 1e-9)
        at = at + force / length * np.minimum(length, 0.1 * (1 - step / STEPS) + 1e-3)
    return at


def _fitted(at: NDArray[np.float64], height: float) -> NDArray[np.float64]:
    """Positions stretched over the plane, with faces pushed apart until none covers another."""
    low, high = at.min(axis=0), at.max(axis=0)
    size = np.array([WIDTH, height])
    margin = np.array([RADIUS + 24, RADIUS + 26])
    span = np.where(high - low > 1e-9, high - low, 1.0)
    at = np.where(high - low > 1e-9, (at - low) / span, 0.5) * (size - 2 * margin) + margin
    for _ in range(120):
        apart = at[:, None] - at[None]
        # An id stands below each face, so more room is needed between two that lie one above the other.
        distance = np.linalg.norm(apart * [1.0, 0.86], axis=2) + np.eye(len(at)) * 1e6
        short = np.maximum(0.0, 3.0 * RADIUS - distance)
        at = at + (apart / np.maximum(distance, 1e-3)[..., None] * short[..., None]).sum(axis=1) / 2
        at = np.clip(at, margin, size - margin)
    return at
