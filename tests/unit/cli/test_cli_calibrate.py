"""`crossid calibrate`: what cannot be calibrated is said, with a remedy, and nothing is left behind."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from crossid.cli import app


def album(folder: Path, people: int, photos: int) -> Path:
    """Grey pictures without a face."""
    for who in range(people):
        (folder / f"person {who}").mkdir(parents=True)
        for photo in range(photos):
            Image.fromarray(np.full((44, 44, 3), 99, np.uint8)).save(folder / f"person {who}" / f"{photo}.png")
    return folder


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def calibrate(*words: object) -> Result:
    return CliRunner().invoke(app, ["calibrate", *map(str, words)])


@pytest.mark.parametrize(
    ("people", "photos", "words"),
    [
        (0, 0, "no folders of people"),
        (3, 2, "3 people with two photographs or more"),
        (60, 1, "0 people with two photographs or more"),
    ],
)
def test_too_few_people_or_photographs_are_refused_before_the_work(
    tmp_path: Path, people: int, photos: int, words: str
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    done = calibrate(album(folder, people, photos), "--out", tmp_path / "x.json")
    assert done.exit_code == 3
    assert words in plain(done.stderr)
    assert "Looking" not in done.stderr
    assert not (tmp_path / "x.json").exists()


def test_photographs_without_a_face_are_refused(tmp_path: Path) -> None:
    done = calibrate(album(tmp_path / "photos", 40, 2), "--out", tmp_path / "x.json", "--json")
    assert done.exit_code == 3
    assert "No face was found" in json.loads(done.stdout)["error"]
    assert not (tmp_path / "x.json").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nowhere"], 3, "cannot be read"),
        (["{photos}", "--embedder", "sfase"], 2, "Did you mean 'sface'?"),
        (["{photos}", "--embedder", "sface"], 4, "crossid models fetch sface"),
        (["{photos}", "--without", "{photos}"], 2, "truth file"),
    ],
)
def test_what_cannot_be_done_is_said_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    photos = album(tmp_path / "photos", 60, 2)
    done = calibrate(*(word.format(photos=photos) for word in words))
    assert done.exit_code == code
    assert said in plain(done.stderr)
    assert [file.name for file in tmp_path.iterdir()] == ["photos"]
