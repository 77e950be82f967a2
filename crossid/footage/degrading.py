"""Photographs as footage would show them: smaller, blurred, dim, noisy, compressed.

Calibration on photographs as they are would promise too much of footage; see docs/people.md.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from crossid.types import Image

SMALLEST, LARGEST = 0.42, 1.3
BLURS_PX = (0, 0, 0.8, 1.3, 2.2)
LIGHTS = (1, 1, 0.8, 0.5, 0.3)
NOISES = (0, 2, 6)
QUALITIES = (25, 50, 75, 90)


def degraded(picture: Image, random: np.random.Generator) -> Image:
    """Another picture of the same, of another size; each spoiling is drawn anew.

    Size by a factor from `SMALLEST` to `LARGEST` (evenly in its logarithm), a Gaussian blur of `BLURS_PX`, light
    times one of `LIGHTS`, normal noise of `NOISES` grey levels, JPEG of one of `QUALITIES`.
    """
    scale = math.exp(random.uniform(math.log(SMALLEST), math.log(LARGEST)))
    shrinks = scale < 1
    spoilt = cv2.resize(
        picture[..., ::-1], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    )
    blur = random.choice(BLURS_PX)
    spoilt = cv2.GaussianBlur(spoilt, (0, 0), blur) if blur else spoilt
    light = random.choice(LIGHTS) * random.uniform(0.9, 1.1)
    noise = random.normal(0, random.choice(NOISES), spoilt.shape)
    spoilt = np.clip(spoilt.astype(np.float32) * light + noise, 0, 255).astype(np.uint8)
    packed = cv2.imencode(".jpg", spoilt, [cv2.IMWRITE_JPEG_QUALITY, int(random.choice(QUALITIES))])[1]
    shown: Image = cv2.cvtColor(cv2.imdecode(packed, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    return shown
