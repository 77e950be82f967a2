"""How alike groups can be at most, as far as a graph of the nearest tells: their vectors need not be asked.

An appearance that a graph holds with fewer others than lists are long is like nobody else. One that it holds with more
is liker to the nearest of those than to anybody whom it leaves out. So what two groups say of each other on the whole
has a bound, and most pairs of groups are settled by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array

from crossid.people import UNLIKE
from crossid.people.nearest import MOST

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

HAIR = 0.25
"""Log-odds by which a pair may be more alike than its list says: lists are made of vectors that lie on a lattice."""


def at_most(graph: csr_array, groups: Sequence[NDArray[np.int64]], block: int) -> Iterator[NDArray[np.float64]]:
    """What the mean log-odds of all pairs of rows of two groups cannot exceed: (B, K), some groups after the other.

    Of a large archive thousands of groups are asked about: never are all pairs of them held at once.

    Args:
        graph: Sparse symmetric log-odds (N, N) of the `MOST` surest of each row; what it does not hold is `UNLIKE`.
        groups: K times rows; no row is in two of them.
        block: Groups, B at most, that are bounded at once.
    """
    rows, sizes = np.concatenate(groups), np.array([len(group) for group in groups])
    group, ends = np.repeat(np.arange(len(groups)), sizes), np.append(0, np.cumsum(sizes))
    place = np.full(graph.shape[0], -1)
    place[rows] = np.arange(len(rows))
    parts = [slice(start, min(start + block, len(groups))) for start in range(0, len(groups), block)]
    left_out = np.concatenate([_left_out(graph[rows[ends[part.start] : ends[part.stop]]]) for part in parts])
    means = np.bincount(group, left_out) / sizes  # the mean of the lesser of two is no more than the lesser mean
    for part in parts:
        mine = graph[rows[ends[part.start] : ends[part.stop]]]
        one = np.repeat(np.arange(ends[part.start], ends[part.stop]), np.diff(mine.indptr))
        other = place[mine.indices]
        known = other >= 0
        one, other, odds = one[known], other[known], mine.data[known].astype(np.float64)
        more = coo_array(
            (odds - np.minimum(left_out[one], left_out[other]), (group[one] - part.start, group[other])),
            shape=(part.stop - part.start, len(groups)),
        )
        yield np.minimum.outer(means[part], means) + more.toarray() / np.outer(sizes[part], sizes) + HAIR


def _left_out(graph: csr_array) -> NDArray[np.float64]:
    """Log-odds (R,) that no pair of each row exceeds which the graph leaves out."""
    most = np.full(graph.shape[0], float(UNLIKE))
    for row in np.flatnonzero(np.diff(graph.indptr) >= MOST):
        odds = graph.data[graph.indptr[row] : graph.indptr[row + 1]]
        most[row] = -np.partition(-odds, MOST - 1)[MOST - 1]
    return most
