"""The graph of who may be whom: sparse log-odds of "same person" between appearances."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits

from crossid.people import LEAST
from crossid.people.exhaustive import Comparison
from crossid.people.lattice import LENGTH, rows_of
from crossid.people.nearest import FLOOR, MOST, Nearest
from crossid.types import content_id

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from crossid.people.calibration import Calibration
    from crossid.people.exhaustive import Progress
    from crossid.types import Gallery, Neighbours

BLOCK = 4096
"""Rows of one person that are compared with all of theirs at once."""


def log_odds(gallery: Gallery, calibration: Calibration, bar: float) -> csr_array:
    """Sparse symmetric (N, N) log-odds of "same person"; pairs of `LEAST` or less are left out.

    Zero is the operating point: `bar`, the evidence that an archive of this size needs. A pair is held if it is among
    the surest `nearest.MOST` of either: memory is bounded however many are alike.
    """
    return graph_of(neighbours(gallery, calibration), bar)


def neighbours(
    gallery: Gallery,
    calibration: Calibration,
    kept: Neighbours | None = None,
    faceless: Collection[str] = (),
    progress: Progress | None = None,
) -> Neighbours:
    """Of each row, the others that are surest to be the same person; what is no vector is like nobody.

    Args:
        gallery: All appearances.
        calibration: What cosines say.
        kept: An earlier search. If it was one in this space with this calibration, only those who came since are
            compared with all others, and those from whom somebody was taken. The outcome is that of a search from the
            beginning; it is `kept` itself where there is nothing to do.
        faceless: Ids of those that are ruled to be no face: they are near nobody, and keep nobody out of a list.
        progress: Hears how many of how many parts of the work are done, from several threads, one at a time.
    """
    rows, mark = rows_of(gallery, faceless), mark_of(gallery, calibration)
    if kept is not None and kept.mark == mark and np.array_equal(kept.marks, rows.marks):
        return kept
    nearest = Nearest(rows)
    comparison = Comparison(rows, calibration, nearest, progress)
    known = np.zeros(len(rows), bool)
    if kept is not None and kept.mark == mark:
        known = nearest.take_over(kept, rows.marks)
    comparison.each_with_each(np.flatnonzero(~known))
    comparison.with_others(np.flatnonzero(~known), np.flatnonzero(known))
    return nearest.lists(mark, rows.marks)


def mark_of(gallery: Gallery, calibration: Calibration) -> str:
    """What lists depend on beside the rows; the number goes up when the way in which they are made changes."""
    return f"2 {gallery.space} {content_id(*astuple(calibration), LENGTH, MOST, FLOOR)}"


def graph_of(lists: Neighbours, bar: float) -> csr_array:
    """Sparse symmetric (N, N) log-odds of the pairs that either end holds, above `LEAST`."""
    odds = lists.evidence - np.float32(bar)
    held = odds > LEAST
    ends = np.append(0, np.cumsum(held))[np.append(0, np.cumsum(lists.counts))]
    # as whole numbers above zero: what either end holds is then the larger of the two, and 0.0 is no missing pair
    words = odds[held].view(np.uint32) + np.uint32(1)
    one_way = csr_array((words, lists.columns[held], ends), shape=(len(lists), len(lists)))
    one_way.sort_indices()
    graph = csr_array(one_way.maximum(csr_array(one_way.T)))
    odds = (graph.data - np.uint32(1)).view(np.float32)
    return csr_array((odds, graph.indices, graph.indptr), shape=graph.shape)


def mean_evidence(gallery: Gallery, calibration: Calibration, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean log-likelihood ratio (N,) of each row with the others of its group; NaN for who is alone."""
    means = np.full(len(gallery), np.nan)
    order = np.argsort(labels, kind="stable")
    with threadpool_limits(
        1
    ):  # products of small matrices by thousands: other threads would mostly wait, at full speed
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
        evidence[~np.isfinite(evidence)] = 0  # what is no vector says nothing, of itself or of others
        totals[part] = evidence.sum(axis=1, dtype=np.float64)
    return totals / (len(rows) - 1)
