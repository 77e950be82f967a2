"""Constrained average linkage: the surest pair of groups joins first, until none is above the operating point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from crossid.errors import SettingsError
from crossid.people.bonds import Bonds, reached

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from crossid.people import Constraints

HEIGHTS = (8.0, 5.0, 2.0, 0.0)
"""Log-odds down to which groups grow, one after the other: of high ones little of the graph has to be looked at, and
those that have grown are few."""
TOGETHER = -12.0
"""Log-odds that two tracks seen at one moment in two places are one person: mirrors and screens are rare."""


class AgglomerativeClusterer:
    """Average linkage from single appearances up."""

    def cluster(self, graph: csr_array, constraints: Constraints) -> NDArray[np.int64]:
        """Labels (N,), numbered in the order of each group's first row."""
        return grown(graph, constraints, np.arange(graph.shape[0]))


def grown(graph: csr_array, constraints: Constraints, begun: NDArray[np.int64]) -> NDArray[np.int64]:
    """Labels (N,) of the groups by constrained average linkage.

    Args:
        graph: Sparse symmetric log-odds (N, N).
        constraints: Must-links are joined first; groups with a cannot-link between them never join.
        begun: (N,) labels of groups that are one from the start.

    Raises:
        SettingsError: must-links and cannot-links contradict each other.
    """
    must, cannot = pairs_of(constraints.must), pairs_of(constraints.cannot)
    labels = joined(begun, must)
    refuse_contradictions(labels, cannot)
    together = pairs_of(constraints.together)
    for height in HEIGHTS:
        bonds = Bonds(graph, labels, cannot, together, TOGETHER, within=reached(graph, labels, height))
        bonds.grow(height)
        labels = bonds.labels
    return labels


def pairs_of(pairs: Iterable[tuple[int, int]]) -> NDArray[np.int64]:
    """The same pairs as an array (K, 2)."""
    return np.array(list(pairs), dtype=np.int64).reshape(-1, 2)


def joined(labels: NDArray[np.int64], must: NDArray[np.int64]) -> NDArray[np.int64]:
    """The labels (N,) with the groups of must-linked rows (K, 2) made one, from 0 on, by first row."""
    ends = labels[must]
    size = int(labels.max(initial=-1)) + 1
    links = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(size, size))
    return renumbered(connected_components(links, directed=False)[1].astype(np.int64)[labels])


def renumbered(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same groups, numbered from 0 in the order of their first rows."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[inverse], dtype=np.int64)


def set_apart(labels: NDArray[np.int64], alone: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The labels (N,) with some rows in groups of their own, from 0 on without gaps."""
    labels = labels.copy()
    labels[alone] = labels.max(initial=-1) + 1 + np.arange(alone.sum())
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def refuse_contradictions(labels: NDArray[np.int64], cannot: NDArray[np.int64]) -> None:
    """Raise SettingsError where rows (K, 2) that must stay apart have one label."""
    torn = np.flatnonzero(labels[cannot[:, 0]] == labels[cannot[:, 1]])
    if len(torn):
        one, other = cannot[torn[0]].tolist()
        raise SettingsError(
            f"Appearances {one} and {other} are ruled to be one person, and to be two.",
            remedy="Undo one of the rulings.",
        )
