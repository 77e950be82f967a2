"""Somebody is looked up in a real archive, by photographs and by frames."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pexpect
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from crossid.cli import app
from places import ROOT
from running import run


@pytest.fixture(scope="module")
def kept(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that may be written to."""
    return Path(shutil.copytree(archive, tmp_path_factory.mktemp("find") / "archive"))


def said(*words: object, archive: Path) -> Result:
    """In this process, where the networks' libraries are loaded already."""
    return CliRunner().invoke(app, ["find", *map(str, words), "--archive", str(archive)])


def find(*words: object, archive: Path) -> list[dict]:
    done = said(*words, "--json", archive=archive)
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)["answers"]


def refused(*words: object, archive: Path, code: int) -> str:
    done = said(*words, archive=archive)
    assert done.exit_code == code, done.stderr
    sentence, remedy = done.stderr.splitlines()
    assert remedy
    return f"{sentence} {remedy}"


def test_a_photograph_brings_the_person_and_where_they_are_seen(kept: Path, astronaut: Path) -> None:
    (answer,) = find(astronaut, archive=kept)
    (found,) = answer["found"]
    assert found["match"]["probability"] > 0.9
    assert found["best"]["video"] in {"interview.mp4", "square.mp4"}
    assert (kept / found["picture"]).is_file()
    shown = said(astronaut, archive=kept).stdout
    assert found["match"]["person"] in shown
    assert "Looked at" in shown


def test_a_frame_of_a_video_serves_as_a_photograph(kept: Path, footage: Path) -> None:
    (answer,) = find(f"{footage / 'interview.mp4'}@0:01", archive=kept)
    assert {one["best"]["video"] for one in answer["found"]} <= {"interview.mp4", "square.mp4"}
    assert answer["found"]


def test_several_faces_are_listed_where_nobody_can_be_asked(kept: Path, six_people: Path) -> None:
    said = refused(six_people, archive=kept, code=2)
    assert "shows 6 faces" in said
    assert "--face N" in said
    third, *_ = find(six_people, "--face", 3, archive=kept)
    everybody = find(six_people, "--all", archive=kept)
    assert len(everybody) == 6
    assert everybody[2]["found"] == third["found"] != []
    assert len({answer["found"][0]["match"]["person"] for answer in everybody}) == 6
    assert "none is number 9" in refused(six_people, "--face", 9, archive=kept, code=2)


def test_who_is_not_there_is_nobody_and_that_is_an_answer(kept: Path, shared_data: Path) -> None:
    (answer,) = find(shared_data / "lfw-dev/Tony_Blair/Tony_Blair_0001.jpg", archive=kept)
    assert answer["found"] == []
    assert answer["coverage"]
    done = said(shared_data / "lfw-dev/Tony_Blair/Tony_Blair_0001.jpg", archive=kept)
    assert "nobody in the archive" in done.stdout
    assert "could have been missed" in done.stdout


def test_a_folder_shows_one_person_and_whoever_else_is_in_it_is_left_out(
    kept: Path, astronaut: Path, six_people: Path, tmp_path: Path
) -> None:
    """Faces that share a picture with the person, and a picture of somebody else, do not lead astray."""
    picture = Image.open(astronaut).convert("RGB")
    picture.save(tmp_path / "a.jpg")
    picture.resize((300, 300)).save(tmp_path / "b.jpg")
    picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tmp_path / "c.jpg")
    Image.open(six_people).crop((0, 150, 220, 500)).save(tmp_path / "d.jpg")
    Image.open(six_people).save(tmp_path / "no-face-number.jpg")
    (tmp_path / "notes.txt").write_text("no picture")
    (answer,) = find(tmp_path, archive=kept)
    assert [one["best"]["video"] in {"interview.mp4", "square.mp4"} for one in answer["found"]] == [True]
    assert "d.jpg" in answer["left_out"]
    assert {"a.jpg", "b.jpg", "c.jpg"} <= set(answer["faces"])


