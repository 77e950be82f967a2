"""A user's model is what its table says, or the table is refused in the words of the file."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from crossid.errors import ModelError, SettingsError, UnknownNameError
from crossid.inference.own_models import OwnDetector, OwnEmbedder, own_model

if TYPE_CHECKING:
    from pathlib import Path

TABLE: dict[str, Any] = {"path": "net.onnx", "sha256": "0" * 64, "dimensions": 128}


def test_a_table_needs_little(tmp_path: Path) -> None:
    model = own_model("mine", TABLE, tmp_path)
    assert isinstance(model, OwnEmbedder)
    assert model.path == str(tmp_path / "net.onnx")
    assert (model.side_px, model.alignment, model.mirror, model.calibration) == (112, "arcface", True, "")
    assert (model.feed.channels, model.feed.mean, model.feed.scale) == ("RGB", (127.5, 127.5, 127.5), 127.5)


def test_a_table_says_all_of_it(tmp_path: Path) -> None:
    table = TABLE | {
        "channels": "BGR",
        "mean": [1, 2.5, 3],
        "scale": 2,
        "side_px": 96,
        "mirror": False,
        "licence": "MIT",
        "calibration": "../fits/mine.json",
    }
    model = own_model("mine", table, tmp_path)
    assert isinstance(model, OwnEmbedder)
    assert (model.feed.channels, model.feed.mean, model.feed.scale) == ("BGR", (1.0, 2.5, 3.0), 2.0)
    assert (model.side_px, model.mirror, model.licence) == (96, False, "MIT")
    assert model.calibration == str(tmp_path / "../fits/mine.json")


@pytest.mark.parametrize("family", ["scrfd", "retinaface", "yunet"])
def test_a_detector_is_fed_as_its_family_is(family: str, tmp_path: Path) -> None:
    model = own_model("mine", {"family": family, "path": "/net.onnx", "sha256": "0" * 64}, tmp_path)
    assert isinstance(model, OwnDetector)
    assert model.family == family
    assert model.path == "/net.onnx"
    assert model.feed.channels == ("RGB" if family == "scrfd" else "BGR")


@pytest.mark.parametrize("lacking", ["path", "sha256", "dimensions"])
def test_what_is_lacking_is_named(lacking: str, tmp_path: Path) -> None:
    table = {key: value for key, value in TABLE.items() if key != lacking}
    with pytest.raises(SettingsError, match=rf"models\.mine lacks {lacking}") as refusal:
        own_model("mine", table, tmp_path)
    assert lacking in refusal.value.remedy


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("family", "yolo"),
        ("family", ["scrfd"]),
        ("path", ""),
        ("path", 3),
        ("sha256", "short"),
        ("sha256", 7),
        ("channels", "GBR"),
        ("mean", "grey"),
        ("mean", [1, 2]),
        ("mean", float("nan")),
        ("scale", 0),
        ("scale", True),
        ("dimensions", 0),
        ("dimensions", 1.5),
        ("side_px", -1),
        ("mirror", "yes"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_with_its_key(key: str, value: Any, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=rf"models\.mine\.{key} is") as refusal:
        own_model("mine", TABLE | {key: value}, tmp_path)
    assert refusal.value.remedy


def test_an_unknown_key_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError) as refusal:
        own_model("mine", TABLE | {"chanels": "BGR"}, tmp_path)
    assert "channels" in refusal.value.remedy


def test_a_detector_has_no_dimensions(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="dimensions"):
        own_model("mine", TABLE | {"family": "scrfd"}, tmp_path)


@pytest.mark.parametrize("name", ["", "Mine", "a/b", "../a", "a-b", "_a", "a\n"])
def test_a_name_that_is_no_file_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="name of a model"):
        own_model(name, TABLE, tmp_path)


def test_the_file_is_the_one_that_was_named(tmp_path: Path) -> None:
    file = tmp_path / "net.onnx"
    file.write_bytes(b"weights")
    sha256 = hashlib.sha256(b"weights").hexdigest()
    assert own_model("mine", TABLE | {"sha256": sha256}, tmp_path).file() == file


def test_the_right_name_with_wrong_content_is_refused(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"other weights")
    with pytest.raises(ModelError, match=hashlib.sha256(b"other weights").hexdigest()) as refusal:
        own_model("mine", TABLE, tmp_path).file()
    assert "models.mine.sha256" in refusal.value.remedy


@pytest.mark.parametrize("path", ["absent.onnx", "."])
def test_a_file_that_cannot_be_read_is_refused(path: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="mine") as refusal:
        own_model("mine", TABLE | {"path": path}, tmp_path).file()
    assert "models.mine.path" in refusal.value.remedy
