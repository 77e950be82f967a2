"""The three networks of MTCNN (Zhang et al. 2016) as graphs, from the arrays inside the `mtcnn` package.

Each takes uint8 RGB pictures (N, H, W, 3): the normalisation (x - 127.5) / 128 is folded into the
first convolution, which is exact because no layer pads before it. A softmax over "no face" and
"face" is the logistic function of their difference, so the two are folded into one.
"""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from crossid.inference.weights import converted, of_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from crossid.inference.weights import Graph

    Array = NDArray[np.float32]

VERSION = 3
RGB = 3
BLOCK = 16


class Graphs(NamedTuple):
    """The cascade's networks.

    `proposal`: pictures of any size -> scores (N, 1, h, w), offsets (N, 4, h, w), one cell per 2 px.
    `refine`: 24 × 24 crops -> scores (N, 1), offsets (N, 4). `output`: 48 × 48 crops -> scores
    (N, 1), offsets (N, 4), landmarks (N, 10): five x, then five y, as shares of the crop's side.
    """

    proposal: Graph
    refine: Graph
    output: Graph


def graphs() -> Graphs:
    """The networks, converted where they are not yet.

    Raises:
        ModelError: if the weights are missing or are not those of the catalogue.
    """
    builders = (proposal, refine, output)
    return Graphs(
        *(
            converted(f"mtcnn-{weights.name}", [weights], partial(_build, builder), version=VERSION)
            for weights, builder in zip(of_model("mtcnn"), builders, strict=True)
        )
    )


def proposal(arrays: list[Array]) -> bytes:
    """P-Net, fully convolutional."""
    net = _Net(arrays)
    x = net.pooled_convolution(net.pictures(), size=2)
    x = net.convolution(x)
    x = net.convolution(x)
    offsets = net.plain_convolution(x)
    scores = net.chain.add("Sigmoid", net.face_convolution(x))
    return net.finish(
        ["N", "H", "W", 3], {"scores": (scores, ["N", 1, "h", "w"]), "offsets": (offsets, ["N", 4, "h", "w"])}
    )


def refine(arrays: list[Array]) -> bytes:
    """R-Net."""
    net = _Net(arrays)
    x = net.convolution(net.pictures())
    x = net.pool(x, size=3, pad=True)
    x = net.convolution(x)
    x = net.pool(x, size=3)
    x = net.convolution(x)
    x = net.hidden(x, side=3)
    offsets = net.plain_dense(x)
    scores = net.chain.add("Sigmoid", net.face_dense(x))
    return net.finish(["N", 24, 24, 3], {"scores": (scores, ["N", 1]), "offsets": (offsets, ["N", 4])})


def output(arrays: list[Array]) -> bytes:
    """O-Net."""
    net = _Net(arrays)
    x = net.convolution(net.pictures())
    x = net.pool(x, size=3, pad=True)
    x = net.convolution(x)
    x = net.pool(x, size=3)
    x = net.convolution(x)
    x = net.pool(x, size=2, pad=True)
    x = net.convolution(x)
    x = net.hidden(x, side=3)
    offsets = net.plain_dense(x)
    landmarks = net.plain_dense(x)
    scores = net.chain.add("Sigmoid", net.face_dense(x))
    return net.finish(
        ["N", 48, 48, 3],
        {"scores": (scores, ["N", 1]), "offsets": (offsets, ["N", 4]), "landmarks": (landmarks, ["N", 10])},
    )


def _build(builder: Callable[[list[Array]], bytes], content: bytes) -> bytes:
    import joblib  # only here and when a graph is built: what is built already opens without them

    # A joblib file is a pickle, which could run code: `Weights.read` has let only known bytes come here.
    return builder(joblib.load(io.BytesIO(content)))


