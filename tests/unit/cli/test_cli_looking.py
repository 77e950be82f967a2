"""People, show and export tell what a real archive holds, to people and to programs."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from builders import NOON, a_membership, a_ruling, a_run, a_video, a_watched, an_act, an_appearance, fill
from crossid.archive import ArchiveSettings, Store, open_archive
from crossid.cli import app

HOSTILE = "evil\x1b[2J\n[red]\u202e.mp4"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive of two people in two videos."""
    with_store(tmp_path / "kept", fill)
    return tmp_path / "kept"


def with_store(folder: Path, act: Callable[[Store], None]) -> None:
    store = open_archive(folder, ArchiveSettings(), write=True, create=True)
    try:
        act(store)
    finally:
        store.close()


def said(*words: str, archive: Path) -> Result:
    return CliRunner().invoke(app, [*words, "--archive", str(archive)])


DAY_ONE = ["clip.mp4", "0:01", "(2024-05-01", "12:00)"]
DAY_TWO = ["clip.mp4", "0:02", "(2024-05-02", "12:00)"]


def test_people_are_listed_with_when_they_were_seen(archive: Path) -> None:
    rows = [line.split() for line in said("people", archive=archive).stdout.splitlines() if "P-0" in line]
    assert rows == [
        ["P-000001", "2", "2", "0.90", *DAY_ONE, *DAY_TWO],
        ["P-000002", "1", "1", "0.90", *DAY_TWO, *DAY_TWO],
    ]


def test_programs_get_people_as_objects(archive: Path) -> None:
    first, _ = json.loads(said("people", "--json", archive=archive).stdout)
    assert first["id"] == "P-000001"
    assert first["videos"] == ["day one/clip.mp4", "day two/clip.mp4"]
    assert first["appearances"] == 2
    assert first["first"]["recorded_at"].startswith("2024-05-01T12:00:01")


def test_an_appearance_that_a_reviewer_rejected_is_not_counted(archive: Path) -> None:
    def reject(store: Store) -> None:
        rows = store.log("P-000001")
        appearance = an_appearance(a_video("day two/clip.mp4", recorded_at=NOON + timedelta(days=1)), 2, 5)
        assert appearance.id in {row.appearance_id for row in rows}
        store.act(an_act("reject", "P-000001", seen=[appearance]))

    with_store(archive, reject)
    (first, *_) = json.loads(said("people", "--json", archive=archive).stdout)
    assert (first["id"], first["appearances"], first["videos"]) == ("P-000001", 1, ["day one/clip.mp4"])


def test_show_tells_each_appearance_with_its_picture(archive: Path) -> None:
    answer = json.loads(said("show", "P-000001", "--json", archive=archive).stdout)
    assert [row["video"] for row in answer["appearances"]] == ["day one/clip.mp4", "day two/clip.mp4"]
    assert answer["appearances"][0]["probability"] == 0.9
    assert answer["appearances"][0]["picture"].startswith("people/P-000001/faces/00")
    shown = said("show", "P-000001", archive=archive).stdout
    assert "2 appearances in 2 videos, proposed by crossid; none confirmed by a reviewer" in shown
    assert answer["appearances"][0]["picture"] in "".join(shown.split())


def test_show_follows_an_alias_and_says_so(archive: Path) -> None:
    with_store(archive, lambda store: store.alias("P-000002", "P-000001", "run-1"))
    assert said("show", "P-000002", archive=archive).stdout.startswith("P-000002 was merged into P-000001.\n")
    answer = json.loads(said("show", "P-000002", "--json", archive=archive).stdout)
    assert (answer["asked"], answer["person_id"]) == ("P-000002", "P-000001")


def test_an_id_that_was_never_given_is_refused(archive: Path) -> None:
    answer = said("show", "P-999999", archive=archive)
    assert answer.exit_code == 5
    assert "P-999999" in answer.stderr


@pytest.mark.parametrize("words", [["people"], ["show", "P-000001"], ["export", "observations", "-"]])
def test_without_an_archive_there_is_one_sentence_and_exit_5(words: list[str], tmp_path: Path) -> None:
    answer = said(*words, archive=tmp_path / "none")
    assert (answer.exit_code, answer.stdout) == (5, "")
    assert len(answer.stderr.splitlines()) == 2


def test_observations_go_to_a_file_or_to_stdout(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "faces.csv"
    counted = json.loads(said("export", "observations", str(out), "--json", archive=archive).stdout)
    rows = list(csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines()))
    assert counted == {"out": str(out), "rows": len(rows)}
    assert {row["person_id"] for row in rows} == {"P-000001", "P-000002", ""}
    streamed = said("export", "observations", "-", archive=archive)
    assert streamed.stdout_bytes == out.read_bytes()


def test_a_reader_who_leaves_in_the_middle_is_met_with_silence(archive: Path) -> None:
    def keep_more_than_a_buffer_holds(store: Store) -> None:
        video = a_video("long.mp4", duration_s=100.0)
        store.add_video(video, 1, "run-1")
        store.keep_span(a_watched(video, an_appearance(video, 0, 90)), 1, "settings", "run-1")

    with_store(archive, keep_more_than_a_buffer_holds)
    read, write = os.pipe()
    os.close(read)
    words = [sys.executable, "-m", "crossid", "export", "observations", "-", "--archive", str(archive)]
    try:
        done = subprocess.run(words, stdout=write, stderr=subprocess.PIPE, check=False, timeout=60)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_hostile_names_reach_no_terminal(tmp_path: Path) -> None:
    def keep_hostile(store: Store) -> None:
        video = a_video(HOSTILE, recorded_at=None, clock="none")
        seen = an_appearance(video)
        store.begin_run(a_run())
        store.add_video(video, 1, "run-1")
        store.keep_span(a_watched(video, seen), 1, "settings", "run-1")
        (person,) = store.new_person_ids(1, "run-1")
        store.rule([a_ruling(seen, person)], [a_membership(seen, person)])
        store.act(an_act("name", person, name="\x1b]0;[bold]"))

    with_store(tmp_path / "kept", keep_hostile)
    for words in (["people"], ["show", "P-000001"]):
        shown = said(*words, archive=tmp_path / "kept").stdout
        assert "evil\\x1b[2J\\n[red]\\u202e.mp4" in shown
        assert "\\x1b]0;[bold]" in shown
        assert not {"\x1b", "\u202e"} & set(shown)
