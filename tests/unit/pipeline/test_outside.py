"""Results lie outside of every archive, and a folder of which nothing came is not left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from builders import fill
from crossid.archive import paint
from crossid.archive.sqlite import SqliteStore
from crossid.cli import app
from crossid.errors import CrossidError, SettingsError
from crossid.pipeline.outside import check_outside, new_folder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    store = SqliteStore.open(tmp_path / "archive", create=True)
    fill(store)
    paint(store)
    store.close()
    return tmp_path / "archive"


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if not path.name.startswith("crossid."))


@pytest.mark.parametrize(
    "words",
    [
        ("redact", "film.mp4", "archive/x.mp4"),
        ("redact", "film.mp4", "archive/people/x.mp4"),
        ("share", "archive/twin"),
        ("clips", "P-000002", "archive"),
        ("report", "--out", "archive/page.html"),
        ("export", "csv", "archive/x.csv"),
        ("export", "otio", "archive"),
        ("export", "bagit", "archive/bag"),
        ("export", "observations", "archive/x.csv"),
        ("find", "film.mp4@1", "--footage", "films", "--clips", "archive/clips"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_no_command_puts_its_results_into_an_archive(archive, tmp_path, monkeypatch, words):
    """Also where no archive is named, or another one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "film.mp4").write_bytes(b"\0")
    before = files(tmp_path)
    named = [] if words[0] in ("redact", "find") else ["--archive", "archive"]
    done = CliRunner().invoke(app, [*words, *named])
    assert done.exit_code == SettingsError.exit_code, done.stderr
    assert "lies in an archive" in done.stderr
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    "words",
    [
        ("redact", "film.mp4", "{}.mp4"),
        ("redact", "{}.mp4", "out.mp4"),
        ("share", "{}"),
        ("clips", "P-000002", "{}"),
        ("export", "csv", "{}.csv"),
        ("export", "bagit", "{}"),
        ("find", "{}.mp4@1", "--footage", "films"),
        ("models", "import", "{}"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_name_that_is_too_long_is_refused_by_every_command(archive, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "film.mp4").write_bytes(b"\0")
    named = ["--archive", "archive"] if words[0] in ("share", "clips", "export") else []
    done = CliRunner().invoke(app, [*(word.format("x" * 300) for word in words), *named])
    assert done.exit_code in range(1, 6), done.stderr
    assert "xxx" in done.stderr
    assert not any(path.name.startswith("x") for path in tmp_path.iterdir())


def test_stdout_lies_nowhere_also_for_somebody_who_stands_in_the_archive(archive, monkeypatch):
    monkeypatch.chdir(archive)
    done = CliRunner().invoke(app, ["export", "csv", "-", "--archive", "."])
    assert done.exit_code == 0, done.stderr


def test_folders_of_which_nothing_came_are_gone_and_others_stay(tmp_path):
    with new_folder(tmp_path / "a/b"):
        pass
    assert not (tmp_path / "a").exists()
    (tmp_path / "mine").mkdir()
    with new_folder(tmp_path / "mine"):
        pass
    assert (tmp_path / "mine").is_dir()
    with new_folder(tmp_path / "c/d"):
        (tmp_path / "c/d/clip.mp4").touch()
    assert (tmp_path / "c/d/clip.mp4").is_file()


def test_a_folder_that_holds_something_or_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="holds files already"), new_folder(tmp_path):
        pass
    with pytest.raises(CrossidError, match="cannot be used"), new_folder(tmp_path / "file/below"):
        pass


def test_a_sealed_archive_is_one_too(tmp_path):
    (tmp_path / "sealed.tar.age").touch()
    with pytest.raises(SettingsError, match="lies in an archive"):
        check_outside(tmp_path / "x.csv", "Elsewhere.")
