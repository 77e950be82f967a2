"""The graph of who may be whom: sparse log-odds of "same person" between appearances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array

from crossid.people import LEAST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from crossid.people.calibration import Calibration
    from crossid.types import Gallery

BLOCK = 2048
"""Rows that are compared at once: bounds memory to BLOCK × N cosines."""


def log_odds(gallery: Gallery, calibration: Calibration, bar: float) -> csr_array:
    """Sparse symmetric (N, N) log-odds of "same person"; pairs of `LEAST` or less are left out.

    Zero is the operating point: `bar`, the evidence that an archive of this size needs.
    """
    rows, columns, values = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0, np.float32)]
    for start, evidence in blocks(gallery, calibration):
        odds = evidence - bar
        row, column = np.nonzero(odds > LEAST)
        apart = row + start != column
        row, column = row[apart], column[apart]
        rows.append(row + start)
        columns.append(column)
        values.append(odds[row, column])
    size = len(gallery)
    pairs = (np.concatenate(rows), np.concatenate(columns))
    return coo_array((np.concatenate(values), pairs), shape=(size, size)).tocsr()


def blocks(gallery: Gallery, calibration: Calibration) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """(first row, log-likelihood ratios of up to BLOCK rows with all N), top to bottom."""
    quality = gallery.qualities.astype(np.float32)
    for start in range(0, len(gallery), BLOCK):
        part = slice(start, start + BLOCK)
        cosines = gallery.vectors[part] @ gallery.vectors.T
        yield start, calibration.evidence(cosines, np.minimum(quality[part, None], quality[None, :]))


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
    for start in range(0, len(rows), BLOCK):
        part = slice(start, start + BLOCK)
        evidence = calibration.evidence(vectors[part] @ vectors.T, np.minimum(quality[part, None], quality[None, :]))
        own = np.arange(start, start + len(evidence))
        evidence[own - start, own] = 0
        totals[part] = evidence.sum(axis=1, dtype=np.float64)
    return totals / (len(rows) - 1)
