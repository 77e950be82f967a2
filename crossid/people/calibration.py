"""Calibration: from cosine and quality to the probability that two appearances show one person.

A space is calibrated on labelled photographs (see `benchmarks/calibrate.py`); what was fitted, on
whom and how well it held on others stands in `calibrations/SPACE.json` beside this file.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from crossid.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


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
    natural logarithm per decade of appearances and is constant within a decade: 4.5 up to 1,000, 5
    up to 10,000. A small archive, often of one place and one camera, where strangers resemble each
    other more than calibration knows, needs 5.5. Chosen on staged footage and photographs of people
    who are in no figure that is reported (benchmarks/README.md).
    """
    if appearances < SMALL_ARCHIVE:
        return 5.5
    return 3.0 + 0.5 * max(3, math.ceil(math.log10(appearances)))


def calibration_of(space_name: str, given: Iterable[tuple[str, str]] = ()) -> Calibration:
    """The calibration of a space: the user's, else the one that comes with crossid.

    Args:
        space_name: Name of the space.
        given: (space, file) of those that the user brings.

    Raises:
        ModelError: there is none, or its file makes no sense.
    """
    own = dict(given).get(space_name)
    file = Path(own) if own else files("crossid.people").joinpath("calibrations", f"{space_name}.json")
    if not own and not file.is_file():
        raise ModelError(
            f"The space '{space_name}' has no calibration, so nobody can be recognised in it.",
            remedy="Choose an embedder that is calibrated, or calibrate it: see docs/people.md.",
        )
    try:
        return Calibration(**json.loads(file.read_text(encoding="utf-8"))["calibration"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"The calibration {file} cannot be read: {error}.",
            remedy="Make it anew: python -m benchmarks calibrate PHOTOS.",
        ) from None
