"""Fits a calibration to labelled photographs, on people who are not those whom it is reported on.

Logistic regression of "same person" on cosine and quality (Platt 2000), classes weighted to a prior of 1 %
(Brümmer & du Preez 2006), because decisions fall where evidence is strong.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression

from crossid.people.calibration import Calibration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Flags = NDArray[np.bool_]

PRIOR = 0.01
FREEDOM = 1e4
"""Inverse of the strength of scikit-learn's ridge: next to none."""
PIVOTS = tuple(tenth / 20 for tenth in range(20))
"""Cosines at which quality may be taken to say nothing; the one that explains the pairs best is kept."""
PIVOT_PAIRS = 20_000
"""Pairs that a pivot is chosen on."""
MOST_PAIRS = 5_000_000
"""Pairs that are fitted; of more, pairs of two people are drawn by lot."""
BLOCK = 1024


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """Described faces of people whose names are known, one per row.

    `names` (N,) of the people, `photos` (N,) of the photographs: versions of one photograph share its
    name and are never compared. `vectors` (N, D) float32 unit length; `qualities` (N,) in [0, 1].
    """

    names: NDArray[np.str_]
    photos: NDArray[np.str_]
    vectors: NDArray[np.float32]
    qualities: Array

    def rows(self, chosen: NDArray[np.intp] | slice) -> Sample:
        """Some of the rows."""
        return Sample(
            names=self.names[chosen],
            photos=self.photos[chosen],
            vectors=self.vectors[chosen],
            qualities=self.qualities[chosen],
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """Pairs of pictures (P,): cosine, the poorer of the two qualities, and whether they show one person."""

    cosines: NDArray[np.float32]
    poorer: NDArray[np.float32]
    same: Flags

    def weights(self) -> Array:
        """What each pair counts so that `PRIOR` of all that counts is of one person."""
        share = self.same.mean()
        counts: Array = np.where(self.same, PRIOR / share, (1 - PRIOR) / (1 - share))
        return counts


def is_fitted(name: str) -> bool:
    """Whether somebody belongs to the half that is fitted: even first byte of the SHA-256 of the name."""
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()[0] % 2 == 0


def pairs(sample: Sample) -> Pairs:
    """All pairs of different photographs, each once; of more than `MOST_PAIRS` the strangers by lot."""
    count = len(sample.names)
    share = min(1.0, MOST_PAIRS / max(1, count * (count - 1) / 2))
    lot = np.random.default_rng(5)
    parts = []
    for rows, same, other in _blocks(sample):
        chosen = other & (rows[:, None] < np.arange(count)[None, :])
        if share < 1:
            chosen &= same | (lot.random(chosen.shape) < share)
        cosines = sample.vectors[rows] @ sample.vectors.T
        poorer = np.minimum(sample.qualities[rows, None], sample.qualities[None, :]).astype(np.float32)
        parts.append((cosines[chosen], poorer[chosen], same[chosen]))
    cosines, poorer, same = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Pairs(cosines=cosines, poorer=poorer, same=same)


def fit(sample: Sample) -> Calibration:
    """The calibration that explains a sample best; needs people with two photographs and more."""
    seen = pairs(sample)
    return with_membership(_fitted(seen, _pivot(seen)), sample)


def line(seen: Pairs) -> tuple[float, float]:
    """(slope, offset) of the log-likelihood ratio as a function of the cosine alone; the slope is at least 0."""
    model = LogisticRegression(C=FREEDOM, max_iter=1000)
    model.fit(10 * seen.cosines[:, None].astype(np.float64), seen.same, sample_weight=seen.weights())
    offset = float(model.intercept_[0]) - math.log(PRIOR / (1 - PRIOR))
    return max(float(10 * model.coef_[0, 0]), 0.0), offset


def with_membership(calibration: Calibration, sample: Sample) -> Calibration:
    """The calibration with the probability of a membership fitted to a sample."""
    means, right = memberships(calibration, sample)
    model = LogisticRegression(C=FREEDOM).fit(means[:, None], right)
    return replace(calibration, member_slope=float(model.coef_[0, 0]), member_bias=float(model.intercept_[0]))


def memberships(calibration: Calibration, sample: Sample) -> tuple[Array, Flags]:
    """Mean evidence (2N,) of each picture with a person's photographs, and whether they are its own person's.

    Asked twice of each picture that has another photograph of its person: of that person, and of the
    other person it is likest to.
    """
    people, number = np.unique(sample.names, return_inverse=True)
    member = np.eye(len(people), dtype=np.float32)[number]
    ours, theirs = [], []
    for rows, same, other in _blocks(sample):
        poorer = np.minimum(sample.qualities[rows, None], sample.qualities[None, :])
        evidence = calibration.evidence(sample.vectors[rows] @ sample.vectors.T, poorer)
        own = same & other
        company = own.sum(axis=1)
        means = evidence @ member / member.sum(axis=0)
        means[np.arange(len(rows)), number[rows]] = -np.inf
        ours.append((np.where(own, evidence, 0).sum(axis=1) / np.maximum(company, 1))[company > 0])
        theirs.append(means.max(axis=1)[company > 0])
    mine, foreign = np.concatenate(ours), np.concatenate(theirs)
    return np.r_[mine, foreign].astype(np.float64), np.r_[np.ones(len(mine), bool), np.zeros(len(foreign), bool)]


def _blocks(sample: Sample) -> Iterator[tuple[NDArray[np.intp], Flags, Flags]]:
    """Rows, whether they show the same person as each row of all, and whether another photograph: bounded memory."""
    _, people = np.unique(sample.names, return_inverse=True)
    _, photos = np.unique(sample.photos, return_inverse=True)
    for start in range(0, len(people), BLOCK):
        rows = np.arange(start, min(start + BLOCK, len(people)))
        yield rows, people[rows, None] == people[None, :], photos[rows, None] != photos[None, :]


def _pivot(seen: Pairs) -> float:
    """The pivot with the least loss on some of the pairs."""
    lot = np.random.default_rng(5).permutation(len(seen.same))
    some = np.concatenate([lot[:PIVOT_PAIRS], np.flatnonzero(seen.same)])
    few = Pairs(cosines=seen.cosines[some], poorer=seen.poorer[some], same=seen.same[some])
    return min(PIVOTS, key=lambda pivot: _loss(_fitted(few, pivot), few))


def _loss(calibration: Calibration, seen: Pairs) -> float:
    """Weighted logarithmic loss at the prior."""
    odds = calibration.evidence(seen.cosines, seen.poorer) + math.log(PRIOR / (1 - PRIOR))
    return float(np.average(np.logaddexp(0, np.where(seen.same, -odds, odds)), weights=seen.weights()))


def _fitted(seen: Pairs, pivot: float) -> Calibration:
    over = 10 * (seen.cosines.astype(np.float64) - pivot)  # about as wide as the other columns: it converges sooner
    model = LogisticRegression(C=FREEDOM, max_iter=1000)
    model.fit(np.c_[over, over * seen.poorer**2, seen.poorer], seen.same, sample_weight=seen.weights())
    gain, gain_quality, quality = model.coef_[0]
    return Calibration(
        pivot=pivot,
        cosine=float(10 * gain),
        cosine_quality=float(10 * gain_quality),
        quality=float(quality),
        bias=float(model.intercept_[0] - math.log(PRIOR / (1 - PRIOR))),
        member_slope=1.0,
        member_bias=0.0,
    )
