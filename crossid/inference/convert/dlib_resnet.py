"""dlib's face recognition network (a ResNet with 29 convolutions) as a graph, from dlib's own file.

The file holds the layers in forward order, each as a marker followed by its parameters. The layout
is that of dlib's serialisation (`dlib/serialize.h`, `dlib/dnn/layers.h`), the architecture that of
`anet_type` in dlib's example `dnn_face_recognition_ex.cpp`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from crossid.errors import ModelError
from crossid.inference.weights import converted, of_model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crossid.inference.convert.chain import Chain
    from crossid.inference.weights import Graph

    Array = NDArray[np.float32]

VERSION = 1
SIDE_PX = 150
DIMENSIONS = 128
MEAN_RGB = (122.782, 117.001, 104.298)
LEVELS = (3, 4, 3, 3, 1)
_CONVOLUTIONS = 1 + 2 * sum(LEVELS)


def graph() -> Graph:
    """The network, converted where it is not yet: uint8 RGB chips (N, 150, 150, 3) -> (N, 128) float32.

    Raises:
        ModelError: if the weights are missing or are not those of the catalogue.
    """
    return converted("dlib_resnet", of_model("dlib_resnet"), build, version=VERSION)


class Convolution(NamedTuple):
    """A convolution and the affine layer behind it, as one: kernel (out, in, rows, columns), bias (out,)."""

    kernel: Array
    bias: Array
    stride: int
    padding: int


def build(content: bytes) -> bytes:
    """The graph of dlib's file.

    Raises:
        ModelError: if the file is not laid out as this network is.
    """
    from onnx import TensorProto  # only when a graph is built: one that is built already opens without it

    from crossid.inference.convert.chain import Chain

    convolutions, dense = read(content)
    chain = Chain()
    layers = iter(convolutions)
    x = chain.add("Cast", chain.add("Transpose", "chips", perm=[0, 3, 1, 2]), to=TensorProto.FLOAT)
    x = chain.add("Relu", _convolve(chain, x, _seeing_pixels(next(layers))))
    x = chain.add("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2])
    side = _reduced(_reduced(SIDE_PX, 7), 3)
    for level, blocks in enumerate(LEVELS):
        for block in range(blocks):
            halves = level > 0 and block == 0
            x, side = _residual(chain, x, side, next(layers), next(layers), halves=halves)
    x = chain.dense(chain.add("Flatten", chain.add("GlobalAveragePool", x)), dense, np.zeros(DIMENSIONS, np.float32))
    given = ("chips", int(TensorProto.UINT8), ("N", SIDE_PX, SIDE_PX, 3))
    return chain.finish(given, {"vectors": (x, ("N", DIMENSIONS))})


def read(content: bytes) -> tuple[list[Convolution], Array]:
    """The convolutions in forward order, and the dense layer (256, 128), of dlib's file.

    Raises:
        ModelError: if the file is not laid out as this network is.
    """
    file = _DlibFile(content)
    try:
        convolutions = [_read_convolution(file) for _ in range(_CONVOLUTIONS)]
        file.skip_to("fc_2")
        outputs, inputs = file.integer(), file.integer()
        return convolutions, file.tensor().reshape(inputs, outputs)
    except (IndexError, ValueError) as error:
        raise ModelError(
            "The dlib network's file is not laid out as expected.",
            remedy="Install it again: pip install --force-reinstall face_recognition_models==0.3.0",
        ) from error


def _read_convolution(file: _DlibFile) -> Convolution:
    file.skip_to("con_4")
    parameters = file.tensor()
    filters, rows, columns, stride, _, padding, _ = (file.integer() for _ in range(7))
    kernel, bias = parameters[:-filters].reshape(filters, -1, rows, columns), parameters[-filters:]
    file.skip_to("affine_")
    gamma, beta = file.tensor().reshape(2, filters)
    return Convolution(kernel * gamma[:, None, None, None], bias * gamma + beta, stride, padding)


def _residual(
    chain: Chain, x: str, side: int, first: Convolution, second: Convolution, *, halves: bool
) -> tuple[str, int]:
    """A residual block; one that halves has a 2 × 2 average as its shortcut.

    dlib adds tensors of different sizes as if the missing values of each were 0.
    """
    inner = _convolve(chain, chain.add("Relu", _convolve(chain, x, first)), second)
    if not halves:
        return chain.add("Relu", chain.add("Add", inner, x)), side
    shortcut = chain.add("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
    inner_side, shortcut_side = _reduced(side, 3), side // 2
    side = max(inner_side, shortcut_side)
    inner = _pad(chain, inner, 0, side - inner_side)
    shortcut = _pad(chain, shortcut, len(first.kernel) - first.kernel.shape[1], side - shortcut_side)
    return chain.add("Relu", chain.add("Add", inner, shortcut)), side


def _pad(chain: Chain, x: str, channels: int, pixels: int) -> str:
    if not channels and not pixels:
        return x
    ends = np.array([0, 0, 0, 0, 0, channels, pixels, pixels], np.int64)
    return chain.add("Pad", x, chain.constant(ends), mode="constant")


def _convolve(chain: Chain, x: str, layer: Convolution) -> str:
    return chain.convolution(x, layer.kernel, layer.bias, stride=layer.stride, padding=layer.padding)


def _seeing_pixels(layer: Convolution) -> Convolution:
    """The first convolution with dlib's normalisation (x - mean) / 256 inside: exact, as it does not pad."""
    mean = np.array(MEAN_RGB, np.float32)
    kernel = layer.kernel / np.float32(256)
    return layer._replace(kernel=kernel, bias=layer.bias - np.einsum("oirc,i->o", kernel, mean))


def _reduced(side: int, window: int) -> int:
    """The side of a map after a window moved over it in steps of 2, without padding."""
    return (side - window) // 2 + 1


class _DlibFile:
    """Reads dlib's serialised integers and tensors, one after the other."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def skip_to(self, marker: str) -> None:
        """Go behind a marker: a text preceded by its length."""
        wanted = bytes([1, len(marker)]) + marker.encode("ascii")
        self._at = self._content.index(wanted, self._at) + len(wanted)

    def integer(self) -> int:
        """A control byte (low nibble: count of bytes; bit 7: negative), then the bytes, lowest first."""
        control = self._content[self._at]
        start, self._at = self._at + 1, self._at + 1 + (control & 0x0F)
        value = int.from_bytes(self._content[start : self._at], "little")
        return -value if control & 0x80 else value

    def tensor(self) -> Array:
        """All values of a tensor, flat: a version, four sizes, then float32, lowest byte first."""
        if self.integer() != 2:
            raise ValueError("not a tensor")
        count = math.prod(self.integer() for _ in range(4))
        start, self._at = self._at, self._at + 4 * count
        return np.frombuffer(self._content, "<f4", count, start)
