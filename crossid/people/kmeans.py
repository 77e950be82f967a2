"""Mini-batch k-means (Sculley 2010) on whom appearances resemble, the number of people taken from the data.

Each appearance is described by its links; as many centres are begun as there are peaks of density
(Rodriguez & Laio 2014): appearances without a neighbour that is denser. What hangs together is
clustered on its own, so no matrix is larger than one such piece.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, eye_array
from scipy.sparse.csgraph import connected_components
from sklearn.cluster import MiniBatchKMeans
from sklearn.preprocessing import normalize

from crossid.people.contraction import obeying
from crossid.people.density import shared_links
from crossid.people.spectral import between

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crossid.people import Constraints

BATCH = 1024


class KMeansClusterer:
    """As many people as there are peaks of density; nobody stays with those whom they do not resemble."""

    def cluster(self, graph: csr_array, constraints: Constraints) -> NDArray[np.int64]:
        """Labels (N,), numbered in the order of each group's first row."""
        return obeying(graph, constraints, centred)


def centred(graph: csr_array) -> NDArray[np.int64]:
    """Labels (N,) of the groups about each centre."""
    links = shared_links(graph)
    labels = np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)
    order = np.argsort(labels, kind="stable")
    count = labels.max() + 1
    for rows in np.split(order, np.flatnonzero(np.diff(labels[order])) + 1):
        if len(rows) > 2:
            found = _about_centres(links[rows][:, rows])
            labels[rows] = count + _leave(graph[rows][:, rows], found)
            count = labels.max() + 1
    return labels


def _about_centres(links: csr_array) -> NDArray[np.int64]:
    """Labels (N,) of one piece, whatever the order of its rows: they are clustered in order of density."""
    density = np.sort(links.toarray(), axis=1).sum(axis=1)  # sorted: the same sum in whatever order
    order = np.lexsort((links.max(axis=1).toarray().ravel(), density))
    ranked, density = links[order][:, order], density[order]
    pairs = ranked.tocoo()
    peaks = np.setdiff1d(np.arange(len(order)), pairs.row[density[pairs.col] > density[pairs.row]])
    labels = np.zeros(len(order), np.int64)
    if len(peaks) > 1:
        profiles = normalize(csr_array(ranked + eye_array(len(order), format="csr") * ranked.max()))
        profiles.indices, profiles.indptr = profiles.indices.astype(np.int32), profiles.indptr.astype(np.int32)
        means = MiniBatchKMeans(
            len(peaks),
            init=profiles[peaks].toarray(),
            n_init=1,
            batch_size=BATCH,
            random_state=0,
            reassignment_ratio=0,
        )
        labels[order] = means.fit_predict(profiles)
    return labels


def _leave(graph: csr_array, labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The labels, with those on their own who resemble the rest of their group less than the operating point."""
    labels = labels.copy()
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        if len(rows) < 2:
            continue
        inside = graph[rows][:, rows]
        strange = [row for row in range(len(rows)) if between(inside, np.arange(len(rows)) == row) < 0]
        labels[rows[strange]] = labels.max() + 1 + np.arange(len(strange))
    return labels
