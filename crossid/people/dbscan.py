"""DBSCAN on the sparse graph: dense cores on the one hand, noise on the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.cluster import DBSCAN

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

CEILING = 60.0
"""Log-odds from which two appearances are as near as can be; distance is what is missing to it."""


def cores(graph: csr_array, log_odds: float, neighbours: int = 2) -> NDArray[np.int64]:
    """Label (N,) of the dense core that each appearance lies in, -1 for all that is no core point.

    Border points, which could go to either of two cores, count as no core: so the answer does not
    depend on the order of input (Ester et al. 1996; Schubert et al. 2017).

    Args:
        graph: Sparse log-odds (N, N).
        log_odds: Two appearances are neighbours from here on.
        neighbours: How many neighbours make a core point.
    """
    size = graph.shape[0]
    near = graph.copy()
    near.data = np.clip(CEILING - near.data, 0, None)
    found = DBSCAN(eps=CEILING - log_odds, min_samples=neighbours + 1, metric="precomputed").fit(near)
    labels = np.full(size, -1, dtype=np.int64)
    points = found.core_sample_indices_
    labels[points] = found.labels_[points]
    return labels
