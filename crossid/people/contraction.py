"""Rulings for clusterers that know none: must-links are contracted first, broken cannot-links are repaired after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array

from crossid.people import UNLIKE, Constraints
from crossid.people.agglomerative import AgglomerativeClusterer, joined, pairs_of, refuse_contradictions, renumbered

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from scipy.sparse import csr_array


def obeying(
    graph: csr_array, constraints: Constraints, group: Callable[[csr_array], NDArray[np.int64]]
) -> NDArray[np.int64]:
    """Labels (N,), numbered by first row, of a method that knows no rulings, made to obey them.

    A group that a cannot-link tears, or that holds two who were seen side by side, is divided anew by
    constrained average linkage.

    Args:
        graph: Sparse symmetric log-odds (N, N).
        constraints: What binds.
        group: Labels (M,) for a graph (M, M) of appearances that rulings have made one; none below 0.

    Raises:
        SettingsError: must-links and cannot-links contradict each other.
    """
    size = graph.shape[0]
    if size == 0:
        return np.empty(0, dtype=np.int64)
    must, cannot = pairs_of(constraints.must), pairs_of(constraints.cannot)
    home = joined(np.arange(size), must)
    refuse_contradictions(home, cannot)
    count = int(home.max()) + 1
    labels = group(graph if count == size else _contracted(graph, home, count))[home]
    return _repaired(graph, labels, must, cannot, pairs_of(constraints.together))


def _contracted(graph: csr_array, home: NDArray[np.int64], count: int) -> csr_array:
    """Mean log-odds (count, count) between groups of rows; a pair that the graph does not hold is `UNLIKE`."""
    sizes = np.bincount(home)
    pairs = graph.tocoo()
    rows, columns = home[pairs.row], home[pairs.col]
    apart = rows != columns
    rows, columns = rows[apart], columns[apart]
    means = (pairs.data[apart] - UNLIKE) / (sizes[rows] * sizes[columns])
    contracted = coo_array((means, (rows, columns)), shape=(count, count)).tocsr()
    contracted.data += UNLIKE
    return contracted


def _repaired(
    graph: csr_array,
    labels: NDArray[np.int64],
    must: NDArray[np.int64],
    cannot: NDArray[np.int64],
    together: NDArray[np.int64],
) -> NDArray[np.int64]:
    labels, apart = labels.copy(), np.concatenate([cannot, together])
    torn = labels[apart[:, 0]] == labels[apart[:, 1]]
    for label in np.unique(labels[apart[torn, 0]]):
        rows = np.flatnonzero(labels == label)
        inside = Constraints(must=_inside(must, rows), cannot=_inside(cannot, rows), together=_inside(together, rows))
        labels[rows] = labels.max() + 1 + AgglomerativeClusterer().cluster(graph[rows][:, rows], inside)
    return renumbered(labels)


def _inside(pairs: NDArray[np.int64], rows: NDArray[np.intp]) -> tuple[tuple[int, int], ...]:
    """Pairs whose rows are both among the sorted `rows`, numbered within them."""
    held = np.isin(pairs, rows).all(axis=1)
    return tuple((one, other) for one, other in np.searchsorted(rows, pairs[held]).tolist())