class _Net:
    """Takes the arrays of a Keras model one after the other and lays them into a chain.

    Keras keeps kernels (rows, columns, in, out) and tensors channels last; ONNX wants channels first.
    """

    def __init__(self, arrays: list[Array]) -> None:
        from crossid.inference.convert.chain import Chain

        self.chain = Chain()
        self._arrays: Iterator[Array] = iter(arrays)
        self._channels = RGB

    def pictures(self) -> str:
        from onnx import TensorProto

        return self.chain.add("Cast", self.chain.add("Transpose", "pictures", perm=[0, 3, 1, 2]), to=TensorProto.FLOAT)

    def convolution(self, x: str) -> str:
        """A convolution and its PReLU, with idle channels up to a multiple of 16, which vector units like."""
        kernel, bias = self._kernel()
        idle = -len(bias) % BLOCK
        slope = next(self._arrays).reshape(-1)
        self._channels = len(bias) + idle
        x = self.chain.convolution(x, np.pad(kernel, ((0, idle), (0, 0), (0, 0), (0, 0))), np.pad(bias, (0, idle)))
        return self.chain.prelu(x, np.pad(slope, (0, idle)))

    def pooled_convolution(self, x: str, *, size: int) -> str:
        """A convolution, its PReLU and a pool, the pool first: what follows it has a quarter of the cells.

        A PReLU of slope a >= 0 rises, so it may as well follow the pool. Of a < 0 it is max(x, -a · -x), so the
        pool needs the largest x and the largest -x; those go where idle channels would be.
        """
        kernel, bias = self._kernel()
        slope = next(self._arrays).reshape(-1)
        falls, count = np.flatnonzero(slope < 0), len(slope)
        used = count + len(falls)
        self._channels = used + -used % BLOCK
        idle = self._channels - used
        kernel = np.pad(np.concatenate([kernel, -kernel[falls]]), ((0, idle), (0, 0), (0, 0), (0, 0)))
        bias = np.pad(np.concatenate([bias, -bias[falls]]), (0, idle))
        x = self.pool(self.chain.convolution(x, kernel, bias), size=size, pad=True)
        line, bend, sign = (np.zeros((self._channels, self._channels), np.float32) for _ in range(3))
        own = np.arange(count)
        line[own, own] = np.where(slope < 0, 1, slope)
        bend[own, own] = np.where(slope < 0, -1, np.abs(1 - slope))
        bend[falls, count + np.arange(len(falls))] = -slope[falls]
        sign[own, own] = np.where(slope > 1, -1, 1)
        return self.chain.bent(x, line, bend, sign)

    def plain_convolution(self, x: str) -> str:
        return self.chain.convolution(x, *self._kernel())

    def _kernel(self) -> tuple[Array, Array]:
        """The next kernel, made to fit the channels that come in, and its bias."""
        kernel, bias = next(self._arrays).transpose(3, 2, 0, 1), next(self._arrays)
        if self._channels == RGB:
            kernel = kernel / np.float32(128)
            bias = bias - kernel.sum(axis=(1, 2, 3)) * np.float32(127.5)
        return np.pad(kernel, ((0, 0), (0, self._channels - kernel.shape[1]), (0, 0), (0, 0))), bias

    def face_convolution(self, x: str) -> str:
        """The logit of "face" against "no face"."""
        kernel, bias = self._kernel()
        return self.chain.convolution(x, kernel[1:] - kernel[:1], bias[1:] - bias[:1])

    def pool(self, x: str, *, size: int, pad: bool = False) -> str:
        """Maximum over windows every 2 px; `pad`: Keras' "same", where the last window may hang over."""
        return self.chain.add(
            "MaxPool", x, kernel_shape=[size] * 2, strides=[2, 2], auto_pad="SAME_UPPER" if pad else "VALID"
        )

    def hidden(self, x: str, *, side: int) -> str:
        """A dense layer and its PReLU on maps of side × side; Keras flattens them as (columns, rows, channels)."""
        kernel, bias, slope = (next(self._arrays) for _ in range(3))
        units = kernel.shape[1]
        kernel = kernel.reshape(side, side, -1, units).transpose(2, 1, 0, 3).reshape(-1, units)
        x = self.chain.dense(self.chain.add("Flatten", x), kernel, bias)
        return self.chain.add("PRelu", x, self.chain.constant(slope))

    def plain_dense(self, x: str) -> str:
        return self.chain.dense(x, next(self._arrays), next(self._arrays))

    def face_dense(self, x: str) -> str:
        """The logit of "face" against "no face"."""
        kernel, bias = next(self._arrays), next(self._arrays)
        return self.chain.dense(x, kernel[:, 1:] - kernel[:, :1], bias[1:] - bias[:1])

    def finish(self, shape: Sequence[int | str], outputs: Mapping[str, tuple[str, Sequence[int | str]]]) -> bytes:
        from onnx import TensorProto

        return self.chain.finish(("pictures", TensorProto.UINT8, shape), outputs)
