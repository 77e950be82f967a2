"""Average linkage in rounds: all pairs of groups that are each other's first choice join at once.

Average linkage is reducible: what two groups think of a third does not rise when they join. So the
order in which mutual first choices join does not matter, and joining all of them at once gives the
tree that joining the surest pair first gives (Bruynooghe 1978; Murtagh 1983). Each round is a few
passes over sparse arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy.sparse import coo_array

from crossid.people import UNLIKE

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Groups: TypeAlias = NDArray[np.int32] | NDArray[np.int64]


class Bonds:
    """Groups of rows and what holds between them.

    Args:
        graph: Sparse symmetric log-odds (N, N).
        labels: (N,) from 0 on, without gaps: the groups to begin with.
        cannot: (K, 2) rows whose groups stay apart.
        together: (K, 2) rows seen at one moment in two places.
        penalty: Log-odds that each of them adds between their groups, whatever the groups' sizes.
    """

    def __init__(
        self,
        graph: csr_array,
        labels: NDArray[np.int64],
        cannot: NDArray[np.int64],
        together: NDArray[np.int64],
        penalty: float,
    ) -> None:
        self.labels = labels
        self._sizes = np.bincount(labels).astype(np.float64)
        pairs = graph.tocoo()
        self._keep(labels[pairs.row], labels[pairs.col], pairs.data.astype(np.float64) - UNLIKE)
        self._cannot = np.unique(self._keys(*labels[_both_ways(cannot)].T))
        ends = labels[_both_ways(together)]
        self._together, counts = np.unique(self._keys(*ends.T), return_counts=True)
        self._penalties = np.asarray(counts * penalty, dtype=np.float64)

    @property
    def count(self) -> int:
        """How many groups there are."""
        return len(self._sizes)

    @property
    def sizes(self) -> NDArray[np.float64]:
        """How many rows each group has."""
        return self._sizes

    def grow(self) -> None:
        """Join mutual first choices until no pair's log-odds are above zero."""
        while len(pairs := self._mutual_choices()):
            self.join(pairs)

    def log_odds(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
        """(group, other group, mean log-odds) of pairs that a link joins, both ways, by group, then other.

        Those that must stay apart have minus infinity.
        """
        rows, columns = self._rows, self._columns
        means = self._sums / (self._sizes[rows] * self._sizes[columns]) + UNLIKE
        keys = self._keys(rows, columns)
        means[_among(keys, self._cannot)[0]] = -np.inf
        seen, place = _among(keys, self._together)
        means[seen] += self._penalties[place[seen]]
        return rows, columns, means

    def _mutual_choices(self) -> NDArray[np.int64]:
        """(K, 2) groups, the smaller first, that prefer each other to all others."""
        rows, columns, means = self.log_odds()
        held = means > 0
        rows, columns, means = rows[held], columns[held], means[held]
        choice = np.full(len(self._sizes), -1, np.int64)
        if len(rows):
            chosen = _first_best(rows, means)
            choice[rows[chosen]] = columns[chosen]
        groups = np.arange(len(choice))
        mutual = (choice > groups) & (choice[choice] == groups)
        return np.stack([groups[mutual], choice[mutual]], axis=1)

    def join(self, pairs: NDArray[np.int64]) -> None:
        """Make one group of each pair (K, 2), the smaller first; no group is in two pairs."""
        home = np.arange(len(self._sizes))
        home[pairs[:, 1]] = pairs[:, 0]
        _, home = np.unique(home, return_inverse=True)
        old = len(self._sizes)
        self.labels = home[self.labels]
        self._sizes = np.bincount(home, weights=self._sizes).astype(np.float64)
        self._cannot = np.unique(self._keys(*home[np.stack(np.divmod(self._cannot, old))]))
        keys = self._keys(*home[np.stack(np.divmod(self._together, old))])
        self._together, place = np.unique(keys, return_inverse=True)
        self._penalties = np.bincount(place, weights=self._penalties).astype(np.float64)
        self._keep(home[self._rows], home[self._columns], self._sums)

    def _keep(self, rows: Groups, columns: Groups, sums: NDArray[np.float64]) -> None:
        """Hold the sums between groups, in order, each pair once; what is inside a group is settled."""
        between = rows != columns
        size = len(self._sizes)
        held = coo_array((sums[between], (rows[between], columns[between])), shape=(size, size)).tocsr()
        held.sort_indices()
        self._rows = np.repeat(np.arange(size, dtype=np.int32), np.diff(held.indptr))
        self._columns, self._sums = held.indices.astype(np.int32), held.data

    def _keys(self, rows: Groups, columns: Groups) -> NDArray[np.int64]:
        """One number for each pair of groups, rising with row, then column."""
        return np.asarray(rows.astype(np.int64) * len(self._sizes) + columns, dtype=np.int64)


def _first_best(rows: Groups, means: NDArray[np.float64]) -> NDArray[np.intp]:
    """Place of the largest value of each row, the first among equals; `rows` rise."""
    starts = np.flatnonzero(np.diff(rows, prepend=-1))
    best = np.repeat(np.maximum.reduceat(means, starts), np.diff(starts, append=len(rows)))
    largest = np.flatnonzero(means == best)
    chosen: NDArray[np.intp] = largest[np.diff(rows[largest], prepend=-1) != 0]
    return chosen


def _both_ways(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([pairs, pairs[:, ::-1]])


def _among(keys: NDArray[np.int64], wanted: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Whether each key is among the sorted `wanted`, and where."""
    if not len(wanted):
        return np.zeros(len(keys), bool), np.zeros(len(keys), np.int64)
    place = np.minimum(np.searchsorted(wanted, keys), len(wanted) - 1)
    return wanted[place] == keys, place
