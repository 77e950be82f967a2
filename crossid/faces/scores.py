"""What a detector's score is worth: scores of all detectors on one scale, so that one threshold fits all."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUREST = 1e-6


class Scale(NamedTuple):
    """The log-odds that a detection is a face: `slope` · log-odds of the network's score + `bias` (Platt 2000)."""

    slope: float
    bias: float

    @property
    def floor(self) -> float:
        """The network's score at which something is as likely a face as not: below, it is not worth a look."""
        return 1 / (1 + math.exp(self.bias / self.slope))

    def calibrated(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities of being a face, of scores as the network gives them."""
        sure = np.clip(scores.astype(np.float64), SUREST, 1 - SUREST)
        odds = self.slope * np.log(sure / (1 - sure)) + self.bias
        return np.asarray(1 / (1 + np.exp(-odds)), np.float32)


# Fitted by `python -m benchmarks detectors FOLDER --fit` on staged footage of 40 of 147 people (even first byte of the
# SHA-256 of the name) of whom nobody is in footage that is reported: a detection is a face if it matches the truth, or
# if two other detectors are sure of it (a bystander). SCRFD's is that of SCRFD-500M, RetinaFace's that of its
# MobileNetV1-0.25. MTCNN's own scores are the scale on which `min_score` was chosen and are taken as they are:
# there, a fit gives a slope of 1.05 and a bias of -2.29.
SCRFD = Scale(slope=1.24, bias=1.74)
YUNET = Scale(slope=0.78, bias=1.04)
RETINAFACE = Scale(slope=0.91, bias=-0.19)
