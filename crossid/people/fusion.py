"""Learns how much each member of an ensemble counts: logistic regression of "same person" on their evidence."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from crossid.inference.fusing import joined
from crossid.people.agreement import families
from crossid.people.fitting import PRIOR, line, pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crossid.people.fitting import Sample

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a member counts: its log-likelihood ratio is `slope · cosine + offset`, of which the sum takes `weight`.

    Members of one family share one weight between them.
    """

    slope: float
    offset: float
    weight: float

    @property
    def scale(self) -> float:
        """Length of its block in the fused vector, before all are normalised."""
        return math.sqrt(self.weight * self.slope)


def shares(samples: Sequence[Sample], names: Sequence[str]) -> list[Share]:
    """What each member counts.

    Args:
        samples: The same faces, row by row, described by each member; those that are fitted on.
        names: The members' names: they say who is of one family.
    """
    seen = [pairs(sample) for sample in samples]
    lines = [line(one) for one in seen]
    ratios = [slope * one.cosines + offset for one, (slope, offset) in zip(seen, lines, strict=True)]
    groups = families(names)
    columns = np.stack([np.mean([ratios[place] for place in group], axis=0) for group in groups], axis=1)
    weights = _weights(columns.astype(np.float64), seen[0].same, seen[0].weights())
    of_member = {place: weights[at] / len(group) for at, group in enumerate(groups) for place in group}
    return [
        Share(slope=slope, offset=offset, weight=float(of_member[place])) for place, (slope, offset) in enumerate(lines)
    ]


def fused(samples: Sequence[Sample], scales: Sequence[float]) -> Sample:
    """The same faces as the ensemble describes them; without those that a member has no direction for."""
    vectors = joined([sample.vectors for sample in samples], scales)
    whole = replace(samples[0], vectors=vectors)
    return whole.rows(np.flatnonzero(np.isfinite(vectors).all(axis=1)))


def _weights(columns: Array, same: NDArray[np.bool_], counts: Array) -> Array:
    """Weights (K,) of at least 0 with the least weighted logarithmic loss at the prior."""
    counts = counts / counts.sum()
    sides = np.where(same, -1.0, 1.0)
    prior = math.log(PRIOR / (1 - PRIOR))

    def loss(guess: Array) -> tuple[float, Array]:
        wrong = sides * (columns @ guess[:-1] + guess[-1] + prior)
        slope = counts * sides / (1 + np.exp(-np.clip(wrong, -500, 500)))
        return float(counts @ np.logaddexp(0, wrong)), np.r_[columns.T @ slope, slope.sum()]

    size = columns.shape[1]
    bounds = [(0.0, None)] * size + [(None, None)]
    found = minimize(loss, np.r_[np.full(size, 1 / size), 0.0], jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x[:-1], np.float64)
