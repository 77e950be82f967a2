"""Some people of an archive stay as they are, or are the only ones who do not."""

import csv
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from crossid.cli import app
from flashes import seen
from running import run

Boxes = dict[str, list[tuple[float, tuple[int, int, int, int]]]]


@pytest.fixture(scope="module")
def boxes(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Boxes:
    """Person -> (seconds, box) of each face in harbour.mp4, while two are seen side by side."""
    out = tmp_path_factory.mktemp("rows") / "faces.csv"
    assert run("export", "observations", out, "--archive", archive).returncode == 0
    found: Boxes = {}
    for row in csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines()):
        if row["video"] == "harbour.mp4" and float(row["time_s"]) < 2.0:
            box = tuple(round(float(row[edge])) for edge in ("left", "top", "right", "bottom"))
            found.setdefault(row["person_id"], []).append((float(row["time_s"]), box))
    assert len(found) == 2
    return found


def black(film: Path, faces: list[tuple[float, tuple[int, int, int, int]]]) -> list[float]:
    """Which share of each face is black."""
    pictures = {round(at_s, 2): image for at_s, image in seen(film)}
    shares = []
    for at_s, (left, top, right, bottom) in faces:
        region = pictures[round(at_s, 2)][max(0, top) : bottom, max(0, left) : right]
        shares.append(float(np.mean(region.max(axis=2) < 40)))
    return shares


@pytest.mark.parametrize("wish", [pytest.param("--but", marks=pytest.mark.slow), "--only"])
def test_one_of_two_people_side_by_side_is_covered_and_the_other_is_not(
    wish: str, archive: Path, footage: Path, boxes: Boxes, tmp_path: Path
) -> None:
    named, other = sorted(boxes)
    words = [
        "redact",
        footage / "harbour.mp4",
        tmp_path / "safe.mp4",
        wish,
        named,
        "--how",
        "box",
        "--archive",
        archive,
    ]
    done = CliRunner().invoke(app, [*map(str, words), "--margin", "0"])
    assert done.exit_code == 0, done.stderr
    shown, hidden = (named, other) if wish == "--but" else (other, named)
    assert min(black(tmp_path / "safe.mp4", boxes[hidden])) > 0.9
    assert max(black(tmp_path / "safe.mp4", boxes[shown])) < 0.5


def test_who_is_not_in_the_video_by_name_is_covered_in_doubt(
    archive: Path, footage: Path, boxes: Boxes, tmp_path: Path
) -> None:
    """Somebody of another video is to stay: nobody here is them."""
    people = {path.name[:8] for path in (archive / "people").iterdir()}
    words = ["redact", footage / "harbour.mp4", tmp_path / "safe.mp4", "--how", "box", "--archive", archive]
    absent = max(people - set(boxes))
    done = CliRunner().invoke(app, [*map(str, words), "--but", absent])
    assert done.exit_code == 0, done.stderr
    for faces in boxes.values():
        assert min(black(tmp_path / "safe.mp4", faces)) > 0.9


def test_a_person_who_does_not_exist_is_refused(archive: Path, footage: Path, tmp_path: Path) -> None:
    words = ["redact", footage / "harbour.mp4", tmp_path / "safe.mp4", "--archive", archive, "--but", "P-999999"]
    done = CliRunner().invoke(app, list(map(str, words)))
    assert done.exit_code == 5
    assert not (tmp_path / "safe.mp4").exists()
