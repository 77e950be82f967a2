"""RetinaFace (Deng et al. 2020, CVPR) as biubug6 and yakhyo have trained it in PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crossid.faces.scores import RETINAFACE
from crossid.faces.single_shot import STRIDES, Anchors, Answer, SingleShotDetector
from crossid.inference.convert import retinaface
from crossid.inference.feeding import Feed
from crossid.inference.weights import file_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from crossid.inference.weights import Graph

    Array = NDArray[np.float32]

# How offsets are scaled (`data/config.py` of both projects).
CENTRE_VARIANCE, SIZE_VARIANCE = 0.1, 0.2


class RetinafaceDetector(SingleShotDetector):
    """Finds faces with a MobileNetV1-0.25, converted from its published state dict.

    `anchor_px`: sides of the two anchors in a cell of each stride.
    """

    name = "retinaface"
    model = retinaface.MODEL
    feed = Feed(channels="BGR", mean=(104.0, 117.0, 123.0), scale=1.0)
    scale = RETINAFACE
    anchors = 2
    anchor_px = ((10, 20), (32, 64), (128, 256))

    @classmethod
    def graph(cls) -> Graph:
        """The converted graph."""
        return retinaface.graph()

    def read(self, outputs: Sequence[Array], count: int) -> Answer:
        """Boxes, probabilities of "no face" and "face", and landmarks, each for all strides together."""
        boxes, chances, landmarks = outputs
        return Answer(
            chances.reshape(count, -1, 2)[..., 1], boxes.reshape(count, -1, 4), landmarks.reshape(count, -1, 10)
        )

    def decode(self, boxes: Array, landmarks: Array, anchors: Anchors) -> tuple[Array, Array]:
        """Offsets from the middle of the cell in shares of the anchor's side, and logarithms of the sides."""
        level = np.searchsorted(STRIDES, anchors.strides[:, 0])
        side = np.array(self.anchor_px, np.float32)[level, anchors.numbers][:, None]
        middles = (anchors.cells + 0.5) * anchors.strides
        centres = middles + boxes[:, :2] * CENTRE_VARIANCE * side
        half = np.exp(boxes[:, 2:] * SIZE_VARIANCE) * side / 2
        points = np.tile(middles, 5) + landmarks * CENTRE_VARIANCE * side
        return np.hstack([centres - half, centres + half]), points.reshape(-1, 5, 2)


class RetinafaceMobilenetv2Detector(RetinafaceDetector):
    """Finds faces with yakhyo's MobileNetV2."""

    name = "retinaface_mobilenetv2"
    model = "retinaface_mobilenetv2"
    anchor_px = ((16, 32), (64, 128), (256, 512))

    @classmethod
    def graph(cls) -> Path:
        """The checked ONNX file."""
        return file_of(cls.model)


class RetinafaceResnet34Detector(RetinafaceMobilenetv2Detector):
    """Finds faces with yakhyo's ResNet-34."""

    name = "retinaface_resnet34"
    model = "retinaface_resnet34"
