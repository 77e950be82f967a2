"""The default clusterer: DBSCAN sets dense cores apart from the rest, average linkage merges both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crossid.people.agglomerative import merge
from crossid.people.dbscan import cores
from crossid.people.reexamination import reexamine

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from crossid.people import Constraints

SURE = 4.0
"""Log-odds above the operating point at which neighbours make a dense core."""


class HybridClusterer:
    """Neighbour graph → DBSCAN cores and noise → constrained average linkage of both → what is left, once more."""

    def cluster(self, graph: csr_array, constraints: Constraints) -> NDArray[np.int64]:
        """Labels (N,); a core that rulings touch, or that is not alike all through, is left in single rows."""
        if graph.shape[0] == 0:
            return np.empty(0, dtype=np.int64)
        labels = cores(graph, SURE)
        groups = [np.flatnonzero(labels == label) for label in range(labels.max(initial=-1) + 1)]
        sound = [group for group in groups if _alike(graph, group) and not _ruled(group, constraints)]
        merged = merge(graph, constraints, [group.tolist() for group in sound])
        return reexamine(graph, merged, constraints.cannot)


def _alike(graph: csr_array, group: NDArray[np.intp]) -> bool:
    """Whether everybody in a group is, on the mean, alike to the rest of it: chains are not."""
    inside = graph[group][:, group]
    degree = np.asarray(inside.sum(axis=1)).ravel()
    return bool(degree.min() > 0 and inside.nnz >= len(group) * (len(group) - 1))


def _ruled(group: NDArray[np.intp], constraints: Constraints) -> bool:
    """Whether a must-link touches a group, or a cannot-link tears it."""
    members = set(group.tolist())
    linked = any(one in members or other in members for one, other in constraints.must)
    return linked or any(one in members and other in members for one, other in constraints.cannot)
