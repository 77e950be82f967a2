"""Finds the faces of one span, frame after frame: a full search now and then, and in between only where faces were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from crossid.faces.cutting import cut
from crossid.faces.ensemble import EnsembleDetector
from crossid.geometry import iou

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crossid.faces import Detector, FaceSettings
    from crossid.types import Box, Crop, Detection, Frame, Image

EARLY_S = 0.002
"""Frames come at whole ticks: one this much early counts as on time."""
SAME_FACE = 0.3
"""Smallest intersection over union of a face with where it was expected."""


@runtime_checkable
class Confirming(Protocol):
    """A detector that can also look at some places only, much faster than at all of a picture."""

    def confirm(self, image: Image, boxes: NDArray[np.float32]) -> list[Detection]:
        """The faces about `boxes` (N, 4), by falling score."""
        ...


class Finder:
    """Finds faces in the frames of one span; made anew for each.

    All of a frame is searched where a shot begins, every `search_every_s`, and where a face is no longer where it
    was expected. Of other frames only the places are looked at where faces were seen in the one before.
    """

    def __init__(self, part: Detector, settings: FaceSettings) -> None:
        self._part, self._settings = part, settings
        self._searched_s = -np.inf
        self._before: tuple[float, list[Detection]] = (0.0, [])
        """When the frame before was taken, and the faces in it."""
        self._motion: NDArray[np.float32] = np.empty((0, 2), np.float32)
        """Pixels a second (N, 2) by which each of those moved."""

    def find(self, frames: Sequence[Frame]) -> list[list[Crop]]:
        """For each frame, in time order, the faces in it, best score first, each with its crop; see `cutting`."""
        if self._settings.search_every_s > 0 and isinstance(self._part, Confirming):
            found = [self._found(frame, self._part) for frame in frames]
        else:
            found = self._part.detect([frame.image for frame in frames])
            if isinstance(self._part, EnsembleDetector) and self._part.is_cascade:
                found = [self._doubted(frame, here, self._part) for frame, here in zip(frames, found, strict=True)]
        return [cut(frame, here, self._settings) for frame, here in zip(frames, found, strict=True)]

    def _found(self, frame: Frame, part: Confirming) -> list[Detection]:
        now_s = frame.moment.seconds
        found = None if self._is_search_due(frame) else self._confirmed(frame, part)
        if found is None:
            (found,) = self._part.detect([frame.image])
            self._searched_s = now_s
        sure = self._sure(found)
        self._motion = self._moved(sure, now_s)
        self._before = now_s, sure
        return found

    def _doubted(self, frame: Frame, found: list[Detection], part: EnsembleDetector) -> list[Detection]:
        """What a cascade's first member found, or what all of them do where a face of the frame before is gone."""
        if not frame.starts_shot and self._has_lost(found):
            found = part.doubted(frame.image)
        self._before = frame.moment.seconds, self._sure(found)
        return found

    def _has_lost(self, found: Sequence[Detection]) -> bool:
        """Whether a face of the frame before lies where now there is none at all: a track would break."""
        _, before = self._before
        sure = self._sure(found)
        return bool(before) and (not sure or bool((iou(_rows(before), _rows(sure)).max(axis=1) <= 0).any()))

    def _sure(self, found: Sequence[Detection]) -> list[Detection]:
        """Those that are followed; others come and go."""
        return [each for each in found if each.score >= self._settings.min_score]

    def _is_search_due(self, frame: Frame) -> bool:
        return frame.starts_shot or frame.moment.seconds - self._searched_s + EARLY_S >= self._settings.search_every_s

    def _confirmed(self, frame: Frame, part: Confirming) -> list[Detection] | None:
        """The faces where they are expected; None if one is not."""
        then_s, before = self._before
        if not before:
            return []
        shift = self._motion * (frame.moment.seconds - then_s)
        expected = _rows(before) + np.tile(shift, 2).astype(np.float32)
        found = part.confirm(frame.image, expected)
        sure = self._sure(found)
        if len(sure) < len(before) or (iou(expected, _rows(sure)).max(axis=1) < SAME_FACE).any():
            return None
        return found

    def _moved(self, found: Sequence[Detection], now_s: float) -> NDArray[np.float32]:
        """Pixels a second (N, 2) by which the middle of each face moved; 0 for one that was not seen before."""
        then_s, before = self._before
        motion = np.zeros((len(found), 2), np.float32)
        if not found or not before or now_s <= then_s:
            return motion
        overlaps = iou(_rows(found), _rows(before))
        nearest = overlaps.argmax(axis=1)
        known = overlaps.max(axis=1) >= SAME_FACE
        middles, earlier = (_rows(some).reshape(-1, 2, 2).mean(axis=1) for some in (found, before))
        motion[known] = (middles - earlier[nearest])[known] / (now_s - then_s)
        return motion


def _rows(found: Sequence[Detection]) -> NDArray[np.float32]:
    """Boxes (N, 4)."""
    return np.array([_row(each.box) for each in found], np.float32).reshape(-1, 4)


def _row(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom
