"""Lets a graph take pictures of any size whose file says one size, although its layers do not mind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # it brings no stubs

from crossid.errors import ModelError

if TYPE_CHECKING:
    from crossid.inference.weights import Graph

HEIGHT, WIDTH = 2, 3


def any_size(graph: Graph) -> bytes:
    """The graph with height and width of its input (N, C, H, W) free, and so all that is known of its outputs.

    A graph that is made for one size in its layers too answers, or is refused, when it runs.

    Raises:
        ModelError: if the file cannot be read, or is no graph that takes one picture tensor.
    """
    try:
        model = onnx.load(str(graph)) if isinstance(graph, Path) else onnx.load_from_string(graph)
    except (OSError, DecodeError) as error:
        raise _refusal(graph, "it is damaged or no ONNX file") from error
    constants = {constant.name for constant in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in constants]
    if len(inputs) != 1 or len(inputs[0].type.tensor_type.shape.dim) != 4:
        raise _refusal(graph, "it does not take pictures (N, C, H, W)")
    sizes = inputs[0].type.tensor_type.shape.dim
    sizes[HEIGHT].dim_param, sizes[WIDTH].dim_param = "height", "width"
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    content: bytes = model.SerializeToString()
    return content


def _refusal(graph: Graph, why: str) -> ModelError:
    return ModelError(
        f"{graph.name if isinstance(graph, Path) else 'A graph in memory'} cannot be used as a detector: {why}.",
        remedy="Fetch it again, or name another file in crossid.toml.",
    )
