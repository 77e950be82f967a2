"""Paths are understood as people give them, refused with a reason, and remembered."""

import json
import os
from pathlib import Path

import platformdirs
import pytest

from crossid.archive import ArchiveSettings, open_archive
from crossid.wizard import places
from crossid.wizard.asking import archive_complaint, footage_complaint
from crossid.wizard.questions import as_path


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of one's own; where it lies, each system says for itself."""
    monkeypatch.setattr(platformdirs, "user_state_path", lambda name: tmp_path / "state" / name)
    return tmp_path / "state" / "crossid" / "places.json"


@pytest.mark.parametrize("dropped", ["{}", "'{}'", '"{}"', " {} ", "{}/"])
def test_a_folder_dropped_onto_the_terminal_is_understood(dropped: str, tmp_path: Path) -> None:
    (tmp_path / "day 1").mkdir()
    assert as_path(dropped.format(tmp_path / "day 1")) == tmp_path / "day 1"


def test_backslashes_of_a_shell_are_understood(tmp_path: Path) -> None:
    (tmp_path / "day 1").mkdir()
    assert as_path(str(tmp_path / "day\\ 1")) == tmp_path / "day 1"


def test_a_name_with_an_apostrophe_stands_for_itself(tmp_path: Path) -> None:
    assert as_path(str(tmp_path / "mayor's")) == tmp_path / "mayor's"


def test_the_home_folder_is_understood() -> None:
    assert as_path("~") == Path.home()


def test_footage_has_to_be_there(tmp_path: Path) -> None:
    assert footage_complaint(tmp_path) == ""
    assert footage_complaint(tmp_path / "none") == "There is nothing of that name"


def test_an_archive_gets_a_folder_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert archive_complaint(tmp_path / "deep" / "new") == ""
    assert archive_complaint(tmp_path / "file") == "That is a file"
    assert "a folder" in archive_complaint(tmp_path) or "one of its own" in archive_complaint(tmp_path)
    open_archive(tmp_path / "kept", ArchiveSettings(), write=True, create=True).close()
    assert archive_complaint(tmp_path / "kept") == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_archive_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert archive_complaint(tmp_path / "new") == f"Nothing can be written to {tmp_path}"


def test_places_are_remembered_latest_first_and_only_while_they_are_there(state: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        places.remember([tmp_path / name], tmp_path / "archive")
    (tmp_path / "archive").mkdir()
    assert places.recall() == places.Places(
        footage=(str(tmp_path / "b"), str(tmp_path / "a")), archives=(str(tmp_path / "archive"),)
    )
    (tmp_path / "b").rmdir()
    assert places.recall().footage == (str(tmp_path / "a"),)


@pytest.mark.parametrize("kept", ["", "[]", '{"footage": 3}', "\x00"])
def test_a_damaged_memory_is_no_memory(state: Path, kept: str) -> None:
    state.parent.mkdir(parents=True)
    state.write_text(kept, encoding="utf-8")
    assert places.recall() == places.Places()


def test_a_state_folder_that_cannot_be_made_is_no_reason_to_stop(state: Path, tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    places.remember([tmp_path], tmp_path / "archive")
    assert places.recall() == places.Places()


def test_memory_is_short(state: Path, tmp_path: Path) -> None:
    places.remember([tmp_path / str(number) for number in range(20)], tmp_path)
    assert len(json.loads(state.read_text(encoding="utf-8"))["footage"]) == places.MAX_REMEMBERED
