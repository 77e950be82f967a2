"""DBSCAN on the sparse graph: dense cores on the one hand, noise on the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array


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
    size = graph.shape[0]
    pairs = graph.tocoo()
    near = pairs.data >= log_odds
    rows, columns = pairs.row[near], pairs.col[near]
    core = np.bincount(rows, minlength=size) >= neighbours
    both = core[rows] & core[columns]
    links = coo_array((np.ones(both.sum()), (rows[both], columns[both])), shape=(size, size))
    labels = np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)
    labels[~core] = -1
    labels[core] = np.unique(labels[core], return_inverse=True)[1]
    return labels