def test_bad_photographs_are_refused_one_sentence_each(kept: Path, astronaut: Path, tmp_path: Path) -> None:
    Image.fromarray(np.full((300, 300, 3), 128, np.uint8)).save(tmp_path / "empty.png")
    (tmp_path / "cut.png").write_bytes(astronaut.read_bytes()[:900])
    (tmp_path / "no.jpg").write_text("words")
    (tmp_path / "phone.heic").write_bytes(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic")
    Image.new("1", (9000, 9000)).save(tmp_path / "huge.png")
    (tmp_path / "folder").mkdir()
    assert "No face was found in empty.png" in refused(tmp_path / "empty.png", archive=kept, code=3)
    assert "damaged" in refused(tmp_path / "cut.png", archive=kept, code=3)
    assert "neither a video nor a photograph" in refused(tmp_path / "no.jpg", archive=kept, code=3)
    assert "HEIC, which cannot be decoded here" in refused(tmp_path / "phone.heic", archive=kept, code=3)
    assert "70,000,000 pixels" in refused(tmp_path / "huge.png", archive=kept, code=3)
    assert "no photograph" in refused(tmp_path / "folder", archive=kept, code=3)
    assert "not there" in refused(tmp_path / "absent.jpg", archive=kept, code=3)


def test_bad_moments_are_refused(kept: Path, footage: Path, astronaut: Path) -> None:
    film = footage / "interview.mp4"
    assert "which of its frames" in refused(film, archive=kept, code=2)
    assert "no moment" in refused(f"{film}@noon", archive=kept, code=2)
    assert "has no picture at 3600.000 s" in refused(f"{film}@1:00:00", archive=kept, code=3)
    assert "is a photograph" in refused(f"{astronaut}@0:01", archive=kept, code=2)


def test_nothing_can_be_found_in_an_archive_without_faces(tmp_path: Path, astronaut: Path) -> None:
    Image.fromarray(np.full((300, 300, 3), 128, np.uint8)).save(tmp_path / "empty.png")
    run("scan", tmp_path / "empty.png", "--archive", tmp_path / "kept")
    assert "No face is in this archive yet" in refused(astronaut, archive=tmp_path / "kept", code=5)


def test_footage_is_searched_and_nothing_of_it_is_kept_but_clips(
    footage: Path, astronaut: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    words = ["find", astronaut, "--footage", footage / "interview.mp4", "--clips", tmp_path / "out", "--json"]
    done = CliRunner().invoke(app, list(map(str, words)))
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["answers"][0]["found"][0]["match"]["probability"] > 0.9
    (clip,) = told["clips"]
    assert (clip["video"], clip["start_s"]) == ("interview.mp4", 0.0)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        clip["file"],
        clip["file"].replace(".mp4", ".json"),
        "metadata.json",
    }
    assert len(json.loads((tmp_path / "out/metadata.json").read_text())["clips"][0]["boxes"]) > 5
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_search_that_is_interrupted_leaves_nothing_and_one_that_is_killed_is_swept_up(
    footage: Path, astronaut: Path, tmp_path: Path
) -> None:
    words = [sys.executable, "-m", "crossid", "find", str(astronaut), "--footage", str(footage)]
    environment = os.environ | {"TMPDIR": str(tmp_path)}

    def searching() -> subprocess.Popen[bytes]:
        search = subprocess.Popen(words, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while search.poll() is None and not list(tmp_path.glob(f"*-{search.pid}-*/archive/crossid.db")):
            time.sleep(0.02)
        return search

    killed = searching()
    killed.kill()
    killed.communicate()
    assert len(list(tmp_path.iterdir())) == 1
    stopped = searching()
    assert not list(tmp_path.glob(f"*-{killed.pid}-*"))
    stopped.terminate()
    _, said_last = stopped.communicate(timeout=60)
    assert (stopped.returncode, b"Nothing was kept" in said_last) == (130, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")
def test_somebody_at_a_terminal_is_asked_which_face_is_meant(kept: Path, six_people: Path, tmp_path: Path) -> None:
    environment = os.environ | {"HOME": str(tmp_path), "NO_COLOR": "1", "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
    talk = pexpect.spawn(
        sys.executable,
        ["-m", "crossid", "find", str(six_people), "--archive", str(kept)],
        cwd=str(ROOT),
        env=environment,
        dimensions=(24, 100),
        encoding="utf-8",
        timeout=120,
    )
    talk.expect_exact("Which face of t1.jpg?")
    talk.expect_exact("6: ")
    talk.send("\x1b[B\x1b[B\r")  # the third
    talk.expect_exact("t1.jpg face 3: 1 person looks alike.")
    talk.expect(pexpect.EOF)


def test_a_photograph_may_have_any_name(kept: Path, astronaut: Path, tmp_path: Path) -> None:
    for number, name in enumerate(("<script>\x1b[2J\u202e.png", "n" * 250 + ".png", "@.png", "a@0:01.png")):
        photo = tmp_path / str(number) / name
        photo.parent.mkdir()
        shutil.copy(astronaut, photo)
        shown = said(photo, archive=kept)
        assert shown.exit_code == 0, shown.stderr
        assert "1 person looks alike" in shown.stdout
        assert not {"\x1b", "\u202e"} & set(shown.stdout)
