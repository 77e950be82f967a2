"""`crossid verify` says what differs, in words and in JSON, and ends with 7 when anything does."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import Result

import running
from builders import a_kept_archive

CARD = "people/P-000001/person.json"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return a_kept_archive(tmp_path / "archive")


def said(archive: Path, *words: str) -> Result:
    return running.said(archive, "verify", *words)


def test_a_sound_archive_is_called_so_and_ends_with_0(archive: Path) -> None:
    answer = said(archive)
    assert (answer.exit_code, answer.stderr) == (0, "")
    assert "21 files of the archive as written, 0 originals as watched, 2 out of reach." in answer.stdout
    assert "The archive is what was recorded." in answer.stdout


def test_differences_are_listed_on_stdout_and_end_with_7(archive: Path) -> None:
    (archive / CARD).unlink()
    (archive / "people/evil\x1b[2J").write_text("x")
    answer = said(archive)
    assert answer.exit_code == 7
    rows = [line.split()[:2] for line in answer.stdout.splitlines() if "people/" in line]
    assert rows == [["missing", CARD], ["unexpected", "people/evil\\x1b[2J"]]
    assert "2 differences" in answer.stderr
    assert "crossid verify --repair --archive" in answer.stderr


def test_a_name_that_ends_in_blanks_is_told_in_quotes(archive: Path) -> None:
    (archive / "people/..  ").mkdir()
    assert "'people/..  '" in said(archive).stdout


def test_programs_get_one_object_whatever_was_found(archive: Path) -> None:
    assert json.loads(said(archive, "--json").stdout)["sound"] is True
    (archive / CARD).unlink()
    answer = said(archive, "--json")
    told = json.loads(answer.stdout)
    assert (answer.exit_code, told["sound"], len(told["unreachable"])) == (7, False, 2)
    assert told["differences"] == [
        {"kind": "missing", "path": CARD, "what": "it was written and is not there", "mendable": True}
    ]


def test_repair_says_what_it_painted_and_what_it_could_not(archive: Path) -> None:
    (archive / CARD).unlink()
    answer = said(archive, "--repair")
    assert answer.exit_code == 0
    assert "1 file painted again from the database" in answer.stdout
    (archive / CARD).write_text("x")
    (archive / "mine.txt").write_text("x")
    answer = said(archive, "--repair", "--json")
    told = json.loads(answer.stdout)
    assert (answer.exit_code, told["mended"]) == (7, [CARD])
    assert [one["path"] for one in told["differences"]] == ["mine.txt"]
    assert "bring it back from a copy" in said(archive, "--repair").stderr


def test_a_repair_that_is_refused_says_why_after_the_list(archive: Path) -> None:
    (archive / "crossid.db").write_bytes(b"x" * 5000)
    answer = said(archive, "--repair")
    assert (answer.exit_code, "crossid.db" in answer.stdout) == (7, True)
    assert "Nothing was repaired." in answer.stderr
    told = json.loads(said(archive, "--repair", "--json").stdout)
    assert told["refused"].startswith("The database is no longer what crossid wrote")


def test_a_long_list_is_cut_for_people_and_whole_for_programs(archive: Path) -> None:
    for number in range(130):
        (archive / f"{number}.txt").touch()
    assert "… and 30 more: --json lists all." in said(archive).stdout
    assert len(json.loads(said(archive, "--json").stdout)["differences"]) == 130


def test_notes_are_no_difference(archive: Path) -> None:
    (archive / "README.md").touch()
    answer = said(archive)
    assert (answer.exit_code, "README.md is not crossid's." in answer.stdout) == (0, True)


def test_without_an_archive_there_is_one_sentence_and_exit_5(tmp_path: Path) -> None:
    answer = said(tmp_path / "none")
    assert (answer.exit_code, answer.stdout) == (5, "")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_gets_a_bar_and_keeps_only_the_result(archive: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "crossid", "verify", "--archive", str(archive)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, text=True, check=True)
    os.close(theirs)
    assert "Hashing" in os.read(ours, 100_000).decode()
    os.close(ours)
    assert done.stdout.splitlines()[-1] == "The archive is what was recorded."
