"""Cuts faces out of a frame while it is in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from crossid.faces.quality import quality
from crossid.types import PORTRAIT_PX, Crop, Face, content_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crossid.faces import FaceSettings
    from crossid.types import Box, Detection, Frame, Image

GROWTH = 1.5
SMALLEST_SHARE = 0.8
CLOSEST_EYES_SHARE = 0.05


def cut(frame: Frame, detections: Sequence[Detection], settings: FaceSettings) -> list[Crop]:
    """The faces that are good enough, each with its portrait, in the order of `detections`.

    A detection goes if its score is under `min_score`, if the shorter side of its box is under 0.8
    times what `smallest_px` says (a detector finds some that are smaller than what it looks for), or if its
    landmarks make no face; see `is_sane`.
    """
    smallest_px = SMALLEST_SHARE * settings.smallest_px(frame.image)
    return [
        _crop(frame, detection)
        for detection in detections
        if detection.score >= settings.min_score
        and min(detection.box.width, detection.box.height) >= smallest_px
        and is_sane(detection)
    ]


def is_sane(detection: Detection) -> bool:
    """Whether landmarks make a face: inside the portrait, and the eyes apart by a twentieth of the box.

    What is not a number passes no comparison, so it is not sane.
    """
    points = detection.landmarks
    side = max(detection.box.width, detection.box.height)
    inside = np.abs(points - np.array(detection.box.centre)).max() <= side * GROWTH / 2
    return bool(inside and np.linalg.norm(points[1] - points[0]) >= CLOSEST_EYES_SHARE * side)


def _crop(frame: Frame, detection: Detection) -> Crop:
    portrait, landmarks = _portrait(frame.image, detection.box, detection.landmarks)
    face = Face(
        id=_id(frame, detection.box),
        moment=frame.moment,
        number=frame.decision.number,
        box=detection.box,
        landmarks=detection.landmarks,
        score=detection.score,
        quality=quality(portrait, landmarks, frame_px=_side_px(detection.box) / len(portrait)),
        seen_by=detection.seen_by,
    )
    return Crop(face=face, portrait=portrait, landmarks=landmarks)


def _id(frame: Frame, box: Box) -> str:
    edges = (round(edge) for edge in (box.left, box.top, box.right, box.bottom))
    return content_id(frame.moment.video, frame.moment.pts, *edges)


def _side_px(box: Box) -> int:
    """Side of the square that becomes the portrait, pixels of the frame."""
    return max(round(max(box.width, box.height) * GROWTH), 1)


def _portrait(image: Image, box: Box, landmarks: NDArray[np.float32]) -> tuple[Image, NDArray[np.float32]]:
    side = _side_px(box)
    left, top = (round(middle - side / 2) for middle in box.centre)
    portrait = _region(image, left, top, side)
    if side > PORTRAIT_PX:
        portrait = cv2.resize(portrait, (PORTRAIT_PX, PORTRAIT_PX), interpolation=cv2.INTER_AREA)
    inside = (landmarks - np.array([left, top])) * (len(portrait) / side)
    return portrait, inside.astype(np.float32)


def _region(image: Image, left: int, top: int, side: int) -> Image:
    """A square of the image; black where it leaves it."""
    height, width = image.shape[:2]
    region = np.zeros((side, side, 3), np.uint8)
    from_x, to_x = np.clip([left, left + side], 0, width)
    from_y, to_y = np.clip([top, top + side], 0, height)
    region[from_y - top : to_y - top, from_x - left : to_x - left] = image[from_y:to_y, from_x:to_x]
    return region
