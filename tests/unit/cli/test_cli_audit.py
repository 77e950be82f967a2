"""Audit says what to look at first, with pictures that are there."""

import json
from dataclasses import replace
from pathlib import Path

from typer.testing import CliRunner, Result

from builders import a_membership, a_run, a_video, a_watched, an_appearance
from crossid.archive import ArchiveSettings, open_archive, paint
from crossid.cli import app
from crossid.types import Question, Space

SPACE = Space(name="dlib_resnet", dimensions=4, fingerprint="0" * 16)


def archive_of(folder: Path, directions: list[int], people: list[int]) -> Path:
    """Appearances one after the other: `directions` are whom they resemble, `people` whom they are said to be."""
    store = open_archive(folder, ArchiveSettings(), write=True, create=True)
    try:
        video = a_video("clip.mp4", duration_s=100.0)
        seen = [
            an_appearance(video, 5.0 * at, 5.0 * at + 1, direction=to, space=SPACE) for at, to in enumerate(directions)
        ]
        store.begin_run(a_run())
        store.add_video(video, 1, "run-1")
        store.keep_span(a_watched(video, *seen), 1, "digest", "run-1")
        ids = store.new_person_ids(max(people, default=0) + 1, "run-1")
        rows = [a_membership(one, ids[who]) for one, who in zip(seen, people, strict=True)]
        store.rule([], [replace(row, probability=0.999) for row in rows])
        paint(store)
    finally:
        store.close()
    return folder


def said(*words: object) -> Result:
    return CliRunner().invoke(app, ["audit", *map(str, words)])


def test_a_mixed_person_comes_first_with_a_picture_of_each_half(tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "kept", [0, 0, 0, 1, 1, 2], [0, 0, 0, 0, 0, 1])
    answer = json.loads(said("--archive", archive, "--json").stdout)
    first = answer["questions"][0]
    assert (answer["asked"], first["kind"], first["people"], first["settles"]) == (1, "mixed", ["P-000001"], 2)
    assert len(set(first["faces"])) == 2
    assert all((archive / path).is_file() for path in first["faces"])
    shown = said("--archive", archive).stdout
    assert "Is P-000001 two people? (2 would leave)" in shown


def test_two_ids_of_one_person_come_with_a_picture_of_each(tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "kept", [0, 0, 0, 1, 2], [0, 1, 1, 2, 3])
    (question,) = json.loads(said("--archive", archive, "--json").stdout)["questions"]
    assert (question["kind"], question["people"], question["settles"]) == ("same", ["P-000001", "P-000002"], 1)
    assert all(
        path.startswith(f"people/{who}/") for path, who in zip(question["faces"], question["people"], strict=True)
    )
    assert all((archive / path).is_file() for path in question["faces"])


def test_what_a_run_left_open_is_asked_once_with_the_runs_reason(tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "kept", [0, 0, 0, 1, 2], [0, 1, 1, 2, 3])
    store = open_archive(archive, ArchiveSettings(), write=True)
    try:
        ids = [row.tracks[0] for row in store.log("P-000002")]
        people = ("P-000002", "P-000001")
        left = Question(kind="same", people=people, appearances=tuple(ids), probability=0.5, settles=1, why="the run's")
        store.ask([left], "run-1")
    finally:
        store.close()
    (question,) = json.loads(said("--archive", archive, "--json").stdout)["questions"]
    assert (question["why"], question["worth"]) == ("the run's", 0.5)


def test_only_the_first_questions_are_shown_and_how_many_more_there_are_is_said(tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "kept", [0, 0, 1, 1], [0, 1, 2, 3])
    answer = said("--archive", archive, "--most", "1")
    assert "1 more question" in answer.stderr
    assert len(json.loads(said("--archive", archive, "--most", "1", "--json").stdout)["questions"]) == 1
    assert len(json.loads(said("--archive", archive, "--most", "0", "--json").stdout)["questions"]) == 2


def test_where_nothing_is_doubtful_that_is_said(tmp_path: Path) -> None:
    clear = archive_of(tmp_path / "kept", [0, 0, 1], [0, 0, 1])
    assert "Nothing in this archive is doubtful" in said("--archive", clear).stdout
    empty = tmp_path / "empty"
    open_archive(empty, ArchiveSettings(), write=True, create=True).close()
    assert json.loads(said("--archive", empty, "--json").stdout) == {"asked": 0, "questions": []}


def test_without_an_archive_there_is_one_sentence(tmp_path: Path) -> None:
    answer = said("--archive", tmp_path / "none")
    assert (answer.exit_code, answer.stdout) == (5, "")
