"""`crossid calibrate` as a user runs it."""

import json
from pathlib import Path

import pytest

from crossid.people.fitting import is_fitted
from running import run


def labelled(shared_data: Path, folder: Path, each: int = 9) -> Path:
    """A few people of either half, two photographs each."""
    for half in (True, False):
        people = [one for one in sorted((shared_data / "lfw-dev").iterdir()) if is_fitted(one.name) == half]
        for one in people[:each]:
            (folder / one.name).mkdir(parents=True)
            for photo in sorted(one.glob("*.jpg"))[:2]:
                (folder / one.name / photo.name).symlink_to(photo.absolute())
    return folder


@pytest.mark.shared
@pytest.mark.slow
def test_a_calibration_is_fitted_reported_drawn_and_found_by_scans(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROSSID_CALIBRATIONS", str(tmp_path / "installed"))
    photos = labelled(shared_data, tmp_path / "photos")
    (photos / "Abdullah" / "notes.txt").write_text("no picture", encoding="utf-8")
    done = run("calibrate", photos, "--install", "--out", tmp_path / "dlib.json", "--json")
    assert done.returncode == 0, done.stderr
    assert "Looking at photographs" in done.stderr
    told, kept = json.loads(done.stdout), json.loads((tmp_path / "dlib.json").read_text(encoding="utf-8"))
    assert told["calibration"] == kept["calibration"]
    assert kept["provenance"]["photographs"]["unreadable"] == 1
    assert kept["provenance"]["fitted_on"]["people"] + kept["provenance"]["reported_on"]["people"] == 18
    assert 0 <= kept["provenance"]["expected_calibration_error_of_membership"] < 0.5
    assert (tmp_path / "dlib.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert [file.name for file in (tmp_path / "installed").glob("*.json")] == [
        f"dlib_resnet-{kept['fingerprint']}.json"
    ]
    text = " ".join(file.read_text(encoding="utf-8") for file in tmp_path.glob("dlib.*"))
    assert "Abdullah" not in text
    assert str(tmp_path) not in text
