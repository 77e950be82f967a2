"""A network in an ONNX file is fed what it wants to see, and its answer is a direction in its own space."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image as Pictures

from crossid.embeddings import EmbeddingSettings, embedders, spaces
from crossid.embeddings.alignments import ARCFACE_POINTS
from crossid.errors import ModelError, UnknownNameError
from crossid.faces import FaceSettings, detector, find
from crossid.inference.own_models import OwnEmbedder, own_model
from crossid.types import Box, Crop, Decision, Face, Frame, Moment

if TYPE_CHECKING:
    from pathlib import Path

MOMENT = Moment(video="v" * 64, pts=0, time_base=Fraction(1, 25))
SIDE = 112
SHARED_SHA256 = "6ced4e0c36abba9dd24b48d725f7dbb94089f75b3d3445d3d67b85157cb64743"


def network(file: Path, *, batch: int | str = "N") -> str:
    """An ONNX file that answers with the sum of the left and of the right half of each channel; its SHA-256."""
    left = np.zeros((3 * SIDE * SIDE, 6), np.float32).reshape(3, SIDE, SIDE, 6)
    for channel in range(3):
        left[channel, :, : SIDE // 2, 2 * channel] = 1
        left[channel, :, SIDE // 2 :, 2 * channel + 1] = 1
    nodes = [helper.make_node("Flatten", ["x"], ["flat"]), helper.make_node("MatMul", ["flat", "w"], ["y"])]
    graph = helper.make_graph(
        nodes,
        "halves",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, 6])],
        [numpy_helper.from_array(left.reshape(-1, 6), "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    file.write_bytes(model.SerializeToString())
    return hashlib.sha256(file.read_bytes()).hexdigest()


def own(file: Path, sha256: str, **table: Any) -> OwnEmbedder:
    model = own_model("mine", {"path": str(file), "sha256": sha256, "dimensions": 6} | table, file.parent)
    assert isinstance(model, OwnEmbedder)
    return model


def settings(model: OwnEmbedder, batch: int = 16) -> EmbeddingSettings:
    return EmbeddingSettings(embedders=(model.name,), batch=batch, models=(model,))


def crop(red_left: int, red_right: int, blue: int) -> Crop:
    """A portrait that lies as the network's picture does: red halves of their own, blue all over."""
    portrait = np.zeros((SIDE, SIDE, 3), np.uint8)
    portrait[:, : SIDE // 2, 0], portrait[:, SIDE // 2 :, 0], portrait[..., 2] = red_left, red_right, blue
    box = Box(left=0, top=0, right=SIDE, bottom=SIDE)
    points = ARCFACE_POINTS
    face = Face(id="f", moment=MOMENT, number=0, box=box, landmarks=points, score=1.0, quality=1.0, seen_by=("drawn",))
    return Crop(face=face, portrait=portrait, landmarks=points)


def unit(*values: float) -> list[float]:
    return list(np.array(values) / np.linalg.norm(values))


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({"mean": 0, "scale": 1, "mirror": False}, unit(100, 200, 0, 0, 50, 50)),
        ({"mean": 0, "scale": 9, "mirror": True}, unit(300, 300, 0, 0, 100, 100)),
        ({"mean": 0, "scale": 1, "mirror": False, "channels": "BGR"}, unit(50, 50, 0, 0, 100, 200)),
        ({"mean": [100, 1, 40], "scale": 2, "mirror": False}, unit(0, 100, -1, -1, 10, 10)),
        ({"mean": [40, 1, 100], "scale": 2, "mirror": False, "channels": "BGR"}, unit(10, 10, -1, -1, 0, 100)),
    ],
)
def test_the_network_sees_channels_mean_scale_and_mirror_as_the_table_says(
    table: dict[str, Any], expected: list[float], tmp_path: Path
) -> None:
    model = own(tmp_path / "net.onnx", network(tmp_path / "net.onnx"), **table)
    (part,) = embedders(settings(model))
    np.testing.assert_allclose(part.embed([crop(100, 200, 50)])[0], expected, atol=1e-5)


@pytest.mark.parametrize("batch", [1, 2, 7])
def test_a_graph_made_for_one_picture_gets_one_at_a_time(batch: int, tmp_path: Path) -> None:
    model = own(tmp_path / "net.onnx", network(tmp_path / "net.onnx", batch=1))
    (part,) = embedders(settings(model, batch))
    assert part.embed([crop(100, 200, 50)] * 5).shape == (5, 6)


