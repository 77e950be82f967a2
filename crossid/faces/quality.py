"""How useful a face is for recognition: size, sharpness, pose and exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from crossid.geometry import similarity_transform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crossid.types import Image

CHIP_PX = 112
# Where ArcFace's alignment puts eyes, nose and mouth on a chip of 112 px (insightface, `face_align.py`).
CHIP_POINTS = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)


class Aspects(NamedTuple):
    """The four things that make a face useful, each in [0, 1]."""

    size: float
    sharpness: float
    pose: float
    exposure: float


def quality(portrait: Image, landmarks: NDArray[np.float32], *, frame_px: float = 1.0) -> float:
    """The geometric mean of the face's aspects, [0, 1]: one that is useless makes the face useless.

    Args:
        portrait: (S, S, 3) uint8 RGB.
        landmarks: (5, 2) pixels of the portrait.
        frame_px: Pixels of the frame per pixel of the portrait.
    """
    return float(np.prod(aspects(portrait, landmarks, frame_px=frame_px)) ** (1 / 4))


def aspects(portrait: Image, landmarks: NDArray[np.float32], *, frame_px: float = 1.0) -> Aspects:
    """The aspects of a face; arguments as of `quality`."""
    transform = similarity_transform(landmarks, CHIP_POINTS)
    grey = cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY)
    chip = cv2.warpAffine(grey, transform, (CHIP_PX, CHIP_PX), flags=cv2.INTER_LINEAR)
    scale = float(np.hypot(*transform[:, 0]))
    return Aspects(
        size=_size(frame_px * CHIP_PX / max(scale, 1e-6)),
        sharpness=_sharpness(chip),
        pose=_pose(landmarks),
        exposure=_exposure(chip),
    )


def _size(side_px: float) -> float:
    return min(side_px / CHIP_PX, 1.0)


def _sharpness(chip: NDArray[np.uint8]) -> float:
    centre = chip[16:-8, 16:-16].astype(np.float32)
    contrast = max(float(centre.std()), 1.0)
    detail = float(cv2.Laplacian(centre / contrast, cv2.CV_32F)[1:-1, 1:-1].var())
    return float(np.clip((np.log10(max(detail, 1e-6)) + 3) / 2.5, 0, 1))


def _pose(landmarks: NDArray[np.float32]) -> float:
    left_eye, right_eye, nose, left_mouth, right_mouth = landmarks.astype(np.float64)
    eyes, mouth = (left_eye + right_eye) / 2, (left_mouth + right_mouth) / 2
    across = right_eye - left_eye
    down = mouth - eyes
    yaw = abs((nose - eyes) @ across) / max(across @ across, 1e-6)
    pitch = abs((nose - eyes) @ down / max(down @ down, 1e-6) - 0.5)
    return float(np.clip(1 - yaw, 0, 1) * np.clip(1 - pitch, 0, 1))


def _exposure(chip: NDArray[np.uint8]) -> float:
    mean = float(chip.mean())
    clipped = float(np.mean((chip <= 5) | (chip >= 250)))
    return float(np.interp(mean, [10, 80, 180, 250], [0, 1, 1, 0])) * (1 - clipped)
