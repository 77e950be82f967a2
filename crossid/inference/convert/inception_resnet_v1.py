"""InceptionResnetV1 (Szegedy et al. 2016, arXiv 1602.07261) as a graph, from facenet-pytorch's state dict.

Names and layers are those of `facenet_pytorch/models/inception_resnet_v1.py`. Its last two layers, a
dense one and a batch normalisation, are one; the unit length that the module gives its vectors is
left to whoever adds vectors up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx import TensorProto

from crossid.inference.convert.chain import Chain
from crossid.inference.convert.folding import StateDict
from crossid.inference.tensors import state_dict
from crossid.inference.weights import converted, of_model

if TYPE_CHECKING:
    from crossid.inference.weights import Graph

MODEL = "inception_resnet_v1"
VERSION = 1
EPSILON = 1e-3
SIDE_PX = 160
DIMENSIONS = 512
# Repeated blocks: how many, and the scale of what each adds; the last block of all is not followed by a ReLU.
REPEATS = {"repeat_1": (5, 0.17), "repeat_2": (10, 0.10), "repeat_3": (5, 0.20)}


def graph() -> Graph:
    """The network, converted where it is not yet: (N, 3, 160, 160) float32 -> (N, 512) float32.

    Raises:
        ModelError: if the weights are missing or are not those of the catalogue.
    """
    return converted(MODEL, of_model(MODEL), build, version=VERSION)


def build(content: bytes) -> bytes:
    """The graph of a state dict.

    Raises:
        ModelError: if the content is not such a state dict.
    """
    net = _Net(StateDict(state_dict(content), EPSILON))
    x = net.reduction_b(net.repeat(net.reduction_a(net.repeat(net.stem("faces"), "repeat_1")), "repeat_2"))
    x = net.block(net.repeat(x, "repeat_3"), "block8", scale=1.0)
    x = net.dense(net.chain.add("Flatten", net.chain.add("GlobalAveragePool", x)))
    given = ("faces", int(TensorProto.FLOAT), ("N", 3, SIDE_PX, SIDE_PX))
    return net.chain.finish(given, {"vectors": (x, ("N", DIMENSIONS))})


class _Net:
    """Lays the modules of the network into a chain."""

    def __init__(self, tensors: StateDict) -> None:
        self.chain = Chain()
        self._tensors = tensors

    def stem(self, x: str) -> str:
        x = self._convolve(x, "conv2d_1a", stride=2)
        x = self._convolve(x, "conv2d_2a", padded=False)
        x = self._convolve(x, "conv2d_2b")
        x = self._convolve(self._pool(x), "conv2d_3b")
        x = self._convolve(x, "conv2d_4a", padded=False)
        return self._convolve(x, "conv2d_4b", stride=2)

    def repeat(self, x: str, name: str) -> str:
        """Residual blocks, each followed by a ReLU."""
        count, scale = REPEATS[name]
        for number in range(count):
            x = self.chain.add("Relu", self.block(x, f"{name}.{number}", scale=scale))
        return x

    def block(self, x: str, name: str, *, scale: float) -> str:
        """A residual block: branches side by side, brought to the channels of x, scaled and added."""
        branches = [self._convolve(x, f"{name}.branch0")]
        branches += [self._branch(x, f"{name}.branch{number}") for number in (1, 2) if self._has(name, number)]
        kernel, bias = self._tensors.layer(f"{name}.conv2d")
        joined = self.chain.add("Concat", *branches, axis=1)
        return self.chain.add("Add", self.chain.convolution(joined, kernel * scale, bias * scale), x)

    def reduction_a(self, x: str) -> str:
        """From maps of 17 px to 8, 896 channels."""
        parts = [
            self._convolve(x, "mixed_6a.branch0", stride=2),
            self._branch(x, "mixed_6a.branch1", stride=2),
            self._pool(x),
        ]
        return self.chain.add("Concat", *parts, axis=1)

    def reduction_b(self, x: str) -> str:
        """From maps of 8 px to 3, 1,792 channels."""
        branches = [self._branch(x, f"mixed_7a.branch{number}", stride=2) for number in range(3)]
        return self.chain.add("Concat", *branches, self._pool(x), axis=1)

    def dense(self, x: str) -> str:
        kernel, bias = self._tensors.folded("last_linear", "last_bn")
        return self.chain.dense(x, kernel.T, bias)

    def _has(self, block: str, branch: int) -> bool:
        return f"{block}.branch{branch}.0.conv.weight" in self._tensors

    def _branch(self, x: str, name: str, *, stride: int = 1) -> str:
        """Convolutions one after the other; the last one has the stride, and does not pad if that is 2."""
        number = 0
        while f"{name}.{number + 1}.conv.weight" in self._tensors:
            x = self._convolve(x, f"{name}.{number}")
            number += 1
        return self._convolve(x, f"{name}.{number}", stride=stride)

    def _convolve(self, x: str, name: str, *, stride: int = 1, padded: bool = True) -> str:
        """A convolution and its ReLU; with stride 1 it keeps the size of the map, unless it is not padded."""
        kernel, bias = self._tensors.folded(f"{name}.conv", f"{name}.bn")
        rows, columns = kernel.shape[2:]
        padding = (rows // 2, columns // 2) if padded and stride == 1 else 0
        return self.chain.add("Relu", self.chain.convolution(x, kernel, bias, stride=stride, padding=padding))

    def _pool(self, x: str) -> str:
        return self.chain.add("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2])
