"""A model that the user brings, named in crossid.toml, recognises people."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from running import content, log_of, run, scan

CALIBRATION = {"pivot": 0.9, "cosine": 20.7, "cosine_quality": 12.2, "quality": 7.6, "bias": 13.9}
"""Of an ArcFace-trained MobileFaceNet, as `crossid calibrate` found it."""


def settings_for(model: Path, folder: Path, calibration: dict[str, float]) -> Path:
    (folder / "own.json").write_text(json.dumps({"calibration": calibration}), encoding="utf-8")
    text = f"""
        pack = "custom"
        [embeddings]
        embedders = ["own"]
        [models.own]
        path = "{model}"
        sha256 = "{hashlib.sha256(model.read_bytes()).hexdigest()}"
        dimensions = 128
        channels = "BGR"
        calibration = "own.json"
    """
    file = folder / "crossid.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.slow
def test_a_users_own_embedder_recognises_the_demos_people(shared_data: Path, footage: Path, tmp_path: Path) -> None:
    member = {"member_slope": 1.0, "member_bias": -3.5}
    model = shared_data / "models" / "mobilefacenet_kennethwang.onnx"
    scan(footage, "--archive", tmp_path / "a", "--config", settings_for(model, tmp_path, CALIBRATION | member))
    rows = log_of(tmp_path / "a")
    assert len({row["person_id"] for row in rows}) == 7
    assert {row["evidence"] for row in rows} == {"1/1 own"}


def test_an_archive_is_not_mixed_of_two_spaces(shared_data: Path, footage: Path, archive: Path, tmp_path: Path) -> None:
    member = {"member_slope": 1.0, "member_bias": -3.5}
    model = shared_data / "models" / "mobilefacenet_kennethwang.onnx"
    copy = shutil.copytree(archive, tmp_path / "a")
    told = run("scan", footage, "--archive", copy, "--config", settings_for(model, tmp_path, CALIBRATION | member))
    assert told.returncode == 4
    assert "describes faces with dlib_resnet" in told.stderr
    assert content(copy) == content(archive)


def test_a_calibration_that_makes_no_sense_is_refused_before_the_work(
    shared_data: Path, footage: Path, tmp_path: Path
) -> None:
    model = shared_data / "models" / "mobilefacenet_kennethwang.onnx"
    told = run("scan", footage, "--archive", tmp_path / "a", "--config", settings_for(model, tmp_path, {"pivot": 1}))
    assert told.returncode == 4
    assert "calibration" in told.stderr
    assert "Watching" not in told.stderr
