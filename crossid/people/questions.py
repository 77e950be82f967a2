"""What a run would rather ask than decide: the second, wider threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from crossid.types import Question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from crossid.people.bonds import Bonds
    from crossid.types import Gallery

ASK = -2.0
"""Log-odds, from the operating point, down to which two people may be one."""
DOUBT = 0.5
"""Probability below which an appearance is asked about."""
MOST = 200
"""More questions than this nobody answers: those stay that settle most."""


def may_be_one(gallery: Gallery, bonds: Bonds, ids: Mapping[int, str]) -> list[Question]:
    """Pairs of people who may be one though the run left them two, what settles most first.

    At the operating point it is as likely as not that they are.

    Args:
        gallery: All appearances.
        bonds: Between the groups of the rows, without those that a reviewer told apart.
        ids: Group -> person, of the groups that are somebody.
    """
    rows, columns, means = bonds.log_odds()
    people = np.isin(np.arange(bonds.count), list(ids))
    near = (means > ASK) & people[rows] & people[columns]
    rows, columns, means = rows[near], columns[near], means[near]
    sizes = np.bincount(bonds.labels, minlength=bonds.count)
    settles = np.minimum(sizes[rows], sizes[columns])
    most = np.lexsort((columns, rows, -means, -settles))[:MOST]
    best = _best_rows(gallery, bonds.labels)
    return [
        Question(
            kind="same",
            people=(ids[one], ids[other]),
            appearances=(gallery.ids[best[one]], gallery.ids[best[other]]),
            probability=round(float(expit(mean)), 4),
            settles=settled,
            why="alike, but not enough for a run to decide",
        )
        for one, other, mean, settled in zip(
            rows[most].tolist(), columns[most].tolist(), means[most].tolist(), settles[most].tolist(), strict=True
        )
    ]


def may_be_others(
    gallery: Gallery, labels: NDArray[np.int64], ids: Mapping[int, str], chances: NDArray[np.float64]
) -> list[Question]:
    """Appearances that are less likely than not who they were put to, least likely first.

    Args:
        gallery: All appearances.
        labels: Group of each row (N,).
        ids: Group -> person, of the groups that are somebody.
        chances: Probability of each membership (N,); NaN where there is nothing to compare with.
    """
    doubtful = np.flatnonzero((chances < DOUBT) & np.isin(labels, list(ids)))
    return [
        Question(
            kind="member",
            people=(ids[int(labels[row])],),
            appearances=(gallery.ids[row],),
            probability=round(float(chances[row]), 4),
            settles=1,
            why="less alike to the rest of this person than most appearances are",
        )
        for row in doubtful[np.argsort(chances[doubtful], kind="stable")][:MOST].tolist()
    ]


def _best_rows(gallery: Gallery, labels: NDArray[np.int64]) -> dict[int, int]:
    """Group -> its row of the best quality, the earlier among equals."""
    order = np.lexsort((np.arange(len(labels)), -gallery.qualities, labels))
    groups, first = np.unique(labels[order], return_index=True)
    return dict(zip(groups.tolist(), order[first].tolist(), strict=True))
