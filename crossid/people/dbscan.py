"""DBSCAN on the sparse graph: dense cores on the one hand, noise on the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

ENTRIES = 4_000_000
"""Pairs of a graph that are held a second time, at once."""


def cores(graph: csr_array, log_odds: float, neighbours: int = 2) -> NDArray[np.int64]:
    """Label (N,) of the dense core that each appearance lies in, -1 for all that is no core point.

    The core points of DBSCAN (Ester et al. 1996): connected components of the points that have
    enough neighbours. Border points, which could go to either of two cores, count as no core: so
    the answer does not depend on the order of input (Schubert et al. 2017).

    Args:
        graph: Sparse log-odds (N, N).
        log_odds: Two appearances are neighbours from here on.
        neighbours: How many neighbours make a core point.
    """
    near = links(graph, log_odds)
    core = np.diff(near.indptr) >= neighbours
    both = core[near.indices] & np.repeat(core, np.diff(near.indptr))
    ends = np.append(0, np.cumsum(both))[near.indptr].astype(near.indptr.dtype)
    inside = csr_array((near.data[both], near.indices[both], ends), shape=graph.shape)
    labels = np.asarray(connected_components(inside, directed=False)[1], dtype=np.int64)
    labels[~core] = -1
    labels[core] = np.unique(labels[core], return_inverse=True)[1]
    return labels


def links(graph: csr_array, log_odds: float, *, once: bool = False) -> csr_array:
    """Who is a neighbour of whom (N, N), all ones: pairs of these log-odds and more; `once`: of the earlier row."""
    columns, counts = [np.empty(0, graph.indices.dtype)], np.zeros(graph.shape[0], np.int64)
    for start in range(0, graph.nnz, ENTRIES):
        near = start + np.flatnonzero(graph.data[start : start + ENTRIES] >= log_odds)
        rows, others = np.searchsorted(graph.indptr, near, "right") - 1, graph.indices[near]
        if once:
            rows, others = rows[others > rows], others[others > rows]
        columns.append(others)
        counts += np.bincount(rows, minlength=len(counts))
    ends = np.append(0, np.cumsum(counts)).astype(graph.indptr.dtype)
    held = np.concatenate(columns)
    return csr_array((np.ones(len(held), np.int8), held, ends), shape=graph.shape)


def blocks(
    graph: csr_array, rows: NDArray[np.intp], groups: NDArray[np.int32] | None = None
) -> Iterator[tuple[NDArray[np.intp], csr_array]]:
    """Some rows of a graph, a few at a time, each few with their part of it: less is held at once.

    Args:
        graph: Sparse (N, N).
        rows: (R,) of it, by group where there are groups.
        groups: (R,) rising; rows of one group come together.
    """
    ends = np.cumsum(np.diff(graph.indptr)[rows], dtype=np.int64)
    start = 0
    while start < len(rows):
        full = (ends[start - 1] if start else 0) + ENTRIES
        stop = max(int(np.searchsorted(ends, full, "right")), start + 1)
        if groups is not None:
            stop = int(np.searchsorted(groups, groups[stop - 1], "right"))
        yield rows[start:stop], graph[rows[start:stop]]
        start = stop
