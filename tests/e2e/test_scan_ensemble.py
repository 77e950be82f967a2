"""Two embedders as one recognise the demo's people, and the log says who of them agrees."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from crossid.embeddings import members
from crossid.footage.staging import SITTERS, who_is_in
from crossid.settings import load
from e2e.test_own_model import CALIBRATION, settings_for
from running import log_of, run, scan

if TYPE_CHECKING:
    from pathlib import Path

MEMBER = {"member_slope": 1.0, "member_bias": -3.5}
DLIB = {"pivot": 0.9, "cosine": 97.6, "cosine_quality": 71.3, "quality": -1.1, "bias": 0.46} | MEMBER
FUSED = {"pivot": 0.8, "cosine": 49.7, "cosine_quality": 32.0, "quality": 1.3, "bias": 6.2} | MEMBER
SCALES = {"dlib_resnet": 7.06, "own": 4.45}
"""As `crossid calibrate` found them for dlib's ResNet and an ArcFace-trained MobileFaceNet."""


def calibrated(config: Path, folder: Path) -> None:
    """What `crossid calibrate --embedder dlib_resnet,own --install` leaves behind, in numbers."""
    settings = load(config, {"embeddings.embedders": "dlib_resnet,own"}, {})
    told: list[dict[str, Any]] = [
        {
            "space": part.space.name,
            "dimensions": part.space.dimensions,
            "fingerprint": part.space.fingerprint,
            "scale": SCALES[part.space.name],
            "calibration": {"dlib_resnet": DLIB, "own": CALIBRATION | MEMBER}[part.space.name],
        }
        for part in members(settings.embeddings)
    ]
    from crossid.embeddings.ensemble import space_of
    from crossid.inference.calibration_files import fused_members

    table = {"calibration": FUSED, "members": told}
    space = space_of(fused_members(table, "test"))
    folder.mkdir()
    (folder / f"{space.name}-{space.fingerprint}.json").write_text(json.dumps(table), encoding="utf-8")


@pytest.mark.shared
def test_an_ensemble_recognises_people_and_says_who_agrees(
    shared_data: Path, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROSSID_CALIBRATIONS", str(tmp_path / "calibrations"))
    config = settings_for(
        shared_data / "models" / "mobilefacenet_kennethwang.onnx", tmp_path, CALIBRATION | {"member_slope": 1.0}
    )
    both = ("--config", config, "--set", "embeddings.embedders=dlib_resnet,own")
    copy = shutil.copytree(archive, tmp_path / "a")
    refused = run("scan", "--reembed", "--archive", copy, *both)
    assert refused.returncode == 4
    assert "crossid calibrate PHOTOS --embedder dlib_resnet,own --install" in refused.stderr.replace("\n", " ")

    calibrated(config, tmp_path / "calibrations")
    told = scan("--reembed", "--archive", copy, *both)
    assert told["people"] == 7
    rows = log_of(copy)
    found = {
        who: {row["video"] for row in rows if row["person_id"] == who} for who in {row["person_id"] for row in rows}
    }
    due = {who: {name for name, people in who_is_in().items() if who in people} for who in SITTERS}
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, due.values()))
    assert {row["evidence"] for row in rows} <= {"2/2 dlib_resnet,own", "1/2 own", "1/2 dlib_resnet", "0/2"}
    assert sum(row["evidence"].startswith("2/2") for row in rows) > len(rows) / 2
    label = json.loads((copy / "archive.json").read_text(encoding="utf-8"))
    assert [space["name"] for space in label["spaces"]] == ["dlib_resnet+own"]
    assert {"mtcnn", "dlib_resnet", "own"} == {one["model"] for one in label["licences"]}