def test_no_crops_make_no_vectors_and_black_crops_no_numbers_that_are_none(tmp_path: Path) -> None:
    model = own(tmp_path / "net.onnx", network(tmp_path / "net.onnx"), mean=0)
    (part,) = embedders(settings(model))
    assert part.embed([]).shape == (0, 6)
    assert np.isfinite(part.embed([crop(0, 0, 0)])).all()


def test_what_a_network_is_fed_is_part_of_its_space(tmp_path: Path) -> None:
    model = own(tmp_path / "net.onnx", "0" * 64)
    (space,) = spaces(settings(model))
    assert (space.name, space.dimensions) == ("mine", 6)
    others = [
        replace(model, feed=replace(model.feed, channels="BGR")),
        replace(model, feed=replace(model.feed, scale=3.0)),
        replace(model, sha256="1" * 64),
        replace(model, mirror=False),
        replace(model, side_px=96),
    ]
    found = {spaces(settings(other))[0].fingerprint for other in others}
    assert len(found) == len(others)
    assert space.fingerprint not in found


def test_where_the_file_lies_is_no_part_of_the_space(tmp_path: Path) -> None:
    model = own(tmp_path / "net.onnx", "0" * 64)
    assert spaces(settings(model)) == spaces(settings(replace(model, path="/elsewhere.onnx", licence="MIT")))


def test_vectors_of_another_length_are_refused_with_the_remedy(tmp_path: Path) -> None:
    model = own(tmp_path / "net.onnx", network(tmp_path / "net.onnx"), dimensions=512)
    (part,) = embedders(settings(model))
    with pytest.raises(ModelError, match="mine") as refusal:
        part.embed([crop(1, 2, 3)])
    assert "dimensions" in refusal.value.remedy


def test_pictures_of_another_size_than_the_network_takes_are_refused(tmp_path: Path) -> None:
    model = own(tmp_path / "net.onnx", network(tmp_path / "net.onnx"), side_px=96)
    (part,) = embedders(settings(model))
    with pytest.raises(ModelError, match=r"net\.onnx"):
        part.embed([crop(1, 2, 3)])


def test_an_unknown_alignment_is_refused(tmp_path: Path) -> None:
    model = own(tmp_path / "net.onnx", network(tmp_path / "net.onnx"), alignment="arcfaec")
    with pytest.raises(UnknownNameError) as refusal:
        embedders(settings(model))
    assert "arcface" in refusal.value.remedy


def test_a_model_cannot_take_the_place_of_a_built_in_one(tmp_path: Path) -> None:
    impostor = replace(own(tmp_path / "net.onnx", "0" * 64), name="dlib_resnet")
    (space,) = spaces(EmbeddingSettings(embedders=("dlib_resnet",), models=(impostor,)))
    assert space.dimensions == 128


@pytest.mark.slow
@pytest.mark.shared
def test_a_mobilefacenet_tells_people_apart(shared_data: Path) -> None:
    """Of pairs of one person at least 0.97 pass a threshold that lets one pair of strangers in a thousand pass."""
    file = shared_data / "models" / "mobilefacenet_kennethwang.onnx"
    model = own(file, SHARED_SHA256, channels="BGR", dimensions=128)
    (part,) = embedders(settings(model))
    faces = FaceSettings()
    finder = detector(faces)
    decision = Decision(moment=MOMENT, number=0, reason="first", motion=0, brightness=0.5)
    crops, people = [], []
    for number, folder in enumerate(sorted((shared_data / "lfw-dev").iterdir())[:40]):
        for photo in sorted(folder.glob("*.jpg")):
            frame = Frame(decision=decision, image=np.asarray(Pictures.open(photo).convert("RGB")))
            near = [each for each in find([frame], finder, faces)[0] if _is_central(each)]
            crops += near[:1]
            people += [number] * len(near[:1])
    vectors = part.embed(crops)
    one, other = np.triu_indices(len(crops), 1)
    cosines = (vectors @ vectors.T)[one, other]
    same = np.array(people)[one] == np.array(people)[other]
    assert (cosines[same] > np.quantile(cosines[~same], 0.999)).mean() >= 0.97


def _is_central(each: Crop) -> bool:
    return bool(np.abs(np.subtract(each.face.box.centre, 125)).max() < 50)
