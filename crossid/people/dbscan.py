"""DBSCAN on the sparse graph: dense cores on the one hand, noise on the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from numpy.typing import NDArray


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


def links(graph: csr_array, log_odds: float) -> csr_array:
    """Who is a neighbour of whom (N, N), all ones: pairs of these log-odds and more."""
    near = np.flatnonzero(graph.data >= log_odds)
    ends = np.searchsorted(near, graph.indptr).astype(graph.indptr.dtype)
    return csr_array((np.ones(len(near), np.int8), graph.indices[near], ends), shape=graph.shape)
