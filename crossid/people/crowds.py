"""Whoever is seen more often than lists of the nearest are long, put together from the pieces that a graph leaves.

The graph holds the nearest of each appearance, so many at most. Of somebody who is seen a thousand times it holds
a part of all pairs; the others count as unlike, though nobody has looked, and the person comes in pieces. Between such
pieces the vectors themselves are asked: average linkage goes on where the graph could not. Most pieces have nothing to
do with each other: the mean of their vectors says so, or what the graph holds of them (see `bounds`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from threadpoolctl import threadpool_limits

from crossid.people import LEAST, UNLIKE
from crossid.people.agglomerative import TOGETHER, pairs_of, renumbered
from crossid.people.bounds import at_most
from crossid.people.dbscan import links
from crossid.people.nearest import MOST

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from crossid.people import Constraints
    from crossid.people.calibration import Calibration
    from crossid.types import Gallery

    Rows = NDArray[np.int64]

WITNESSES = 64
"""Appearances of a piece that speak for it; which ones is drawn by their ids, so it does not depend on their order."""
NEARLY = -2.0
"""Log-odds from which pairs count that may crowd others out of a list: those left out are hardly liker than these."""
HOPELESS = 2 * UNLIKE
"""Log-odds, at the mean cosine, under which two pieces have nothing to do with each other."""
BLOCK = 512
"""Rows that are compared with all others at once."""


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
        labels: Group of each row (N,), from 0 on without gaps.
        constraints: What binds; groups already obey it.
    """
    crowded = np.diff(links(graph, NEARLY).indptr) >= MOST
    pieces = np.unique(labels[crowded])
    if len(pieces) < 2:
        return labels
    told = _Told(gallery, calibration, bar, labels, constraints)
    home = np.arange(len(told.sizes))
    parts = told.parts(pieces, graph)
    with threadpool_limits(1):  # many small products: other threads would mostly wait, at full speed
        for alike in parts:
            home[alike] = alike[_joined(told.means(alike), told.apart(alike), told.sizes[alike])]
    return renumbered(home[labels])


def all_pairs(gallery: Gallery, calibration: Calibration, bar: float, rows: Rows, others: Rows) -> NDArray[np.float32]:
    """Log-odds (R, S) of all pairs of rows and others, by their vectors; what a graph would leave out is `UNLIKE`."""
    vectors, quality = gallery.vectors, gallery.qualities.astype(np.float32)
    odds = calibration.evidence(vectors[rows] @ vectors[others].T, np.minimum(quality[rows, None], quality[others]))
    odds = odds - np.float32(bar)
    return np.asarray(np.where(odds > LEAST, odds, UNLIKE), np.float32)  # what is no number is unlike, too


def witnesses(gallery: Gallery, rows: Rows, most: int) -> Rows:
    """So many rows at most that speak for all: those whose ids come first, which says nothing of what they show."""
    return np.array(sorted(rows.tolist(), key=gallery.ids.__getitem__)[:most], dtype=np.int64)


class _Told:
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
        self.sizes = np.bincount(labels).astype(np.float64)
        self._ends = np.append(0, np.cumsum(np.bincount(labels)))

    def parts(self, pieces: Rows, graph: csr_array) -> list[Rows]:
        """Pieces that may come to be one, in parts of two or more.

        No two parts join: a mean above zero needs one of two pieces that is.
        """
        rows = [self._rows(piece) for piece in pieces.tolist()]
        vectors = np.stack([np.nan_to_num(self._gallery.vectors[some]).mean(axis=0) for some in rows])
        quality = np.array([self._gallery.qualities[some].mean() for some in rows], np.float32)
        bounds = at_most(graph, [self._witnesses(piece) for piece in pieces.tolist()], BLOCK)
        ends = [np.empty((2, 0), np.int64)]
        for start, bound in zip(range(0, len(pieces), BLOCK), bounds, strict=True):
            part = slice(start, start + BLOCK)
            poorer = np.minimum(quality[part, None], quality)
            near = self._calibration.evidence(vectors[part] @ vectors.T, poorer) - self._bar > HOPELESS
            near &= bound > 0
            ends.append(np.stack(np.nonzero(near)) + np.array([[start], [0]]))
        one, other = np.concatenate(ends, axis=1)
        open_pairs = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(len(pieces), len(pieces)))
        part_of = connected_components(open_pairs, directed=False)[1]
        order = np.argsort(part_of, kind="stable")
        parts = np.split(pieces[order], np.flatnonzero(np.diff(part_of[order])) + 1)
        return [part for part in parts if len(part) > 1]

    def means(self, pieces: Rows) -> NDArray[np.float64]:
        """Mean log-odds (K, K) between pieces."""
        some = [self._witnesses(piece) for piece in pieces.tolist()]
        counts = np.array([len(rows) for rows in some])
        starts, owners = np.append(0, np.cumsum(counts)[:-1]), np.repeat(np.arange(len(pieces)), counts)
        rows, sums = np.concatenate(some), np.zeros((len(pieces), len(pieces)))
        for start in range(0, len(rows), BLOCK):
            part = slice(start, start + BLOCK)
            np.add.at(sums, owners[part], np.add.reduceat(self._between(rows[part], rows), starts, axis=1))
        return sums / np.outer(counts, counts)

    def apart(self, pieces: Rows) -> NDArray[np.float64]:
        """What rulings and common moments add to that (K, K)."""
        added = np.zeros((len(pieces), len(pieces)))
        for pairs, penalty in ((self._constraints.cannot, -np.inf), (self._constraints.together, TOGETHER)):
            ends = self._labels[pairs_of(pairs)]
            ends = ends[np.isin(ends, pieces).all(axis=1)]
            one, other = np.searchsorted(pieces, ends).T
            np.add.at(added, (np.r_[one, other], np.r_[other, one]), penalty)
        return added

    def _rows(self, piece: int) -> Rows:
        return self._order[self._ends[piece] : self._ends[piece + 1]]

    def _witnesses(self, piece: int) -> Rows:
        return witnesses(self._gallery, self._rows(piece), WITNESSES)

    def _between(self, rows: Rows, others: Rows) -> NDArray[np.float64]:
        return all_pairs(self._gallery, self._calibration, self._bar, rows, others).astype(np.float64)


def _joined(means: NDArray[np.float64], apart: NDArray[np.float64], sizes: NDArray[np.float64]) -> Rows:
    """For each of K pieces the first one that it is one with: average linkage by mutual first choices, see `bonds`.

    Args:
        means: Mean log-odds (K, K).
        apart: What is added to that (K, K), whatever the sizes.
        sizes: (K,) of the pieces.
    """
    home, alive = np.arange(len(sizes)), np.arange(len(sizes))
    sums = means * np.outer(sizes, sizes)
    while len(alive) > 1:
        odds = sums / np.outer(sizes, sizes) + apart
        np.fill_diagonal(odds, -np.inf)
        choice = odds.argmax(axis=1)
        place = np.arange(len(alive))
        mutual = (choice > place) & (choice[choice] == place) & (odds[place, choice] > 0)
        one, other = place[mutual], choice[mutual]
        if not len(one):
            break
        into = np.arange(len(home))
        into[alive[other]] = alive[one]
        home = into[home]
        for table in (sums, apart):
            table[one] += table[other]
            table[:, one] += table[:, other]
        sizes = sizes.copy()
        sizes[one] += sizes[other]
        left = np.setdiff1d(place, other)
        alive, sizes = alive[left], sizes[left]
        sums, apart = sums[np.ix_(left, left)], apart[np.ix_(left, left)]
    return home
