"""Spectral bisection: whether a group's graph has two halves (Fiedler 1973; Shi & Malik 2000).

The halves of a group are those between which the normalised cut is least, along the second
eigenvector of its random walk. They are two people where the mean log-odds between them are below zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import eigh
from scipy.sparse import csr_array, diags_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import LinearOperator, eigsh
from scipy.special import expit

from crossid.people import UNLIKE
from crossid.people.contraction import obeying

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crossid.people import Constraints

DENSE = 400
"""Appearances up to which all eigenvectors are worked out; of larger groups only two are."""
FAINT = 1e-4
"""Affinity that every pair has: it keeps a group whose links have gaps in one piece to be cut."""


class SpectralClusterer:
    """Bisects whatever hangs together until the halves are more likely one person than two."""

    def cluster(self, graph: csr_array, constraints: Constraints) -> NDArray[np.int64]:
        """Labels (N,), numbered in the order of each group's first row."""
        return obeying(graph, constraints, bisected)


def bisected(graph: csr_array) -> NDArray[np.int64]:
    """Labels (N,): components of the links above zero, each cut while its halves are two people."""
    links = graph.copy()
    links.data = np.where(links.data > 0, links.data, 0)
    links.eliminate_zeros()
    labels = np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)
    order = np.argsort(labels, kind="stable")
    open_groups = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
    count = len(open_groups)
    while open_groups:
        rows = open_groups.pop()
        inside = graph[rows][:, rows]
        if len(rows) == 1:
            continue
        half = halves(inside)
        if between(inside, half) < 0:
            labels[rows[half]] = count
            count += 1
            open_groups += [rows[half], rows[~half]]
    return labels


def halves(graph: csr_array) -> NDArray[np.bool_]:
    """One half (N,) of a group, the smaller one; the other half is the rest. A group has two rows or more."""
    affinity = graph.copy()
    affinity.data = expit(affinity.data.astype(np.float64))
    size = affinity.shape[0]
    degrees = np.asarray(affinity.sum(axis=1)).ravel() + FAINT * size
    fiedler = _second(affinity, degrees) / np.sqrt(degrees)
    order = np.argsort(fiedler, kind="stable")
    ranked = affinity[order][:, order]
    place = _least_cut(ranked, degrees[order], size)
    half = np.zeros(size, bool)
    half[order[: place + 1]] = True
    return half if 2 * (place + 1) <= size else ~half


def between(graph: csr_array, half: NDArray[np.bool_]) -> float:
    """Mean log-odds between two halves; a pair that the graph does not hold is `UNLIKE`."""
    held = graph[half][:, ~half]
    pairs = int(half.sum()) * int((~half).sum())
    return float((held.sum() - UNLIKE * held.nnz) / pairs + UNLIKE)


def _second(affinity: csr_array, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Second eigenvector (N,) of the normalised affinity, the faint one of all pairs included."""
    root = 1 / np.sqrt(degrees)
    size = len(degrees)
    if size <= DENSE:
        walk = (affinity.toarray() + FAINT) * root[:, None] * root[None, :]
        return np.asarray(eigh(walk, subset_by_index=[size - 2, size - 1])[1][:, 0])
    scale = diags_array(root)
    walk = csr_array(scale @ affinity @ scale)
    whole = LinearOperator((size, size), matvec=lambda x: walk @ x.ravel() + FAINT * root * (root @ x.ravel()))
    first = np.sqrt(degrees) / np.linalg.norm(np.sqrt(degrees))
    vectors = eigsh(whole, k=2, which="LA", v0=first + root * np.linspace(-1, 1, size))[1]
    rest = vectors - first[:, None] * (first @ vectors)
    return np.asarray(rest[:, np.argmax(np.linalg.norm(rest, axis=0))])


def _least_cut(affinity: csr_array, degrees: NDArray[np.float64], size: int) -> int:
    """After which place (0 to N - 2) a cut of the ordered rows has the least normalised cut."""
    pairs = affinity.tocoo()
    ahead = pairs.row < pairs.col
    crossing = np.zeros(size + 1)
    np.add.at(crossing, pairs.row[ahead], pairs.data[ahead])
    np.add.at(crossing, pairs.col[ahead], -pairs.data[ahead])
    places = np.arange(size - 1)
    cut = np.cumsum(crossing)[: size - 1] + FAINT * (places + 1) * (size - 1 - places)
    left = np.cumsum(degrees)[: size - 1]
    return int(np.argmin(cut / left + cut / (degrees.sum() - left)))
