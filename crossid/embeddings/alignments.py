"""Alignments: how a face is laid into the square picture that a network looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

from crossid.errors import UnknownNameError
from crossid.geometry import similarity_transform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crossid.types import Crop, Image

ARCFACE_PX = 112
# insightface, `face_align.py`.
ARCFACE_POINTS = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)


class Alignment(Protocol):
    """Cuts the picture that a network looks at out of a portrait."""

    def __call__(self, crop: Crop, side_px: int) -> Image:
        """RGB picture (side_px, side_px, 3) uint8."""
        ...


def alignment(name: str) -> Alignment:
    """The alignment of that name.

    Raises:
        UnknownNameError: there is none.
    """
    if name not in ALIGNMENTS:
        raise UnknownNameError("alignment", name, ALIGNMENTS)
    return ALIGNMENTS[name]


def arcface(crop: Crop, side_px: int) -> Image:
    """The five points laid by a least-squares similarity where ArcFace's training pictures have them."""
    return onto(ARCFACE_POINTS * (side_px / ARCFACE_PX), crop, side_px)


def onto(points: NDArray[np.float32], crop: Crop, side_px: int) -> Image:
    """The five landmarks of a face laid onto `points` (5, 2) by a least-squares similarity, bilinear."""
    transform = similarity_transform(crop.landmarks, points)
    chip: Image = cv2.warpAffine(crop.portrait, transform, (side_px, side_px), flags=cv2.INTER_LINEAR)
    return chip


ALIGNMENTS: dict[str, Alignment] = {"arcface": arcface}
