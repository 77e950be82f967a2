"""DBSCAN on shared neighbours: a link counts where both ends have the same neighbours.

Plain DBSCAN chains: one look-alike joins two people. With the number of shared neighbours for a
similarity (Ertöz, Steinbach & Kumar 2003) a link between two dense groups that share nobody is none. Two
neighbours make a core point, as in most face archives that use DBSCAN; so there are no border points, and
the order of input does not matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array, eye_array

from crossid.people.contraction import obeying
from crossid.people.dbscan import cores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crossid.people import Constraints

SHARED = 0.5
"""Of the neighbours of either end (each its own neighbour), more than this share are both's, for a link to count."""
ENTRIES = 4_000_000
"""Neighbours that are held at once while they are compared."""


class DbscanClusterer:
    """Cores of shared neighbours; whoever has no neighbour is alone."""

    def cluster(self, graph: csr_array, constraints: Constraints) -> NDArray[np.int64]:
        """Labels (N,), numbered in the order of each group's first row."""
        return obeying(graph, constraints, dense_groups)


def dense_groups(graph: csr_array) -> NDArray[np.int64]:
    """Labels (N,) of the groups that links between sharers make."""
    labels = cores(shared_links(graph), 0.0, neighbours=1)
    alone = labels < 0
    labels[alone] = labels.max(initial=-1) + 1 + np.arange(alone.sum())
    return labels


def shared_links(graph: csr_array) -> csr_array:
    """The links above zero (N, N) whose ends share more than `SHARED` of their neighbours."""
    pairs = graph.tocoo()
    above = pairs.data > 0
    rows, columns, values = pairs.row[above], pairs.col[above], pairs.data[above]
    size = graph.shape[0]
    near = csr_array(coo_array((np.ones(len(rows), np.float32), (rows, columns)), shape=(size, size)))
    near = csr_array(near + eye_array(size, dtype=np.float32, format="csr"))
    degrees = np.diff(near.indptr)
    shared = _shared(near, rows, columns)
    held = shared > SHARED * (degrees[rows] + degrees[columns] - shared)
    return csr_array(coo_array((values[held], (rows[held], columns[held])), shape=(size, size)))


def _shared(near: csr_array, rows: NDArray[np.int32], columns: NDArray[np.int32]) -> NDArray[np.float32]:
    """How many neighbours the two ends of each link share; only links are looked at, never all pairs."""
    parts = [np.empty(0, np.float32)]
    block = max(1, ENTRIES // max(1, int(np.diff(near.indptr).max(initial=1))))
    for start in range(0, len(rows), block):
        part = slice(start, start + block)
        parts.append(np.asarray(near[rows[part]].multiply(near[columns[part]]).sum(axis=1), np.float32).ravel())
    return np.concatenate(parts)
