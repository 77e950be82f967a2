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

MARGIN_SHARE = 14 / 160
PORTRAIT_GROWTH = 1.5


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


def facenet_pytorch(crop: Crop, side_px: int) -> Image:
    """The box and a margin, upright, as facenet-pytorch's `extract_face` cuts it.

    The margin is that of its evaluation on Labeled Faces in the Wild: 14 of 160 px, taken from both sides together.
    """
    box = boxed(crop)
    sides = np.array([box[2] - box[0], box[3] - box[1]])
    grown = sides * (MARGIN_SHARE / (1 - MARGIN_SHARE)) / 2
    edges = np.concatenate([box[:2] - grown, box[2:] + grown])
    left, top, right, bottom = np.clip(edges, 0, len(crop.portrait)).astype(int)
    inner = crop.portrait[top : max(bottom, top + 1), left : max(right, left + 1)]
    chip: Image = cv2.resize(inner, (side_px, side_px), interpolation=cv2.INTER_AREA)
    return chip


def deepface(crop: Crop, side_px: int) -> Image:
    """The box after the portrait was turned until the eyes are level, in black bars that keep its shape.

    As `detection.extract_face` and `preprocessing.resize_image` of DeepFace 0.0.103 do it.
    """
    middle = len(crop.portrait) // 2
    across, down = crop.landmarks[1] - crop.landmarks[0]
    turn = cv2.getRotationMatrix2D((middle, middle), float(np.degrees(np.arctan2(down, across))), 1.0)
    level = cv2.warpAffine(crop.portrait, turn, crop.portrait.shape[1::-1], flags=cv2.INTER_CUBIC)
    left, top, right, bottom = np.clip(boxed(crop), 0, len(level)).round().astype(int)
    return _barred(level[top : max(bottom, top + 1), left : max(right, left + 1)], side_px)


def _barred(face: Image, side_px: int) -> Image:
    """A picture as large as fits into a square, in the middle of black."""
    factor = side_px / max(face.shape[:2])
    height, width = (max(int(side * factor), 1) for side in face.shape[:2])
    top, left = (side_px - height) // 2, (side_px - width) // 2
    chip = np.zeros((side_px, side_px, 3), np.uint8)
    chip[top : top + height, left : left + width] = cv2.resize(face, (width, height))
    return chip


def boxed(crop: Crop) -> NDArray[np.float64]:
    """The face's box (left, top, right, bottom) in pixels of the portrait; see `Crop` for how that was cut."""
    box = crop.face.box
    sides = np.array([box.width, box.height]) * len(crop.portrait) / (PORTRAIT_GROWTH * max(box.width, box.height))
    middle = len(crop.portrait) / 2
    return np.concatenate([middle - sides / 2, middle + sides / 2])


ALIGNMENTS: dict[str, Alignment] = {
    "arcface": arcface,
    "deepface": deepface,
    "facenet_pytorch": facenet_pytorch,
}
