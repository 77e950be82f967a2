"""What is left over is looked at once more: nearly enough evidence will do where there is no second choice.

A look-alike is rarely alone: who resembles a stranger resembles others too. So two groups may fall
a little short of the operating point if each is the other's first choice by a clear margin. The
idea is that of cohort normalisation in speaker verification (Auckenthaler et al. 2000).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array

from crossid.people import UNLIKE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

SLACK = 1.5
"""Log-odds by which two groups may fall short of the operating point."""
MARGIN = 2.0
"""Log-odds by which each must prefer the other to anybody else."""
COHORT = 30
"""With fewer groups than this, that there is no second choice says nothing."""


def reexamine(graph: csr_array, labels: NDArray[np.int64], cannot: Iterable[tuple[int, int]]) -> NDArray[np.int64]:
    """Join groups that are each other's clear first choice, round by round until none is.

    Args:
        graph: Sparse symmetric log-odds (N, N).
        labels: (N,) from 0 on, without gaps.
        cannot: Pairs of rows whose groups stay apart.

    Returns:
        Labels (N,), numbered by first row.
    """
    apart = np.array(list(cannot), dtype=np.int64).reshape(-1, 2)
    while True:
        pairs = _choices(_means(graph, labels, labels[apart]))
        if not len(pairs):
            return labels
        for stays, goes in pairs:
            labels = np.where(labels == goes, stays, labels)
        labels = renumbered(labels)


def renumbered(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same groups, numbered from 0 in the order of their first rows."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[inverse], dtype=np.int64)


def _means(graph: csr_array, labels: NDArray[np.int64], apart: NDArray[np.int64]) -> csr_array:
    """Mean log-odds between groups above `UNLIKE`, sparse (G, G), without those that must stay apart."""
    sizes = np.bincount(labels)
    pairs = graph.tocoo()
    rows, columns, values = labels[pairs.row], labels[pairs.col], pairs.data - UNLIKE
    between = (rows != columns) & ~np.isin(_key(rows, columns), np.concatenate([_key(*apart.T), _key(*apart.T[::-1])]))
    means = values[between] / (sizes[rows[between]] * sizes[columns[between]])
    return coo_array((means, (rows[between], columns[between])), shape=(len(sizes), len(sizes))).tocsr()


def _key(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(rows * 2**32 + columns, dtype=np.int64)


def _choices(means: csr_array) -> NDArray[np.int64]:
    """Pairs of groups (K, 2), the smaller first: each the clear first choice of the other, and near enough."""
    if means.nnz == 0 or means.shape[0] < COHORT:
        return np.empty((0, 2), dtype=np.int64)
    first, best, second = _two_best(means)
    groups = np.arange(len(first))
    other = np.maximum(first, 0)
    mutual = (first >= 0) & (first[other] == groups) & (groups < first)
    near = best + UNLIKE > -SLACK
    clear = best - np.maximum(second, second[other]) >= MARGIN
    chosen = np.flatnonzero(mutual & near & clear)
    return np.stack([chosen, first[chosen]], axis=1)


def _two_best(means: csr_array) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Of each row: the best column (-1 if none), its value, and the second-best value; 0 where there is none."""
    size = means.shape[0]
    first, best, second = np.full(size, -1, dtype=np.int64), np.zeros(size), np.zeros(size)
    filled = np.repeat(np.arange(size), np.diff(means.indptr))
    order = np.lexsort((means.indices, -means.data, filled))
    rows, columns, values = filled[order], means.indices[order], means.data[order]
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    first[rows[place == 0]], best[rows[place == 0]] = columns[place == 0], values[place == 0]
    second[rows[place == 1]] = values[place == 1]
    return first, best, second
