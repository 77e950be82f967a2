"""How well a calibration holds on people on whom it was not fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crossid.people.fitting import memberships, pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crossid.people.calibration import Calibration
    from crossid.people.fitting import Pairs, Sample

FALSE_ACCEPTS = (1e-2, 1e-3, 1e-4)
BARS = tuple(half / 2 for half in range(6, 17))
"""Log-likelihood ratios at which strangers are counted: all that archives of any size can need."""
BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Memberships whose probability falls into one tenth: mean probability, share that is right, how many."""

    probability: float
    right: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """What was measured on others.

    Attributes:
        true_accepts: False-accept rate -> share of pairs of one person whose evidence is above that of
            all but so many pairs of two people.
        cost: Cllr, the log-likelihood-ratio cost in bits (Brümmer & du Preez 2006): 0 is perfect, 1 says nothing.
        calibration_error: Expected calibration error of membership (Naeini et al. 2015), ten bins.
        bins: The reliability diagram of membership; empty tenths are left out.
        strangers: How many pairs of two people there were.
        reaching: Log-likelihood ratio of `BARS` -> how many of them reach it.
    """

    people: int
    pictures: int
    true_accepts: dict[float, float]
    cost: float
    calibration_error: float
    bins: tuple[Bin, ...]
    strangers: int
    reaching: dict[float, int]


def reliability(calibration: Calibration, sample: Sample) -> Reliability:
    """Measure a calibration on a sample."""
    seen = pairs(sample)
    evidence = calibration.evidence(seen.cosines, seen.poorer)
    means, right = memberships(calibration, sample)
    bins = _bins(np.array([calibration.membership(value) for value in means]), right)
    total = sum(each.count for each in bins)
    return Reliability(
        people=len(np.unique(sample.names)),
        pictures=len(sample.names),
        true_accepts=_true_accepts(evidence, seen),
        cost=_cost(evidence, seen),
        calibration_error=sum(abs(each.probability - each.right) * each.count for each in bins) / total,
        bins=bins,
        strangers=int((~seen.same).sum()),
        reaching={bar: int((evidence[~seen.same] >= bar).sum()) for bar in BARS},
    )


def _true_accepts(evidence: NDArray[np.float32], seen: Pairs) -> dict[float, float]:
    strangers = np.sort(evidence[~seen.same])[::-1]
    bars = {rate: strangers[int(rate * len(strangers))] for rate in FALSE_ACCEPTS}
    return {rate: float((evidence[seen.same] > bar).mean()) for rate, bar in bars.items()}


def _cost(evidence: NDArray[np.float32], seen: Pairs) -> float:
    wrong = np.logaddexp(0, np.where(seen.same, -evidence, evidence)) / np.log(2)
    return float((wrong[seen.same].mean() + wrong[~seen.same].mean()) / 2)


def _bins(probabilities: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[Bin, ...]:
    tenth = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    filled = [tenth == number for number in range(BINS) if (tenth == number).any()]
    return tuple(
        Bin(probability=float(probabilities[here].mean()), right=float(right[here].mean()), count=int(here.sum()))
        for here in filled
    )
