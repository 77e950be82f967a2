"""How useful a face is for recognition: size, sharpness, pose and exposure.

Size, sharpness and exposure are curves through what was measured with dlib's ResNet on degraded
photographs: an aspect of exp(-20 · d) where the mean cosine to other photographs of the same person
falls by d. Pose is geometry alone. docs/faces.md has the figures.
"""

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
INNER = np.s_[16:-8, 16:-16]
SIZE_PX = 15.0
GRAIN_PX = 1.5
SHARP, SHARP_DECADES = -2.2, 2.0
# The nose of a frontal face lies about half-way from the eyes to the mouth (median of LFW: 0.53), and stands
# out by half the distance between the eyes.
NOSE_SHARE, NOSE_HEIGHT = 0.53, 0.5
BLACK, WHITE, DIM = 5, 250, 11.0


class Aspects(NamedTuple):
    """The four things that make a face useful, each in [0, 1]."""

    size: float
    sharpness: float
    pose: float
    exposure: float


def quality(portrait: Image, landmarks: NDArray[np.float32], *, frame_px: float = 1.0) -> float:
    """The product of the face's aspects, [0, 1].

    Args:
        portrait: (S, S, 3) uint8 RGB.
        landmarks: (5, 2) pixels of the portrait.
        frame_px: Pixels of the frame per pixel of the portrait.
    """
    return float(np.prod(aspects(portrait, landmarks, frame_px=frame_px)))


def aspects(portrait: Image, landmarks: NDArray[np.float32], *, frame_px: float = 1.0) -> Aspects:
    """The aspects of a face; arguments as of `quality`. They are judged on a grey chip of 112 px, aligned."""
    transform = similarity_transform(landmarks, CHIP_POINTS)
    grey = cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY)
    chip = cv2.warpAffine(grey, transform, (CHIP_PX, CHIP_PX), flags=cv2.INTER_LINEAR)
    chip_px_per_pixel = float(np.hypot(*transform[:, 0]))
    inner = chip[INNER].astype(np.float32)
    return Aspects(
        size=_size(frame_px * CHIP_PX / max(chip_px_per_pixel, float(np.finfo(np.float32).eps))),
        sharpness=_sharpness(inner),
        pose=_pose(landmarks.astype(np.float64)),
        exposure=_exposure(inner),
    )


def _size(side_px: float) -> float:
    """1 - exp(-side / 15), of the pixels of the frame that the chip's side spans: 0.86 at 30, 0.98 at 60."""
    return float(1 - np.exp(-side_px / SIZE_PX))


def _sharpness(inner: NDArray[np.float32]) -> float:
    """1 + (log10 v + 2.2) / 2, within [0, 1].

    v is the variance of the Laplacian over the variance of the face, so contrast does not count,
    after a Gaussian of 1.5 px, so noise and the grain of dark pictures do not count either.
    """
    smooth = cv2.GaussianBlur(inner, (0, 0), GRAIN_PX)
    contrast = max(float(inner.var()), 1.0)
    detail = float(cv2.Laplacian(smooth, cv2.CV_32F)[2:-2, 2:-2].var()) / contrast
    return float(np.clip(1 + (np.log10(max(detail, 1e-9)) - SHARP) / SHARP_DECADES, 0, 1))


def _pose(landmarks: NDArray[np.float64]) -> float:
    """The cosine of yaw times the cosine of pitch; roll is undone by every alignment and does not count.

    Both angles follow from where the nose is between the eyes and between eyes and mouth, as it
    stands out by half the distance that it is compared with.
    """
    left_eye, right_eye, nose, left_mouth, right_mouth = landmarks
    eyes = (left_eye + right_eye) / 2
    aside = _share(nose - eyes, right_eye - left_eye)
    under = _share(nose - eyes, (left_mouth + right_mouth) / 2 - eyes) - NOSE_SHARE
    yaw, pitch = np.arctan(aside / NOSE_HEIGHT), np.arctan(under / NOSE_HEIGHT)
    return float(np.cos(yaw) * np.cos(pitch))


def _share(vector: NDArray[np.float64], along: NDArray[np.float64]) -> float:
    """How far a vector goes along another, 1 being its whole length; endless where that has none."""
    square = float(along @ along)
    return float(vector @ along) / square if square > 0 else np.inf


def _exposure(inner: NDArray[np.float32]) -> float:
    """(1 - exp(-mean / 11)) · (1 - clipped²), clipped being the share of pixels that are black or white."""
    clipped = float(np.mean((inner <= BLACK) | (inner >= WHITE)))
    return float((1 - np.exp(-float(inner.mean()) / DIM)) * (1 - clipped**2))
