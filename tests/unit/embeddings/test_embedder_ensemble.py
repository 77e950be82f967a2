"""Several embedders are one: one space that says who they are, one vector whose dot product is the fused evidence."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from onnx import TensorProto
from PIL import Image as Pictures

from crossid.embeddings import EmbeddingSettings, describe, embedders, members, spaces
from crossid.errors import ModelError
from crossid.faces import FaceSettings, detector, find
from crossid.inference.convert.chain import Chain
from crossid.inference.feeding import Feed
from crossid.inference.fusing import joined, levelled
from crossid.inference.own_models import OwnEmbedder
from crossid.types import Crop, Decision, Frame, Moment, Track

if TYPE_CHECKING:
    from pathlib import Path

SCALES = {"one": 3.0, "two": 1.5}


def network(path: Path, dimensions: int, seed: int) -> str:
    """A network that looks at 16 patches of a picture; returns its SHA-256."""
    chain, lot = Chain(), np.random.default_rng(seed)
    patches = chain.add("AveragePool", "x", kernel_shape=[28, 28], strides=[28, 28])
    flat = chain.add("Flatten", patches)
    weights = lot.normal(size=(48, dimensions)).astype(np.float32)
    y = chain.dense(flat, weights, np.zeros(dimensions, np.float32))
    path.write_bytes(chain.finish(("x", TensorProto.FLOAT, ("N", 3, 112, 112)), {"y": (y, ("N", dimensions))}))
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EmbeddingSettings:
    """Two embedders of the user's, and a calibration that fuses them."""
    monkeypatch.setenv("CROSSID_CALIBRATIONS", str(tmp_path))
    models = tuple(
        OwnEmbedder(
            name=name,
            path=str(tmp_path / f"{name}.onnx"),
            sha256=network(tmp_path / f"{name}.onnx", dimensions, seed=dimensions),
            licence="MIT",
            feed=Feed(channels="RGB", mean=(127.5,) * 3, scale=127.5),
            dimensions=dimensions,
            side_px=112,
            alignment="arcface",
            mirror=True,
            calibration="",
        )
        for name, dimensions in (("two", 5), ("one", 7))
    )
    both = EmbeddingSettings(embedders=("two", "one"), models=models)
    install(tmp_path, both)
    return both


def install(folder: Path, settings: EmbeddingSettings, name: str = "one+two-0.json", **changes: Any) -> None:
    told = [
        {
            "space": part.space.name,
            "dimensions": part.space.dimensions,
            "fingerprint": part.space.fingerprint,
            "scale": SCALES[part.space.name],
        }
        | changes
        for part in members(settings)
    ]
    (folder / name).write_text(json.dumps({"members": told}), encoding="utf-8")


@pytest.fixture
def crops(six_people: Path) -> list[Crop]:
    moment = Moment(video="v" * 64, pts=0, time_base=Fraction(1, 25))
    decision = Decision(moment=moment, number=0, reason="first", motion=0, brightness=0.5)
    frame = Frame(decision=decision, image=np.asarray(Pictures.open(six_people).convert("RGB")))
    return find([frame], detector(FaceSettings()), FaceSettings())[0]


def test_the_space_says_what_ran(settings: EmbeddingSettings, tmp_path: Path) -> None:
    (space,), (part,) = spaces(settings), embedders(settings)
    assert (space.name, space.dimensions) == ("one+two", 12)
    assert part.space == space
    assert spaces(replace(settings, embedders=("one", "two"))) == [space]
    assert spaces(replace(settings, embedders=("one",)))[0].name == "one"
    install(tmp_path, settings, "one+two-1.json", scale=2.0)
    assert spaces(settings) != [space]


def test_the_dot_product_is_the_sum_of_what_members_say(settings: EmbeddingSettings, crops: list[Crop]) -> None:
    (part,), (one, two) = embedders(settings), members(settings)
    vectors = part.embed(crops)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    cosines = [member.embed(crops) @ member.embed(crops).T for member in (one, two)]
    expected = (3.0**2 * cosines[0] + 1.5**2 * cosines[1]) / (3.0**2 + 1.5**2)
    np.testing.assert_allclose(vectors @ vectors.T, expected, atol=1e-5)
    assert part.embed([]).shape == (0, 12)


def test_views_are_pooled_member_by_member_and_then_fused(settings: EmbeddingSettings, crops: list[Crop]) -> None:
    track = Track(id="t", faces=tuple(crop.face for crop in crops), crops=tuple(crops))
    (fused,) = describe([track], embedders(settings))[0].embeddings
    one, two = describe([track], members(settings))[0].embeddings
    np.testing.assert_allclose(fused.vector, joined([one.vector[None], two.vector[None]], [3.0, 1.5])[0], atol=1e-5)


def test_where_a_member_has_no_direction_nothing_stands_in_for_it() -> None:
    vectors = joined([np.eye(3, dtype=np.float32), np.array([[1, 0], [0, 0], [np.nan, 1]], np.float32)], [1, 1])
    assert np.isfinite(vectors).all(axis=1).tolist() == [True, False, False]
    assert np.linalg.norm(vectors[0]) == pytest.approx(1)


def test_a_mean_without_a_block_is_survived() -> None:
    mean = np.array([0.5, 0, 0, 0, 0], np.float32)
    np.testing.assert_allclose(levelled(mean, [3, 2], [2.0, 1.0]), [2, 0, 0, 0, 0])


def test_a_member_without_weights_is_named_and_never_left_out_in_silence(settings: EmbeddingSettings) -> None:
    more = replace(settings, embedders=(*settings.embedders, "facenet512"))
    for refused in (spaces, embedders):
        with pytest.raises(ModelError, match="The ensemble lacks facenet512") as refusal:
            refused(more)
        assert "crossid models fetch facenet512" in refusal.value.remedy
        assert "embeddings.embedders=one,two" in refusal.value.remedy


def test_members_without_a_calibration_of_theirs_are_refused(settings: EmbeddingSettings, tmp_path: Path) -> None:
    install(tmp_path, settings, fingerprint="f" * 16)
    with pytest.raises(ModelError, match=r"one\+two has no calibration") as refusal:
        embedders(settings)
    assert "crossid calibrate PHOTOS --embedder one,two --install" in refusal.value.remedy


@pytest.mark.parametrize(
    "changes", [{"scale": "much"}, {"scale": -1}, {"scale": float("inf")}, {"dimensions": 0}, {"fingerprint": None}]
)
def test_a_calibration_whose_members_make_no_sense_is_refused(
    settings: EmbeddingSettings, tmp_path: Path, changes: dict[str, Any]
) -> None:
    install(tmp_path, settings, **changes)
    with pytest.raises(ModelError) as refusal:
        embedders(settings)
    assert "crossid calibrate" in refusal.value.remedy
