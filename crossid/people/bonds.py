"""Average linkage in rounds: all pairs of groups that are each other's first choice join at once.

Average linkage is reducible: what two groups think of a third does not rise when they join. So the
order in which mutual first choices join does not matter, and joining all of them at once gives the
tree that joining the surest pair first gives (Bruynooghe 1978; Murtagh 1983). Each round is a few
passes over sparse arrays.

For the same reason groups that no chain of pairs above some height connects do not join above it. What
lies between them is not looked at, so the whole graph is never held a second time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from crossid.people import UNLIKE
from crossid.people.dbscan import blocks, links

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Groups: TypeAlias = NDArray[np.int32] | NDArray[np.int64]


class Bonds:
    """Groups of rows and what holds between them.

    Args:
        graph: Sparse symmetric log-odds (N, N).
        labels: (N,) from 0 on, without gaps: the groups to begin with.
        cannot: (K, 2) rows whose groups stay apart.
        together: (K, 2) rows seen at one moment in two places.
        penalty: Log-odds that each of them adds between their groups, whatever the groups' sizes.
        within: (N,) parts of the graph, each holding whole groups; what lies between two of them is left out.
    """

    def __init__(
        self,
        graph: csr_array,
        labels: NDArray[np.int64],
        cannot: NDArray[np.int64],
        together: NDArray[np.int64],
        penalty: float,
        *,
        within: NDArray[np.int32] | None = None,
    ) -> None:
        self.labels = labels
        self.sizes = np.bincount(labels).astype(np.float64)
        parts = list(_summed(graph, labels, within))
        self._one = np.concatenate([np.empty(0, np.int32), *(one for one, _, _ in parts)])
        self._other = np.concatenate([np.empty(0, np.int32), *(other for _, other, _ in parts)])
        self._sums = np.concatenate([np.empty(0), *(sums for _, _, sums in parts)])
        self._cannot = np.unique(self._keys(*labels[cannot].T))
        self._together, counts = np.unique(self._keys(*labels[together].T), return_counts=True)
        self._penalties = np.asarray(counts * penalty, dtype=np.float64)

    @property
    def count(self) -> int:
        """How many groups there are."""
        return len(self.sizes)

    def grow(self, height: float = 0.0) -> None:
        """Join mutual first choices until no pair's log-odds are above a height.

        What lies between groups that can no longer join above it is let go.
        """
        while True:
            one, other, means = self.log_odds()
            above = means > height
            if not above.any():
                return
            one, other, means = one[above], other[above], means[above]
            open_pairs = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(self.count, self.count))
            part = connected_components(open_pairs, directed=False)[1]
            self._keep(part[self._one] == part[self._other])
            self.join(_mutual(one, other, means, self.count))

    def log_odds(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
        """(group, later group, mean log-odds) of the pairs that a link joins, in order.

        Those that must stay apart have minus infinity.
        """
        means = self._sums / (self.sizes[self._one] * self.sizes[self._other]) + UNLIKE
        if len(self._cannot) or len(self._together):
            keys = self._keys(self._one, self._other)
            means[_among(keys, self._cannot)[0]] = -np.inf
            seen, place = _among(keys, self._together)
            means[seen] += self._penalties[place[seen]]
        return self._one, self._other, means

    def join(self, pairs: NDArray[np.int64]) -> None:
        """Make one group of each pair (K, 2), the smaller first; no group is in two pairs."""
        home = np.arange(self.count)
        home[pairs[:, 1]] = pairs[:, 0]
        home = np.unique(home, return_inverse=True)[1]
        old = self.count
        self.labels = home[self.labels]
        self.sizes = np.bincount(home, weights=self.sizes).astype(np.float64)
        self._cannot = np.unique(self._keys(*home[np.stack(np.divmod(self._cannot, old))]))
        keys = self._keys(*home[np.stack(np.divmod(self._together, old))])
        self._together, place = np.unique(keys, return_inverse=True)
        self._penalties = np.bincount(place, weights=self._penalties).astype(np.float64)
        one, other = home[self._one], home[self._other]
        held = one != other
        first, last = np.minimum(one[held], other[held]), np.maximum(one[held], other[held])
        self._one, self._other, self._sums = _added(first, last, self._sums[held], (self.count, self.count))

    def _keep(self, held: NDArray[np.bool_]) -> None:
        if not held.all():
            self._one, self._other, self._sums = self._one[held], self._other[held], self._sums[held]

    def _keys(self, one: Groups, other: Groups) -> NDArray[np.int64]:
        """One number for each pair of groups, whichever comes first."""
        first, last = np.minimum(one, other), np.maximum(one, other)
        return np.asarray(first.astype(np.int64) * self.count + last, dtype=np.int64)


def reached(graph: csr_array, labels: NDArray[np.int64], height: float) -> NDArray[np.int32]:
    """(N,) parts of the rows that links above a height, or a group, connect: no two of them join above it."""
    parts, part = connected_components(links(graph, height, once=True), directed=False)
    size = max(parts, int(labels.max(initial=-1)) + 1)
    shared = coo_array((np.ones(len(part), np.int8), (part, labels + size)), shape=(2 * size, 2 * size))
    return np.asarray(connected_components(shared, directed=False)[1][part], np.int32)


def _summed(
    graph: csr_array, labels: NDArray[np.int64], within: NDArray[np.int32] | None
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]]:
    """(group, later group, sum over all their pairs above `UNLIKE`) of groups that links join, in order, in blocks."""
    count = int(labels.max(initial=-1)) + 1
    short = labels.astype(np.int32)
    order = np.argsort(labels, kind="stable")
    places = np.arange(count + 1, dtype=np.int32)
    each = csr_array((np.ones(count), places[:-1], places), shape=(count, count))
    for rows, block in blocks(graph, order, short[order]):
        one, other = np.repeat(short[rows], np.diff(block.indptr)), short[block.indices]
        held = one < other
        if within is not None:
            held &= np.repeat(within[rows], np.diff(block.indptr)) == within[block.indices]
        base, most = short[rows[0]], short[rows[-1]]
        ends = np.append(0, np.cumsum(np.bincount(one[held] - base, minlength=most - base + 1))).astype(np.int32)
        sums = block.data[held].astype(np.float64) - UNLIKE
        # times one, as that adds up what is in one place without putting all in order before
        pairs = csr_array((sums, other[held], ends), shape=(len(ends) - 1, count)) @ each
        pairs.sort_indices()
        yield np.repeat(np.arange(base, most + 1, dtype=np.int32), np.diff(pairs.indptr)), pairs.indices, pairs.data


def _added(
    one: Groups, other: Groups, sums: NDArray[np.float64], shape: tuple[int, int]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """The pairs in order, each once, with the sums of those that are the same added up."""
    held = coo_array((sums, (one, other)), shape=shape).tocsr()
    held.sort_indices()
    rows = np.repeat(np.arange(shape[0], dtype=np.int32), np.diff(held.indptr))
    return rows, held.indices.astype(np.int32), held.data


def _mutual(
    one: NDArray[np.int32], other: NDArray[np.int32], means: NDArray[np.float64], count: int
) -> NDArray[np.int64]:
    """(K, 2) groups, the smaller first, that prefer each other to all others; the first among equals."""
    both = coo_array((np.r_[means, means], (np.r_[one, other], np.r_[other, one])), shape=(count, count)).tocsr()
    both.sort_indices()
    starts = np.flatnonzero(np.diff(both.indptr))
    best = np.full(count, -np.inf)
    best[starts] = np.maximum.reduceat(both.data, both.indptr[starts])
    rows = np.repeat(np.arange(count), np.diff(both.indptr))
    largest = np.flatnonzero(both.data == best[rows])
    chosen = largest[np.diff(rows[largest], prepend=-1) != 0]
    choice = np.full(count, -1, np.int64)
    choice[rows[chosen]] = both.indices[chosen]
    groups = np.arange(count)
    mutual = (choice > groups) & (choice[choice] == groups)
    return np.stack([groups[mutual], choice[mutual]], axis=1)


def _among(keys: NDArray[np.int64], wanted: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Whether each key is among the sorted `wanted`, and where."""
    if not len(wanted):
        return np.zeros(len(keys), bool), np.zeros(len(keys), np.int64)
    place = np.minimum(np.searchsorted(wanted, keys), len(wanted) - 1)
    return wanted[place] == keys, place
