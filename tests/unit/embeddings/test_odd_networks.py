"""A user's ONNX file may be any: what does not look at a face and answer with a vector is refused, never a bug."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from onnx import TensorProto, helper

from crossid.embeddings import EmbeddingSettings, embedders
from crossid.embeddings.alignments import ARCFACE_POINTS
from crossid.errors import ModelError
from crossid.inference.feeding import Feed
from crossid.inference.own_models import OwnEmbedder
from crossid.types import Box, Crop, Face, Moment

if TYPE_CHECKING:
    from pathlib import Path

SIDE = 112
PICTURE = ["N", 3, SIDE, SIDE]
FLOAT, HALF = TensorProto.FLOAT, TensorProto.FLOAT16


def graph(nodes: list[tuple[str, list[str], str]], inputs: list[tuple[str, int, list]], output: list) -> bytes:
    made = [helper.make_node(kind, given, [made]) for kind, given, made in nodes]
    told = [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in inputs]
    last = helper.make_tensor_value_info(nodes[-1][2], inputs[0][1], output)
    model = helper.make_model(
        helper.make_graph(made, "odd", told, [last]), opset_imports=[helper.make_opsetid("", 13)], ir_version=8
    )
    return bytes(model.SerializeToString())


ODD = {
    "two pictures": graph([("Add", ["x", "z"], "y")], [("x", FLOAT, PICTURE), ("z", FLOAT, PICTURE)], PICTURE),
    "half precision": graph([("Flatten", ["x"], "y")], [("x", HALF, PICTURE)], ["N", 3 * SIDE * SIDE]),
    "a vector for a picture": graph([("Relu", ["x"], "y")], [("x", FLOAT, ["N", 512])], ["N", 512]),
    "a map for a vector": graph([("Relu", ["x"], "y")], [("x", FLOAT, PICTURE)], PICTURE),
    "another size": graph([("Flatten", ["x"], "y")], [("x", FLOAT, ["N", 3, 96, 96])], ["N", 3 * 96 * 96]),
    "a hundred at a time": graph([("Flatten", ["x"], "y")], [("x", FLOAT, [100, 3, 96, 96])], [100, 3 * 96 * 96]),
    "an operator that nobody knows": graph([("Divine", ["x"], "y")], [("x", FLOAT, PICTURE)], ["N", 6]),
    "half a file": graph([("Flatten", ["x"], "y")], [("x", FLOAT, PICTURE)], ["N", 3 * SIDE * SIDE])[:-40],
    "no graph": b"<html>404</html>",
    "nothing": b"",
}


def crop() -> Crop:
    box = Box(left=0, top=0, right=SIDE, bottom=SIDE)
    face = Face(
        id="f",
        moment=Moment(video="v" * 64, pts=0, time_base=Fraction(1, 25)),
        number=0,
        box=box,
        landmarks=ARCFACE_POINTS,
        score=1.0,
        quality=1.0,
        seen_by=("drawn",),
    )
    portrait = np.random.default_rng(3).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    return Crop(face=face, portrait=portrait, landmarks=ARCFACE_POINTS)


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_a_network_that_is_no_embedder_is_refused_with_a_remedy(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "odd.onnx"
    file.write_bytes(content)
    model = OwnEmbedder(
        name="odd",
        path=str(file),
        sha256=hashlib.sha256(content).hexdigest(),
        licence="MIT",
        feed=Feed(channels="RGB", mean=(127.5,) * 3, scale=127.5),
        dimensions=6,
        side_px=SIDE,
        alignment="arcface",
        mirror=True,
        calibration="",
    )
    with pytest.raises(ModelError) as refusal:
        embedders(EmbeddingSettings(embedders=("odd",), models=(model,)))[0].embed([crop()])
    assert refusal.value.remedy
    assert "\n" not in str(refusal.value)
