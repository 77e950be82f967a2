"""SCRFD (Guo et al. 2021, arXiv 2105.04714): InsightFace's detectors with landmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crossid.faces.scores import SCRFD
from crossid.faces.single_shot import Anchors, Answer, SingleShotDetector, by_kind
from crossid.inference.feeding import Feed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float32]

OUTWARDS = np.array([-1, -1, 1, 1], np.float32)


class ScrfdDetector(SingleShotDetector):
    """Finds faces with SCRFD-10G (`det_10g.onnx` of InsightFace's pack buffalo_l)."""

    name = "scrfd"
    model = "scrfd_10g"
    feed = Feed(channels="RGB", mean=(127.5, 127.5, 127.5), scale=128.0)
    scale = SCRFD
    anchors = 2

    def read(self, outputs: Sequence[Array], count: int) -> Answer:
        """Scores, boxes and landmarks come each for all strides."""
        scores, boxes, landmarks = by_kind(outputs, count, (1, 4, 10))
        return Answer(scores[..., 0], boxes, landmarks)

    def decode(self, boxes: Array, landmarks: Array, anchors: Anchors) -> tuple[Array, Array]:
        """Distances of the edges outwards, and of the landmarks, from the cell's corner, in strides."""
        edges = (np.tile(anchors.cells, 2) + boxes * OUTWARDS) * anchors.strides
        points = (np.tile(anchors.cells, 5) + landmarks) * anchors.strides
        return edges, points.reshape(-1, 5, 2)


class Scrfd500mDetector(ScrfdDetector):
    """Finds faces with SCRFD-500M (`scrfd_500m_kps.onnx`), which is quick."""

    name = "scrfd_500m"
    model = "scrfd_500m"
