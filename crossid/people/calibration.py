"""Calibration: from cosine and quality to the probability that two appearances show one person.

A space is calibrated on labelled photographs (`crossid calibrate`, see `fitting`); what was fitted,
on whom and how well it held on others stands in a file (see `inference.calibration_files`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crossid.inference.calibration_files import calibration_table, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from crossid.types import Space


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How cosines of one space are to be read.

    The log-likelihood ratio of "same person" against "two people" is
    `cosine_gain(q) · (cosine − pivot) + bias + quality · q`, with
    `cosine_gain(q) = cosine + cosine_quality · q²` and q the poorer quality of the two: what poor
    pictures say weighs less. Fitted by logistic regression with the classes weighted to a prior of
    1 % (as in speaker verification: Brümmer & du Preez 2006), so that it is most faithful where
    decisions fall.

    `member_slope`, `member_bias`: log-odds that an appearance is the person it was put to, from its
    mean log-likelihood ratio with that person's other appearances.
    """

    pivot: float
    cosine: float
    cosine_quality: float
    quality: float
    bias: float
    member_slope: float
    member_bias: float

    def evidence(self, cosines: NDArray[np.float32], poorer: NDArray[np.float32]) -> NDArray[np.float32]:
        """Log-likelihood ratios (natural logarithm) of pairs.

        Args:
            cosines: Any shape.
            poorer: The poorer quality of each pair, [0, 1], same shape.
        """
        gain = self.cosine + self.cosine_quality * poorer**2
        return np.asarray(gain * (cosines - self.pivot) + self.bias + self.quality * poorer, dtype=np.float32)

    def membership(self, mean_evidence: float) -> float:
        """Probability that an appearance is who it was put to, from its mean log-likelihood ratio with the rest."""
        return 1 / (1 + math.exp(-min(max(self.member_slope * mean_evidence + self.member_bias, -50), 50)))


SMALL_ARCHIVE = 100
"""Appearances below which there are too few others to tell a look-alike from the same person."""


def needed_evidence(appearances: int) -> float:
    """Mean log-likelihood ratio from which two groups are taken for one person in an archive of this size.

    The number of pairs that could falsely match grows with the archive, so the bar rises by half a
    natural logarithm per decade of appearances and is constant within a decade: 4.5 up to 1,000,
    5 up to 10,000. A small archive, often of one place and one camera, where strangers resemble each
    other more than calibration knows, needs 5.5. Chosen on staged footage and photographs of people
    who are in no figure that is reported (benchmarks/README.md).
    """
    if appearances < SMALL_ARCHIVE:
        return 5.5
    return 3.0 + 0.5 * max(3, math.ceil(math.log10(appearances)))


def decade(appearances: int) -> tuple[int, int]:
    """The smallest and the largest archive that need the evidence that one of this size needs."""
    if appearances < SMALL_ARCHIVE:
        return 0, SMALL_ARCHIVE - 1
    power = max(3, math.ceil(math.log10(appearances)))
    return (SMALL_ARCHIVE if power == 3 else 10 ** (power - 1) + 1), 10**power


def calibration_of(space: Space, given: Iterable[tuple[str, str]] = ()) -> Calibration:
    """The calibration of a space: the one that the user names, the installed one, else crossid's.

    Args:
        space: The space.
        given: (name of a space, file) of those that the user names.

    Raises:
        ModelError: there is none, its file makes no sense, or it is that of another space.
    """
    file, table = calibration_table(space, given)
    return calibration_in(table, file)


def calibration_in(table: Mapping[str, Any], file: str) -> Calibration:
    """The calibration that a file's content, or an entry of its members, holds.

    Raises:
        ModelError: it makes no sense.
    """
    try:
        values = {key: float(value) for key, value in dict(table["calibration"]).items()}
        if not all(map(math.isfinite, values.values())):
            raise unreadable(file, "a value is not finite")
        return Calibration(**values)
    except (ValueError, KeyError, TypeError) as error:
        raise unreadable(file, error) from None
