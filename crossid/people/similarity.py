"""The graph of who may be whom: sparse log-odds of "same person" between appearances."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, vstack
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
PIECE = 65536
"""Rows of the graph that are made at once."""


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
    marks = rows.marks
    del rows, comparison  # a gigabyte of a million, and the lists are copied now
    return nearest.lists(mark, marks)


def mark_of(gallery: Gallery, calibration: Calibration) -> str:
    """What lists depend on beside the rows; the number goes up when the way in which they are made changes."""
    return f"2 {gallery.space} {content_id(*astuple(calibration), LENGTH, MOST, FLOOR)}"


def graph_of(lists: Neighbours, bar: float) -> csr_array:
    """Sparse symmetric (N, N) log-odds of the pairs that either end holds, above `LEAST`.

    Made piece by piece, as the graph of a million is gigabytes: beside it there is never more than its other half.
    """
    starts = range(0, len(lists), PIECE)
    turned = list[list[csr_array]]([] for _ in starts)
    for start in starts:
        ours = _held_by(lists, bar, start)
        for theirs, left in zip(turned, starts, strict=True):
            theirs.append(ours[:, left : left + PIECE])
    most = sum(one.nnz for pieces in turned for one in pieces)
    words, columns = np.empty(2 * most, np.uint32), np.empty(2 * most, np.int32)  # what is not filled takes no memory
    ends, end = [np.zeros(1, np.int64)], 0
    for theirs, start in zip(turned, starts, strict=True):
        ours = _held_by(lists, bar, start)
        ours.sort_indices()
        both = csr_array(ours.maximum(csr_array(vstack(theirs, format="csr").T)))
        theirs.clear()
        ends.append(end + both.indptr[1:].astype(np.int64))
        words[end : end + both.nnz], columns[end : end + both.nnz] = both.data, both.indices
        end += both.nnz
    odds = words[:end]
    odds -= 1
    small = np.int32 if end <= np.iinfo(np.int32).max else np.int64  # columns would take eight bytes each as ends do
    places = np.concatenate(ends).astype(small)
    return csr_array((odds.view(np.float32), columns[:end], places), shape=(len(lists), len(lists)))


def _held_by(lists: Neighbours, bar: float, start: int) -> csr_array:
    """(R, N) log-odds that a piece of the rows holds, as whole numbers above zero.

    Of these the larger is what either end holds, and 0.0 is no missing pair.
    """
    counts = lists.counts[start : start + PIECE]
    first = int(lists.counts[:start].sum())
    part = slice(first, first + int(counts.sum()))
    odds = lists.evidence[part] - np.float32(bar)
    held = odds > LEAST
    ends = np.append(0, np.cumsum(held))[np.append(0, np.cumsum(counts))].astype(np.int32)
    words = odds[held].view(np.uint32) + np.uint32(1)
    return csr_array((words, lists.columns[part][held], ends), shape=(len(counts), len(lists)))


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
