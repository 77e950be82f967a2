"""What is left over is looked at once more: nearly enough evidence will do where there is no second choice.

A look-alike is rarely alone: who resembles a stranger resembles others too. So two groups may fall
a little short of the operating point if each is the other's first choice by a clear margin. The
idea is that of cohort normalisation in speaker verification (Auckenthaler et al. 2000).

How little depends on how much was seen: one poor picture is all there is of somebody seen once, and a
tenth of what there is of somebody seen ten times. Two who were seen often and still fall short
are not one poor picture apart: they are two people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crossid.people import UNLIKE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crossid.people.bonds import Bonds

SLACK = 2.5
"""Log-odds by which one picture may fall short; of a group of n, the mean falls short by an nth of that."""
MARGIN = 1.0
"""Log-odds by which each must prefer the other to anybody else."""
COHORT = 30
"""With fewer groups than this, that there is no second choice says nothing."""


def reexamine(bonds: Bonds) -> None:
    """Join groups that are each other's clear first choice, round by round until none is."""
    while len(pairs := _clear_choices(bonds)):
        bonds.join(pairs)


def _clear_choices(bonds: Bonds) -> NDArray[np.int64]:
    """Pairs of groups (K, 2), the smaller first: each the clear first choice of the other, and near enough."""
    if bonds.count < COHORT:
        return np.empty((0, 2), dtype=np.int64)
    first, best, second = _two_best(bonds)
    groups = np.arange(len(first))
    mutual = (first > groups) & (first[first] == groups)
    clear = best - np.maximum(second, second[first]) >= MARGIN
    slack = SLACK / np.minimum(bonds.sizes, bonds.sizes[first])
    chosen = np.flatnonzero(mutual & (best > -slack) & clear)
    return np.stack([chosen, first[chosen]], axis=1)


def _two_best(bonds: Bonds) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Of each group: the best other (-1 if none), its log-odds, and the second-best log-odds.

    Where they are so low that nothing depends on them, `UNLIKE`.
    """
    one, other, means = bonds.log_odds()
    counts = means > -SLACK - MARGIN
    one, other, means = one[counts], other[counts], means[counts]
    rows, columns, means = np.r_[one, other], np.r_[other, one], np.r_[means, means]
    order = np.lexsort((columns, -means, rows))
    rows, columns, means = rows[order], columns[order], np.maximum(means[order], UNLIKE)
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    first = np.full(bonds.count, -1, dtype=np.int64)
    best, second = np.full(bonds.count, UNLIKE), np.full(bonds.count, UNLIKE)
    first[rows[place == 0]], best[rows[place == 0]] = columns[place == 0], means[place == 0]
    second[rows[place == 1]] = means[place == 1]
    return first, best, second
