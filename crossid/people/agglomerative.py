"""Average linkage on sparse log-odds, under constraints.

Two groups join while the mean log-odds over all pairs between them is above zero, the surest first;
a pair that the graph does not hold counts as `UNLIKE`. Average linkage (UPGMA, Sokal & Michener
1958) asks everybody: one look-alike does not chain two people together.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from crossid.errors import SettingsError
from crossid.people import UNLIKE, Constraints

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from scipy.sparse import csr_array


class AgglomerativeClusterer:
    """Average linkage from single appearances up."""

    def cluster(self, graph: csr_array, constraints: Constraints) -> NDArray[np.int64]:
        """Labels (N,), numbered in the order of each group's first row."""
        return merge(graph, constraints, ())


def merge(graph: csr_array, constraints: Constraints, begun: Iterable[Iterable[int]]) -> NDArray[np.int64]:
    """Labels (N,) by constrained average linkage.

    Args:
        graph: Sparse symmetric log-odds (N, N).
        constraints: Must-links are joined first; groups with a cannot-link between them never join.
        begun: Groups that are one from the start.

    Raises:
        SettingsError: must-links and cannot-links contradict each other.
    """
    forest = _Forest(graph, constraints.cannot)
    for one, other in constraints.must:
        forest.join_rows(one, other)
    for group in begun:
        first, *rest = sorted(group)
        for row in rest:
            forest.join_rows(first, row)
    forest.grow()
    return forest.labels()


class _Forest:
    """Groups of rows, and the sums of log-odds between groups."""

    def __init__(self, graph: csr_array, cannot: Iterable[tuple[int, int]]) -> None:
        size = graph.shape[0]
        self._members: dict[int, list[int]] = {row: [row] for row in range(size)}
        self._home = list(range(size))
        self._enemies: dict[int, set[int]] = {row: set() for row in range(size)}
        for one, other in cannot:
            self._enemies[one].add(other)
            self._enemies[other].add(one)
        self._links: list[dict[int, tuple[float, int]]] = [{} for _ in range(size)]
        upper = graph.tocoo()
        for row, column, value in zip(upper.row.tolist(), upper.col.tolist(), upper.data.tolist(), strict=True):
            self._links[row][column] = (value, 1)
        self._version = [0] * size

    def join_rows(self, one: int, other: int) -> None:
        """Join the groups of two rows, whatever their log-odds."""
        first, second = self._home[one], self._home[other]
        if first == second:
            return
        if second in self._enemies[first]:
            raise SettingsError(
                f"Appearances {one} and {other} are ruled to be one person, and to be two.",
                remedy="Undo one of the rulings.",
            )
        self._join(first, second)

    def grow(self) -> None:
        """Join the surest pair of groups until no pair's mean is above zero."""
        heap = [entry for group in self._members for entry in self._candidates(group) if entry[1] < entry[2]]
        heapq.heapify(heap)
        while heap:
            _, first, second, born_first, born_second = heapq.heappop(heap)
            if self._version[first] != born_first or self._version[second] != born_second:
                continue
            kept = self._join(first, second)
            for entry in self._candidates(kept):
                heapq.heappush(heap, entry)

    def labels(self) -> NDArray[np.int64]:
        """Group of each row, numbered by first row."""
        number = {
            group: place for place, group in enumerate(sorted(self._members, key=lambda g: min(self._members[g])))
        }
        return np.array([number[group] for group in self._home], dtype=np.int64)

    def _candidates(self, group: int) -> list[tuple[float, int, int, int, int]]:
        entries = []
        for other, (total, count) in self._links[group].items():
            if other in self._enemies[group]:
                continue
            pairs = len(self._members[group]) * len(self._members[other])
            mean = (total + (pairs - count) * UNLIKE) / pairs
            if mean > 0:
                first, second = min(group, other), max(group, other)
                entries.append((-mean, first, second, self._version[first], self._version[second]))
        return entries

    def _join(self, first: int, second: int) -> int:
        """Make one of two groups; the one with more links takes the other in. Returns who stays."""
        stays, goes = (first, second) if len(self._links[first]) >= len(self._links[second]) else (second, first)
        for row in self._members[goes]:
            self._home[row] = stays
        self._members[stays] += self._members.pop(goes)
        for other, (total, count) in self._links[goes].items():
            del self._links[other][goes]
            if other != stays:
                before, counted = self._links[stays].get(other, (0.0, 0))
                self._links[stays][other] = self._links[other][stays] = (before + total, counted + count)
        self._links[goes] = {}
        for enemy in self._enemies.pop(goes):
            self._enemies[enemy].discard(goes)
            self._enemies[enemy].add(stays)
            self._enemies[stays].add(enemy)
        self._version[stays] += 1
        self._version[goes] += 1
        return stays
