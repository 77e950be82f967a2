"""The sizes at which a detector looks at a picture, so that small faces and faces that fill it are both found."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from crossid.faces.octaves import Octaves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from crossid.types import Image

SMALLEST_PX, LARGEST_PX = 20, 320
"""Faces that a network finds for certain, shorter side in pixels of what it looks at."""
STEP = 8
"""Each level is so many times smaller than the one before; what one level finds overlaps with the next one's."""
DETAIL_PIXELS = 1920 * 1088
"""A level has at most so many pixels, which bounds memory: of what is larger than 4K, less detail is seen."""
MULTIPLE_PX = 32
"""The coarsest cells of the networks, so the sides of a level are multiples of it."""


def levels(image: Image, min_face_px: float) -> Iterator[Image]:
    """A picture made smaller, again and again, until a face that fills it is no larger than a network can find.

    The first level shows faces of `min_face_px` as small as a network can find; no level is larger than
    the picture.
    """
    octaves = Octaves(image)
    scale = min(1.0, SMALLEST_PX / max(min_face_px, 1), math.sqrt(DETAIL_PIXELS / (octaves.width * octaves.height)))
    while True:
        width, height = (max(round(side * scale), 1) for side in (octaves.width, octaves.height))
        yield octaves.scaled(width, height)
        if max(width, height) <= LARGEST_PX:
            return
        scale /= STEP


def letterboxed(images: list[Image]) -> NDArray[np.uint8]:
    """Pictures of one size (N, H, W, 3), each in the top left corner of black up to multiples of 32."""
    height, width = images[0].shape[:2]
    sides = (math.ceil(side / MULTIPLE_PX) * MULTIPLE_PX for side in (height, width))
    boxed = np.zeros((len(images), *sides, 3), np.uint8)
    boxed[:, :height, :width] = images
    return boxed
