"""Which calibration a space gets: the user's, the installed one, crossid's, or a remedy."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crossid.errors import ModelError
from crossid.inference.calibration_files import FOLDER_VARIABLE, installed
from crossid.people.calibration import calibration_of
from crossid.types import Space

VALUES = {
    "pivot": 0.5,
    "cosine": 20.0,
    "cosine_quality": 10.0,
    "quality": 1.0,
    "bias": 0.0,
    "member_slope": 1.0,
    "member_bias": -3.0,
}
MARK = "0123456789abcdef"
TOY = Space(name="toy", dimensions=4, fingerprint=MARK)
DLIB = Space(name="dlib_resnet", dimensions=128, fingerprint=MARK)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))


def put(file: Path, **table: object) -> Path:
    file.write_text(json.dumps({"calibration": VALUES} | table), encoding="utf-8")
    return file


def test_an_installed_calibration_is_found_by_the_space_it_is_for() -> None:
    put(installed(TOY))
    assert calibration_of(TOY).cosine == 20
    with pytest.raises(ModelError, match="'toy' has no calibration"):
        calibration_of(replace(TOY, fingerprint="f" * 16))


def test_the_installed_one_outranks_crossids_and_the_named_one_both(tmp_path: Path) -> None:
    assert calibration_of(DLIB).cosine > 90
    put(installed(DLIB))
    assert calibration_of(DLIB).cosine == 20
    named = put(tmp_path / "named.json", calibration=VALUES | {"cosine": 30.0})
    assert calibration_of(DLIB, [("dlib_resnet", str(named))]).cosine == 30


def test_a_calibration_of_other_weights_is_refused(tmp_path: Path) -> None:
    named = put(tmp_path / "named.json", fingerprint="f" * 16)
    with pytest.raises(ModelError, match="made for other weights") as refusal:
        calibration_of(TOY, [("toy", str(named))])
    assert "crossid calibrate" in refusal.value.remedy


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"calibration": 1}',
        '{"calibration": {"pivot": 1}}',
        json.dumps({"calibration": VALUES | {"cosine": "steep"}}),
        json.dumps({"calibration": VALUES | {"cosine": float("nan")}}),
        json.dumps({"calibration": VALUES | {"more": 1}}),
        "\x00",
    ],
)
def test_a_file_that_makes_no_sense_is_refused_by_name(tmp_path: Path, content: str) -> None:
    file = tmp_path / "odd.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=r"odd\.json cannot be read") as refusal:
        calibration_of(TOY, [("toy", str(file))])
    assert refusal.value.remedy


def test_the_name_of_a_foreign_archives_space_is_no_path(tmp_path: Path) -> None:
    put(tmp_path / f"x-{MARK}.json")
    with pytest.raises(ModelError, match="has no calibration"):
        calibration_of(replace(TOY, name=f"../{tmp_path.name}/x"))
