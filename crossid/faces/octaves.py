"""A picture at full size, half, a quarter…: from the nearest one every smaller view is cut quickly and cleanly."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crossid.types import Image

SMALLEST_PX = 12


class Octaves:
    """A picture and its halvings.

    Bilinear sampling is clean only while a picture shrinks by less than two: larger steps would
    skip pixels, and averaging over all of them each time would be slow.
    """

    def __init__(self, image: Image) -> None:
        self.height, self.width = image.shape[:2]
        self._images = [image]
        """As many as were asked for up to now."""

    def scaled(self, width: int, height: int) -> Image:
        """The whole picture, at most as large as it is, in another size."""
        image = self._at(min(self.width / width, self.height / height))
        scaled: Image = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
        return scaled

    def crop(self, box: NDArray[np.float32], side: int) -> Image:
        """What a box (left, top, right, bottom) holds, side × side; black where it leaves the picture."""
        left, top, right, bottom = (float(edge) for edge in box)
        image = self._at((right - left) / side)
        height, width = image.shape[:2]
        across, down = width / self.width, height / self.height
        step_x, step_y = (right - left) * across / side, (bottom - top) * down / side
        # warpAffine counts from the middle of the first pixel; boxes count from its corner.
        first_x, first_y = left * across + step_x / 2 - 0.5, top * down + step_y / 2 - 0.5
        matrix = np.array([[step_x, 0, first_x], [0, step_y, first_y]])
        crop: Image = cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        return crop

    def _at(self, shrink: float) -> Image:
        """The smallest one from which a view that is `shrink` times smaller than the picture still shrinks."""
        octave = math.floor(math.log2(shrink)) if shrink > 1 else 0
        while len(self._images) <= octave and min(self._images[-1].shape[:2]) >= 2 * SMALLEST_PX:
            height, width = self._images[-1].shape[:2]
            self._images.append(cv2.resize(self._images[-1], (width // 2, height // 2), interpolation=cv2.INTER_AREA))
        return self._images[min(octave, len(self._images) - 1)]
