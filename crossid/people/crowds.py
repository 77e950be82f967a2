"""Whoever is seen more often than lists of the nearest are long, put together from the pieces that a graph leaves.

The graph holds the nearest of each appearance, so many at most. Of somebody who is seen a thousand times it holds
a part of all pairs; the others count as unlike, though nobody has looked, and the person comes in pieces. Between such
pieces the vectors themselves are asked: average linkage goes on where the graph could not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from crossid.people import LEAST, UNLIKE
from crossid.people.agglomerative import TOGETHER, pairs_of, renumbered
from crossid.people.dbscan import links
from crossid.people.nearest import MOST

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from crossid.people import Constraints
    from crossid.people.calibration import Calibration
    from crossid.types import Gallery

WITNESSES = 128
"""Appearances of a piece that speak for it; which ones is drawn by their ids, so it does not depend on their order."""


def rejoined(
    gallery: Gallery,
    calibration: Calibration,
    bar: float,
    graph: csr_array,
    labels: NDArray[np.int64],
    *,
    constraints: Constraints,
) -> NDArray[np.int64]:
    """Labels (N,), the pieces of those who are seen very often made one.

    Args:
        gallery: All appearances.
        calibration: What cosines say.
        bar: Evidence that two groups need.
        graph: Sparse symmetric log-odds (N, N).
        labels: Group of each row (N,), from 0 on.
        constraints: What binds; groups already obey it.
    """
    near = links(graph, 0.0)
    crowded = np.diff(near.indptr) >= MOST
    if not crowded.any():
        return labels
    in_piece = np.isin(labels, labels[crowded])
    rows = np.flatnonzero(in_piece)
    among = near[rows]
    one, other = np.repeat(labels[rows], np.diff(among.indptr)), labels[among.indices]
    held = in_piece[among.indices] & (one != other)
    size = int(labels.max()) + 1
    open_pairs = coo_array((np.ones(held.sum(), np.int8), (one[held], other[held])), shape=(size, size))
    part = connected_components(open_pairs, directed=False)[1]
    pieces = np.unique(labels[rows])
    told, home = _Pieces(gallery, calibration, bar, labels, constraints), np.arange(size)
    for whole in np.unique(part[pieces]):
        alike = pieces[part[pieces] == whole]
        if len(alike) > 1:
            _join(alike, home, told)
    return renumbered(home[labels])


class _Pieces:
    """What pieces say of each other, by their vectors."""

    def __init__(
        self,
        gallery: Gallery,
        calibration: Calibration,
        bar: float,
        labels: NDArray[np.int64],
        constraints: Constraints,
    ) -> None:
        self._gallery, self._calibration, self._bar, self._labels = gallery, calibration, bar, labels
        self._constraints = constraints
        self._order = np.argsort(labels, kind="stable")
        self._ends = np.cumsum(np.bincount(labels))

    def means(self, pieces: NDArray[np.int64]) -> NDArray[np.float64]:
        """Mean log-odds (K, K) between pieces; minus infinity of each with itself."""
        witnesses = [self._witnesses(piece) for piece in pieces.tolist()]
        means = np.full((len(pieces), len(pieces)), -np.inf)
        for place, rows in enumerate(witnesses):
            for later in range(place + 1, len(witnesses)):
                means[place, later] = means[later, place] = self._mean(rows, witnesses[later])
        return means

    def apart(self, pieces: NDArray[np.int64]) -> NDArray[np.float64]:
        """What rulings and common moments add to that (K, K)."""
        added = np.zeros((len(pieces), len(pieces)))
        for pairs, penalty in ((self._constraints.cannot, -np.inf), (self._constraints.together, TOGETHER)):
            ends = self._labels[pairs_of(pairs)]
            ends = ends[np.isin(ends, pieces).all(axis=1)]
            one, other = np.searchsorted(pieces, ends).T
            np.add.at(added, (np.r_[one, other], np.r_[other, one]), penalty)
        return added

    def sizes(self, pieces: NDArray[np.int64]) -> NDArray[np.float64]:
        """How many appearances each has."""
        return np.diff(self._ends, prepend=0)[pieces].astype(np.float64)

    def _witnesses(self, piece: int) -> NDArray[np.int64]:
        rows = self._order[self._ends[piece - 1] if piece else 0 : self._ends[piece]].tolist()
        return np.array(sorted(rows, key=self._gallery.ids.__getitem__)[:WITNESSES])

    def _mean(self, rows: NDArray[np.int64], others: NDArray[np.int64]) -> float:
        vectors, quality = self._gallery.vectors, self._gallery.qualities
        poorer = np.minimum(quality[rows, None], quality[others]).astype(np.float32)
        odds = self._calibration.evidence(vectors[rows] @ vectors[others].T, poorer) - np.float32(self._bar)
        return float(np.where(odds > LEAST, odds, UNLIKE).mean(dtype=np.float64))


def _join(pieces: NDArray[np.int64], home: NDArray[np.int64], told: _Pieces) -> None:
    """Make one of pieces, the surest pair first, until none is above the operating point; says so in `home`."""
    means, apart, sizes = told.means(pieces), told.apart(pieces), told.sizes(pieces)
    while (odds := means + apart).max() > 0:
        one, other = sorted(np.unravel_index(odds.argmax(), odds.shape))
        home[home == pieces[other]] = pieces[one]
        mixed = (sizes[one] * means[one] + sizes[other] * means[other]) / (sizes[one] + sizes[other])
        mixed[one] = -np.inf
        means[one], means[:, one] = mixed, mixed
        means[other], means[:, other] = -np.inf, -np.inf
        apart[one] += apart[other]
        apart[:, one] = apart[one]
        sizes[one] += sizes[other]
