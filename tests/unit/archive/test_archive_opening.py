"""Opening an archive: what is made, what is refused, in which words."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest

from builders import SPACE, a_run, a_video, fill
from crossid.archive import DATABASE, FORMAT_VERSION, LABEL, ArchiveSettings, exists, open_archive
from crossid.archive.sqlite import SqliteStore
from crossid.errors import ArchiveError


def made(folder: Path) -> Path:
    """An archive, filled and closed."""
    store = SqliteStore.open(folder, create=True)
    fill(store)
    store.close()
    return folder


def test_creating_makes_folders_and_says_what_lies_in_them(tmp_path):
    folder = made(tmp_path / "new" / "archive")
    label = json.loads((folder / LABEL).read_text())
    assert label["format_version"] == FORMAT_VERSION
    assert list(label) == ["format_version", "created", "crossid_version", "settings_digest", "spaces", "licences"]
    assert exists(folder)


def test_the_label_names_the_last_runs_settings_and_the_spaces_in_use(tmp_path):
    made(tmp_path / "a")
    SqliteStore.open(tmp_path / "a", write=True).close()
    label = json.loads((tmp_path / "a" / LABEL).read_text())
    assert label["settings_digest"] == a_run().settings_digest
    assert label["spaces"] == [{"name": SPACE.name, "dimensions": SPACE.dimensions, "fingerprint": SPACE.fingerprint}]


def test_nobody_but_the_owner_can_read_what_is_made(tmp_path):
    store = SqliteStore.open(tmp_path / "a", create=True)
    store.add_video(a_video(), 7, "run-1")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "a").iterdir()}
    store.close()
    assert f"{DATABASE}-wal" in modes
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700


def test_a_folder_that_is_there_keeps_its_permissions(tmp_path):
    tmp_path.chmod(0o755)
    SqliteStore.open(tmp_path, create=True).close()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_an_archive_can_be_made_beside_a_readme(tmp_path):
    (tmp_path / "README.md").write_text("what will be here")
    (tmp_path / ".gitkeep").touch()
    SqliteStore.open(tmp_path, create=True).close()
    assert exists(tmp_path)


def test_opening_and_closing_changes_no_byte_of_the_database(tmp_path):
    folder = made(tmp_path / "a")
    before = (folder / DATABASE).read_bytes()
    SqliteStore.open(folder, write=True).close()
    SqliteStore.open(folder).close()
    assert (folder / DATABASE).read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == [LABEL, DATABASE, "crossid.lock"]


def refusal(folder: Path, **how: bool) -> ArchiveError:
    """What opening is refused with."""
    with pytest.raises(ArchiveError) as caught:
        open_archive(folder, ArchiveSettings(), **how)
    assert caught.value.exit_code == 5
    assert caught.value.remedy
    return caught.value


def test_where_there_is_no_archive_the_remedy_says_how_to_make_one(tmp_path):
    error = refusal(tmp_path / "none")
    assert "There is no archive" in str(error)
    assert "crossid scan" in error.remedy
    assert not (tmp_path / "none").exists()


def test_an_empty_folder_is_no_archive(tmp_path):
    assert "There is no archive" in str(refusal(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_other_things_is_left_alone(tmp_path):
    (tmp_path / "thesis.docx").touch()
    error = refusal(tmp_path, create=True)
    assert "'thesis.docx'" in str(error)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_file_is_no_archive_folder(tmp_path):
    (tmp_path / "a").touch()
    assert "is a file" in str(refusal(tmp_path / "a", create=True))
    assert "is a file" in str(refusal(tmp_path / "a"))


def test_a_folder_below_a_file_cannot_be_made(tmp_path):
    (tmp_path / "a").touch()
    refusal(tmp_path / "a" / "b", create=True)


def test_a_place_where_nothing_can_be_made_is_an_archive_error():
    refusal(Path("/proc/crossid"), create=True)


def test_a_label_of_a_newer_format_is_refused_before_the_database_is_touched(tmp_path):
    (tmp_path / LABEL).write_text(json.dumps({"format_version": FORMAT_VERSION + 1}))
    (tmp_path / DATABASE).write_bytes(b"whatever a later format may be")
    error = refusal(tmp_path, write=True)
    assert "newer than crossid" in str(error)
    assert "Update" in error.remedy
    assert (tmp_path / DATABASE).read_bytes() == b"whatever a later format may be"


def test_a_database_of_a_newer_format_is_refused(tmp_path):
    folder = made(tmp_path / "a")
    database = sqlite3.connect(folder / DATABASE)
    database.execute(f"PRAGMA user_version = {FORMAT_VERSION + 1}")
    database.close()
    assert "newer than crossid" in str(refusal(folder))
    assert "newer than crossid" in str(refusal(folder, write=True))


def test_a_database_that_is_none_is_damaged(tmp_path):
    (tmp_path / DATABASE).write_bytes(b"not a database at all" * 100)
    assert "damaged" in str(refusal(tmp_path))
    assert "damaged" in str(refusal(tmp_path, write=True))


def test_a_database_of_another_program_is_left_as_it_is(tmp_path):
    database = sqlite3.connect(tmp_path / DATABASE)
    database.execute("CREATE TABLE recipes (name TEXT)")
    database.close()
    before = (tmp_path / DATABASE).read_bytes()
    assert "not a database of crossid" in str(refusal(tmp_path, write=True))
    assert (tmp_path / DATABASE).read_bytes() == before


def test_a_database_that_was_cut_off_is_damaged(tmp_path):
    folder = made(tmp_path / "a")
    data = (folder / DATABASE).read_bytes()
    (folder / DATABASE).write_bytes(data[: len(data) // 2])
    assert "damaged" in str(refusal(folder))
    assert "damaged" in str(refusal(folder, write=True))


def test_a_writer_notices_a_damaged_page_that_opening_alone_never_reads(tmp_path):
    folder = made(tmp_path / "a")
    database = sqlite3.connect(folder / DATABASE)
    page = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'crops'").fetchone()[0]
    database.close()
    data = bytearray((folder / DATABASE).read_bytes())
    data[(page - 1) * 4096 : (page - 1) * 4096 + 64] = b"\xee" * 64
    (folder / DATABASE).write_bytes(data)
    assert "damaged" in str(refusal(folder, write=True))
    store = SqliteStore.open(folder)
    with pytest.raises(ArchiveError, match="damaged") as caught:
        store.portrait(store.log()[0].face)
    assert "backup" in caught.value.remedy
    store.close()


def test_an_archive_that_lost_its_database_says_so(tmp_path):
    folder = made(tmp_path / "a")
    (folder / DATABASE).unlink()
    assert "lost its database" in str(refusal(folder, create=True))


def test_a_lost_label_is_written_again(tmp_path):
    folder = made(tmp_path / "a")
    for damage in ((folder / LABEL).unlink, (folder / LABEL).touch):
        damage()
        SqliteStore.open(folder).close()
        SqliteStore.open(folder, write=True).close()
        assert json.loads((folder / LABEL).read_text())["format_version"] == FORMAT_VERSION


def test_what_a_crash_left_before_the_first_table_was_made_is_made_now(tmp_path):
    (tmp_path / DATABASE).touch()
    assert "There is no archive" in str(refusal(tmp_path))
    store = SqliteStore.open(tmp_path, create=True)
    assert store.people() == []
    store.close()


def test_a_reader_cannot_write(tmp_path):
    store = SqliteStore.open(made(tmp_path / "a"))
    with pytest.raises(ArchiveError, match="cannot be written"):
        store.add_video(a_video("new.mp4"), 7, "run-1")
    store.close()


def test_a_moved_archive_is_the_same_archive(tmp_path):
    shutil.move(made(tmp_path / "a"), tmp_path / "b #1?%20")
    store = SqliteStore.open(tmp_path / "b #1?%20")
    assert len(store.people()) == 2
    store.close()
