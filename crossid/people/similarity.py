"""The graph of who may be whom: sparse log-odds of "same person" between appearances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array

from crossid.geometry import iou
from crossid.people import LEAST
from crossid.people.calibration import needed_evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from crossid.people.calibration import Calibration
    from crossid.types import Gallery

BLOCK = 2048
"""Rows that are compared at once: bounds memory to BLOCK × N cosines."""
ONE_FACE = 0.3
"""Two tracks whose boxes overlap by more than this at one moment are two detections of one face."""


def log_odds(gallery: Gallery, calibration: Calibration) -> csr_array:
    """Sparse symmetric (N, N) log-odds of "same person"; pairs of `LEAST` or less are left out.

    Zero is the operating point: the evidence that an archive of this size needs.
    """
    bar = needed_evidence(len(gallery))
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


def together(gallery: Gallery) -> tuple[tuple[int, int], ...]:
    """Pairs of rows (i < j) that are seen at one moment in two places: they are two people."""
    pairs = []
    by_video: dict[str, list[int]] = {}
    for row, video in enumerate(gallery.videos):
        by_video.setdefault(video, []).append(row)
    for rows in by_video.values():
        for place, first in enumerate(rows):
            for second in rows[place + 1 :]:
                if gallery.starts[second] > gallery.ends[first]:
                    break  # rows are in order of start
                if _side_by_side(gallery.boxes[first], gallery.boxes[second]):
                    pairs.append((first, second))
    return tuple(pairs)


def _side_by_side(a: NDArray[np.float32], b: NDArray[np.float32]) -> bool:
    _, of_a, of_b = np.intersect1d(a[:, 0], b[:, 0], return_indices=True)
    return any(
        iou(a[None, i, 1:], b[None, j, 1:])[0, 0] < ONE_FACE for i, j in zip(of_a.tolist(), of_b.tolist(), strict=True)
    )
