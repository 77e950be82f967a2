"""FaceNet-512 and VGG-Face see what DeepFace's own functions would show them, and answer as its clients do."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
import types
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image as Pictures

from crossid.embeddings import EMBEDDERS, EmbeddingSettings
from crossid.embeddings.alignments import deepface
from crossid.faces import FaceSettings
from crossid.faces.cutting import cut
from crossid.inference.weights import of_model
from crossid.types import Box, Crop, Decision, Detection, Frame, Moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossid.types import Image

POINTS = np.array([[203, 101], [246, 103.5], [223, 127], [202, 139], [248, 140]], np.float32)
BOX = Box(left=170, top=60, right=272, bottom=170)
SIDES = {"facenet512": 160, "vggface": 224}


@pytest.fixture(scope="module")
def theirs() -> Iterator[Any]:
    """DeepFace's modules by name, without its loaders of pictures and weights, which want a web server and more."""
    spec = importlib.util.find_spec("deepface")
    if spec is None or spec.submodule_search_locations is None:
        pytest.skip("needs deepface (--no-deps), the reference of the parity tests")
    package = types.ModuleType("deepface")
    package.__path__ = list(spec.submodule_search_locations)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "deepface", package)
        for loader in ("image_utils", "weight_utils"):
            patch.setitem(sys.modules, f"deepface.commons.{loader}", types.ModuleType(loader))
            patch.setattr(importlib.import_module("deepface.commons"), loader, None, raising=False)
        yield lambda name: importlib.import_module(f"deepface.{name}")


@pytest.fixture(scope="module")
def picture(astronaut: Path) -> Image:
    return np.asarray(Pictures.open(astronaut).convert("RGB"))


def crop(picture: Image, box: Box = BOX) -> Crop:
    moment = Moment(video="v" * 64, pts=0, time_base=Fraction(1, 25))
    decision = Decision(moment=moment, number=0, reason="first", motion=0, brightness=0.5)
    found = Detection(box=box, landmarks=POINTS, score=1.0, seen_by=("drawn",))
    (face,) = cut(Frame(decision=decision, image=picture), [found], FaceSettings())
    return face


def shown(theirs: Any, picture: Image, side_px: int) -> np.ndarray:
    """What a client of DeepFace is given of a face: (1, side, side, 3), BGR, [0, 1]."""
    area = theirs("models.Detector").FacialAreaRegion(
        x=int(BOX.left),
        y=int(BOX.top),
        w=int(BOX.width),
        h=int(BOX.height),
        left_eye=tuple(POINTS[1].tolist()),
        right_eye=tuple(POINTS[0].tolist()),
        confidence=1.0,
    )
    face = theirs("modules.detection").extract_face(area, picture[..., ::-1], True, 0, 0, 0, "mtcnn").img
    prepared = theirs("modules.preprocessing").resize_image(face, (side_px, side_px))
    return theirs("modules.preprocessing").normalize_input(prepared, "base")


@pytest.mark.parametrize(("name", "side_px"), SIDES.items())
def test_the_network_is_shown_what_deepface_would_show_it(theirs: Any, picture: Image, name: str, side_px: int) -> None:
    """But for the half pixel by which a portrait's corner may be off."""
    ours = EMBEDDERS.load(name).look.feed(deepface(crop(picture), side_px)[None])
    expected = shown(theirs, picture, side_px)
    assert ours.shape == expected.shape
    assert np.abs(ours - expected).mean() < 0.03
    assert np.corrcoef(ours.ravel(), expected.ravel())[0, 1] > 0.985


def test_a_picture_in_bars_is_deepfaces_to_the_last_bit(theirs: Any, picture: Image) -> None:
    """Eyes that are level already, and a portrait whose corner is a whole pixel."""
    level = POINTS.copy()
    level[1, 1] = level[0, 1]
    box = Box(left=171, top=60, right=271, bottom=180)
    face = crop(picture, box)
    face = Crop(face=face.face, portrait=face.portrait, landmarks=level)
    inside = picture[60:180, 171:271, ::-1]
    expected = theirs("modules.preprocessing").resize_image(inside, (160, 160))
    np.testing.assert_array_equal(EMBEDDERS.load("facenet512").look.feed(deepface(face, 160)[None]), expected)


def small_network(file: Path, side_px: int, dimensions: int) -> None:
    """A network with the real input and output shapes: every 32nd pixel times a random matrix."""
    random = np.random.default_rng(1)
    cells = (side_px // 32) ** 2 * 3
    constants = {
        "w": random.normal(size=(cells, dimensions)).astype(np.float32),
        "start": np.array([0, 0], np.int64),
        "end": np.array([side_px, side_px], np.int64),
        "axes": np.array([1, 2], np.int64),
        "steps": np.array([32, 32], np.int64),
    }
    nodes = [
        helper.make_node("Slice", ["x", "start", "end", "axes", "steps"], ["cells"]),
        helper.make_node("Flatten", ["cells"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", side_px, side_px, 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", dimensions])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    file.write_bytes(model.SerializeToString())


@pytest.mark.parametrize(("name", "client"), [("facenet512", "Facenet"), ("vggface", "VGGFace")])
def test_the_vector_is_the_direction_of_what_the_client_answers(
    theirs: Any, picture: Image, name: str, client: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a small network of the real shapes: the face's answer and its mirror image's, added."""
    import onnxruntime

    embedder, (weights,) = EMBEDDERS.load(name), of_model(name)
    file = tmp_path / weights.file
    small_network(file, embedder.look.side_px, embedder.dimensions)
    monkeypatch.setenv("CROSSID_MODELS", str(tmp_path))
    weights.record().write_text(hashlib.sha256(file.read_bytes()).hexdigest(), encoding="ascii")
    face = crop(picture)
    kind = {"facenet512": "FaceNet512dClient", "vggface": "VggFaceClient"}[name]
    reference = object.__new__(getattr(theirs(f"models.facial_recognition.onnx.{client}"), kind))
    reference.model = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    chip = deepface(face, embedder.look.side_px)
    fed = [cv2.cvtColor(each, cv2.COLOR_RGB2BGR)[None].astype(np.float32) / 255 for each in (chip, chip[:, ::-1])]
    raw = [reference.predict(each)[0] for each in fed]
    expected = np.sum(raw, axis=0) / np.linalg.norm(np.sum(raw, axis=0))
    vector = embedder(EmbeddingSettings()).embed([face])[0]
    assert vector.shape == (embedder.dimensions,)
    np.testing.assert_allclose(vector, expected, atol=1e-5)
    alone = np.array(reference.forward(fed[0]))
    np.testing.assert_allclose(alone / np.linalg.norm(alone), raw[0] / np.linalg.norm(raw[0]), atol=1e-5)
