"""RetinaFace with a MobileNetV1-0.25 (Deng et al. 2020, CVPR) as a graph, from a PyTorch state dict.

Names and layers are those of biubug6's Pytorch_Retinaface (`models/net.py`, `models/retinaface.py`):
a MobileNetV1 of a quarter of the channels, a feature pyramid of 64 channels, a context module (SSH)
and three heads on each of its levels. The graph answers as that project's own ONNX export does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from onnx import TensorProto

from crossid.inference.convert.chain import Chain
from crossid.inference.convert.folding import StateDict
from crossid.inference.tensors import state_dict
from crossid.inference.weights import converted, of_model

if TYPE_CHECKING:
    from crossid.inference.weights import Graph

MODEL = "retinaface_mobilenet025"
VERSION = 1
EPSILON = 1e-5
LEAK = 0.1
# Strides of the depthwise blocks of each stage; the first stage starts with a plain convolution.
STAGES = {"body.stage1": (1, 2, 1, 2, 1), "body.stage2": (2, 1, 1, 1, 1, 1), "body.stage3": (2, 1)}
HEADS = {"boxes": ("BboxHead", 4), "scores": ("ClassHead", 2), "landmarks": ("LandmarkHead", 10)}


def graph() -> Graph:
    """The network, converted where it is not yet; see `build`.

    Raises:
        ModelError: if the weights are missing or are not those of the catalogue.
    """
    return converted(MODEL, of_model(MODEL), build, version=VERSION)


def build(content: bytes) -> bytes:
    """The graph of a state dict.

    It takes BGR pictures minus (104, 117, 123), (N, 3, H, W) float32, both sides multiples of 32, and answers
    with offsets of boxes (N, A, 4), probabilities of "no face" and "face" (N, A, 2) and offsets of landmarks
    (N, A, 10), for two anchors in each cell of 8, 16 and 32 px, row by row.

    Raises:
        ModelError: if the content is not such a state dict.
    """
    net = _Net(StateDict(state_dict(content), EPSILON))
    levels = net.pyramid(net.stages("pictures"))
    contexts = [net.context(f"ssh{number}", level) for number, level in enumerate(levels, 1)]
    boxes, scores, landmarks = (net.head(name, size, contexts) for name, size in HEADS.values())
    scores = net.chain.add("Softmax", scores, axis=2)
    return net.chain.finish(
        ("pictures", int(TensorProto.FLOAT), ("N", 3, "H", "W")),
        {
            "boxes": (boxes, ("N", "A", 4)),
            "scores": (scores, ("N", "A", 2)),
            "landmarks": (landmarks, ("N", "A", 10)),
        },
    )


class _Net:
    """Lays the modules of the network into a chain."""

    def __init__(self, tensors: StateDict) -> None:
        self.chain = Chain()
        self._tensors = tensors

    def stages(self, x: str) -> list[str]:
        """What each stage of the body makes of the pictures."""
        outputs: list[str] = []
        for stage, strides in STAGES.items():
            first = 0
            if not outputs:
                x, first = self._convolve(x, f"{stage}.0", stride=2), 1
            for block, stride in enumerate(strides, first):
                x = self._depthwise(x, f"{stage}.{block}", stride)
            outputs.append(x)
        return outputs

    def pyramid(self, stages: list[str]) -> list[str]:
        """Each stage at 64 channels, with what the coarser ones saw added, finest first."""
        fine, middle, coarse = (self._convolve(x, f"fpn.output{level}") for level, x in enumerate(stages, 1))
        middle = self._convolve(self.chain.add("Add", middle, self._doubled(coarse)), "fpn.merge2")
        fine = self._convolve(self.chain.add("Add", fine, self._doubled(middle)), "fpn.merge1")
        return [fine, middle, coarse]

    def context(self, name: str, x: str) -> str:
        """Windows of 3, 5 and 7 px side by side, the larger ones made of threes."""
        inner = self._convolve(x, f"{name}.conv5X5_1")
        parts = [
            self._linear(x, f"{name}.conv3X3"),
            self._linear(inner, f"{name}.conv5X5_2"),
            self._linear(self._convolve(inner, f"{name}.conv7X7_2"), f"{name}.conv7x7_3"),
        ]
        return self.chain.add("Relu", self.chain.add("Concat", *parts, axis=1))

    def head(self, name: str, size: int, levels: list[str]) -> str:
        """A head on all levels: (N, anchors of all cells, size)."""
        answers = []
        shape = self.chain.constant(np.array([0, -1, size], np.int64))
        for level, x in enumerate(levels):
            cells = self.chain.convolution(x, *self._tensors.layer(f"{name}.{level}.conv1x1"))
            answers.append(self.chain.add("Reshape", self.chain.add("Transpose", cells, perm=[0, 2, 3, 1]), shape))
        return self.chain.add("Concat", *answers, axis=1)

    def _depthwise(self, x: str, name: str, stride: int) -> str:
        """A convolution within each channel, then one across channels."""
        layer = self._tensors.folded(f"{name}.0", f"{name}.1")
        x = self._leaky(self.chain.convolution(x, *layer, stride=stride, padding=1, group=len(layer.bias)))
        return self._leaky(self.chain.convolution(x, *self._tensors.folded(f"{name}.3", f"{name}.4")))

    def _convolve(self, x: str, name: str, *, stride: int = 1) -> str:
        return self._leaky(self._linear(x, name, stride=stride))

    def _linear(self, x: str, name: str, *, stride: int = 1) -> str:
        layer = self._tensors.folded(f"{name}.0", f"{name}.1")
        return self.chain.convolution(x, *layer, stride=stride, padding=layer.kernel.shape[-1] // 2)

    def _leaky(self, x: str) -> str:
        return self.chain.add("LeakyRelu", x, alpha=LEAK)

    def _doubled(self, x: str) -> str:
        """Twice as high and wide; a multiple of 32 halves without rest, so this is what the original resizes to."""
        scales = self.chain.constant(np.array([1, 1, 2, 2], np.float32))
        return self.chain.add(
            "Resize", x, "", scales, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"
        )
