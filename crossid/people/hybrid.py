"""The default clusterer: DBSCAN sets dense cores apart from the rest, average linkage merges both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crossid.people.agglomerative import TOGETHER, grown, pairs_of
from crossid.people.bonds import Bonds
from crossid.people.dbscan import blocks, cores
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
        labels = grown(graph, constraints, _begun(graph, constraints))
        apart = pairs_of(constraints.cannot), pairs_of(constraints.together)
        bonds = Bonds(graph, labels, *apart, TOGETHER)
        reexamine(bonds)
        return bonds.labels


def _begun(graph: csr_array, constraints: Constraints) -> NDArray[np.int64]:
    """A label for each row: that of its core, or one of its own."""
    core = cores(graph, SURE)
    core[np.isin(core, _unsound(graph, core, constraints))] = -1
    alone = core < 0
    core[alone] = core.max(initial=-1) + 1 + np.arange(alone.sum())
    return core


def _unsound(graph: csr_array, core: NDArray[np.int64], constraints: Constraints) -> NDArray[np.int64]:
    """Cores that are chains (not everybody is alike to everybody), and those that rulings or the screen tear."""
    sizes = np.bincount(core[core >= 0])
    held, weak, short = np.zeros(len(sizes), np.int64), [], core.astype(np.int32)
    for rows, block in blocks(graph, np.flatnonzero(core >= 0)):
        counts = np.diff(block.indptr)
        inside = np.repeat(short[rows], counts) == short[block.indices]
        owners = np.repeat(np.arange(len(rows), dtype=np.int32), counts)[inside]
        held += np.bincount(core[rows], np.bincount(owners, minlength=len(rows)), len(sizes)).astype(np.int64)
        sums = np.bincount(owners, weights=block.data[inside], minlength=len(rows))
        weak.append(core[rows[sums <= 0]])
    apart = core[np.concatenate([pairs_of(constraints.cannot), pairs_of(constraints.together)])]
    torn = apart[apart[:, 0] == apart[:, 1], 0]
    chains = np.flatnonzero(held < sizes * (sizes - 1))
    return np.concatenate([chains, *weak, core[pairs_of(constraints.must)].ravel(), torn])
