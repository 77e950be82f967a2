"""Writes an ONNX graph layer after layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

OPSET = 17
IR_VERSION = 8


class Chain:
    """A graph in the making; every method adds a layer behind the tensor `x` and returns the new tensor's name."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """A node of one output."""
        name = f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def constant(self, value: NDArray[Any]) -> str:
        """A tensor that is part of the graph."""
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def convolution(
        self,
        x: str,
        kernel: NDArray[np.float32],
        bias: NDArray[np.float32],
        *,
        stride: int = 1,
        padding: int | tuple[int, int] = 0,
        group: int = 1,
    ) -> str:
        """A convolution; kernel (out, in / group, rows, columns), bias (out,); padding of both axes, or of each."""
        pads = [padding] * 4 if isinstance(padding, int) else [*padding] * 2
        return self.add(
            "Conv", x, self.constant(kernel), self.constant(bias), strides=[stride] * 2, pads=pads, group=group
        )

    def dense(self, x: str, kernel: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
        """A fully connected layer; kernel (in, out), bias (out,)."""
        return self.add("Gemm", x, self.constant(kernel), self.constant(bias))

    def prelu(self, x: str, slope: NDArray[np.float32]) -> str:
        """max(x, 0) + slope · min(x, 0) on maps; slope (channels,).

        Written as slope · x + (1 - slope) · max(x, 0) in convolutions of one weight per channel:
        ONNX Runtime keeps those in its blocked layout, while for its own PRelu, which is four
        times slower by itself, it turns every map around and back.
        """
        channels = len(slope)
        line = self.add("Conv", x, self.constant(slope.reshape(-1, 1, 1, 1)), group=channels)
        above = self.constant((1 - slope).reshape(-1, 1, 1, 1))
        return self.add("Add", line, self.add("Conv", self.add("Relu", x), above, group=channels))

    def bent(self, x: str, line: NDArray[np.float32], bend: NDArray[np.float32], sign: NDArray[np.float32]) -> str:
        """Cell by cell line · x + sign · max(bend · x, 0), of matrices (out, in), in convolutions as in `prelu`."""
        straight, above, turned = (self.constant(matrix[:, :, None, None]) for matrix in (line, bend, sign))
        kink = self.add("Conv", self.add("Relu", self.add("Conv", x, above)), turned)
        return self.add("Add", self.add("Conv", x, straight), kink)

    def finish(
        self, given: tuple[str, int, Sequence[int | str]], outputs: Mapping[str, tuple[str, Sequence[int | str]]]
    ) -> bytes:
        """The graph's bytes.

        Args:
            given: The input's name, element type and shape; a text in a shape is a size that may vary.
            outputs: Name -> tensor and its shape, float32.
        """
        for name, (tensor, _) in outputs.items():
            self._nodes.append(helper.make_node("Identity", [tensor], [name]))
        graph = helper.make_graph(
            self._nodes,
            "crossid",
            [helper.make_tensor_value_info(*given)],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, (_, shape) in outputs.items()],
            self._constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        serialized: bytes = model.SerializeToString(deterministic=True)
        return serialized
