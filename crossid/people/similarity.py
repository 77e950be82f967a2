"""The graph of who may be whom: sparse log-odds of "same person" between appearances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array

from crossid.people import LEAST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from crossid.people.calibration import Calibration
    from crossid.types import Gallery

TILE = 4096
"""Rows that are compared with as many others at once: bounds memory to TILE² cosines."""
NEIGHBOURS = 200
"""Pairs that an appearance has in the graph, about, where very many are alike."""
SAMPLE = 2000
"""Appearances on which it is judged how many are alike."""


def log_odds(gallery: Gallery, calibration: Calibration, bar: float) -> csr_array:
    """Sparse symmetric (N, N) log-odds of "same person"; pairs of `LEAST` or less are left out.

    Zero is the operating point: `bar`, the evidence that an archive of this size needs. Each pair is
    compared once, tile by tile; most are dismissed by their cosine alone. Where appearances have more
    than `NEIGHBOURS` pairs each, the least alike of those are left out, too: memory is bounded.
    """
    quality = gallery.qualities.astype(np.float32)
    least = np.float32(_least(gallery, calibration, bar))
    dismissed = _least_cosine(calibration, bar + float(least))
    rows, columns, values = [np.empty(0, np.int32)], [np.empty(0, np.int32)], [np.empty(0, np.float32)]
    for top, left, cosines in _tiles(gallery.vectors):
        row, column = np.nonzero(cosines > dismissed)
        once = row + top < column + left
        row, column = row[once], column[once]
        near = cosines[row, column]
        row, column = row + top, column + left
        odds = calibration.evidence(near, np.minimum(quality[row], quality[column])) - np.float32(bar)
        held = odds > least
        rows.append(row[held].astype(np.int32))
        columns.append(column[held].astype(np.int32))
        values.append(odds[held])
    size = len(gallery)
    upper = coo_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(size, size))
    half = upper.tocsr()
    return csr_array(half + half.T)


def _least(gallery: Gallery, calibration: Calibration, bar: float) -> float:
    """`LEAST`, or what leaves about `NEIGHBOURS` pairs to each appearance, judged on every few of them."""
    if len(gallery) <= NEIGHBOURS:
        return LEAST
    some = slice(None, None, max(len(gallery) // SAMPLE, 1))
    vectors, quality = gallery.vectors[some], gallery.qualities[some].astype(np.float32)
    odds = calibration.evidence(vectors @ vectors.T, np.minimum(quality[:, None], quality[None, :])) - np.float32(bar)
    above = odds[np.triu_indices(len(vectors), 1)]
    return max(LEAST, float(np.nanquantile(above, max(0.0, 1 - NEIGHBOURS / len(gallery)))))


def _tiles(vectors: NDArray[np.float32]) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """(first row, first column, cosines) of the tiles on and above the diagonal."""
    for top in range(0, len(vectors), TILE):
        for left in range(top, len(vectors), TILE):
            yield top, left, vectors[top : top + TILE] @ vectors[left : left + TILE].T


def _least_cosine(calibration: Calibration, evidence: float) -> np.float32:
    """A cosine under which no pair has that much evidence, whatever its quality; a hair less, as floats are rounded."""
    poorer = np.linspace(0, 1, 101, dtype=np.float32)
    low, high = (calibration.evidence(np.full(101, cosine, np.float32), poorer) for cosine in (-1.0, 1.0))
    gain = np.maximum(high - low, np.finfo(np.float32).tiny)
    return np.float32(np.min(-1 + 2 * (evidence - low) / gain) - 1e-3)


def mean_evidence(gallery: Gallery, calibration: Calibration, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean log-likelihood ratio (N,) of each row with the others of its group; NaN for who is alone."""
    means = np.full(len(gallery), np.nan)
    order = np.argsort(labels, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(labels[order])) + 1):
        if len(rows) > 1:
            means[rows] = _means_of_group(gallery, calibration, rows)
    return means


def _means_of_group(gallery: Gallery, calibration: Calibration, rows: NDArray[np.intp]) -> NDArray[np.float64]:
    vectors, quality = gallery.vectors[rows], gallery.qualities[rows].astype(np.float32)
    totals = np.zeros(len(rows))
    for start in range(0, len(rows), TILE):
        part = slice(start, start + TILE)
        evidence = calibration.evidence(vectors[part] @ vectors.T, np.minimum(quality[part, None], quality[None, :]))
        own = np.arange(start, start + len(evidence))
        evidence[own - start, own] = 0
        totals[part] = evidence.sum(axis=1, dtype=np.float64)
    return totals / (len(rows) - 1)
