"""A graph of one size takes pictures of any size, or is refused in one sentence."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from crossid.errors import ModelError
from crossid.inference.convert.loosening import any_size
from crossid.inference.session import Session


def maximum(file: Path, shape: list[int], inputs: int = 1) -> Path:
    """A graph that takes the maximum over 2 × 2 cells, of pictures of one size."""
    node = helper.make_node("MaxPool", ["x0"], ["y"], kernel_shape=[2, 2], strides=[2, 2])
    given = [helper.make_tensor_value_info(f"x{number}", TensorProto.FLOAT, shape) for number in range(inputs)]
    told = helper.make_tensor_value_info("y", TensorProto.FLOAT, [*shape[:2], *(side // 2 for side in shape[2:])])
    graph = helper.make_graph([node], "maximum", given, [told])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(file))
    return file


def test_a_graph_made_for_one_size_takes_another(tmp_path: Path) -> None:
    file = maximum(tmp_path / "net.onnx", [1, 3, 8, 8])
    with pytest.raises(ModelError):
        Session(file, threads=1).run(np.zeros((1, 3, 4, 12), np.float32))
    session = Session(any_size(file), threads=1)
    assert session.shape == [1, 3, None, None]
    (halved,) = session.run(np.arange(144, dtype=np.float32).reshape(1, 3, 4, 12))
    assert halved.shape == (1, 3, 2, 6)
    assert halved[0, 0, 0, 0] == 13


def test_a_graph_that_takes_no_picture_is_refused(tmp_path: Path) -> None:
    for file in (_flat(tmp_path / "flat.onnx"), maximum(tmp_path / "two.onnx", [1, 3, 8, 8], inputs=2)):
        with pytest.raises(ModelError, match=file.name) as refusal:
            any_size(file)
        assert refusal.value.remedy


def _flat(file: Path) -> Path:
    node = helper.make_node("Relu", ["x"], ["y"])
    told = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3]) for name in "xy"]
    graph = helper.make_graph([node], "flat", told[:1], told[1:])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(file))
    return file


@pytest.mark.parametrize("content", [b"", b"no graph at all", b"<html>not found</html>"])
def test_a_damaged_file_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "net.onnx"
    file.write_bytes(content)
    with pytest.raises(ModelError, match=r"net\.onnx"):
        any_size(file)
