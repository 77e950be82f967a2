"""YuNet (Wu et al. 2023, doi 10.1007/s11633-023-1423-y): OpenCV's detector, tiny and quick."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crossid.faces.scores import YUNET
from crossid.faces.single_shot import Anchors, Answer, SingleShotDetector, by_kind
from crossid.inference.feeding import Feed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float32]


class YunetDetector(SingleShotDetector):
    """Finds faces with YuNet of March 2023, decoded as OpenCV's `FaceDetectorYN` decodes it."""

    name = "yunet"
    model = "yunet"
    feed = Feed(channels="BGR", mean=(0.0, 0.0, 0.0), scale=1.0)
    scale = YUNET
    anchors = 1

    def read(self, outputs: Sequence[Array], count: int) -> Answer:
        """Classes, objects, boxes and landmarks come each for all strides; a score is a geometric mean."""
        classes, objects, boxes, landmarks = by_kind(outputs, count, (1, 1, 4, 10))
        scores = np.sqrt(np.clip(classes, 0, 1) * np.clip(objects, 0, 1))
        return Answer(scores[..., 0], boxes, landmarks)

    def decode(self, boxes: Array, landmarks: Array, anchors: Anchors) -> tuple[Array, Array]:
        """Shifts of centre and landmarks from the cell's corner, and logarithms of the sides, in strides."""
        centres = (anchors.cells + boxes[:, :2]) * anchors.strides
        half = np.exp(boxes[:, 2:]) * anchors.strides / 2
        points = (np.tile(anchors.cells, 5) + landmarks) * anchors.strides
        return np.hstack([centres - half, centres + half]), points.reshape(-1, 5, 2)
