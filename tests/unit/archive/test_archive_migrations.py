"""An older archive becomes one of today, step by step, and a copy of the old one stays."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from builders import fill
from crossid.archive import DATABASE, FORMAT_VERSION
from crossid.archive.database import Database
from crossid.archive.migrations import STEPS, migrate
from crossid.archive.sqlite import SqliteStore
from crossid.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def add_mood(database: Database) -> None:
    database.execute("ALTER TABLE videos ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'")


def add_weather(database: Database) -> None:
    database.execute("ALTER TABLE videos ADD COLUMN weather TEXT")


def fail_halfway(database: Database) -> None:
    add_weather(database)
    raise ZeroDivisionError


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """The database of a filled archive of today."""
    store = SqliteStore.open(tmp_path, create=True)
    fill(store)
    store.close()
    database = Database(tmp_path, write=True)
    database.begin_writing()
    yield database
    database.close()


def columns(database: Database) -> set[str]:
    return {row[1] for row in database.rows("PRAGMA table_info (videos)")}


def test_the_format_is_the_number_of_steps():
    assert len(STEPS) == FORMAT_VERSION


def test_steps_that_were_not_taken_are_taken_once_and_recorded(database):
    for _ in range(2):
        migrate(database, (*STEPS, add_mood, add_weather))
    assert {"mood", "weather"} <= columns(database)
    assert database.value("PRAGMA user_version") == FORMAT_VERSION + 2
    assert list(database.rows("SELECT number, name FROM migrations")) == [
        *((number, step.__name__) for number, step in enumerate(STEPS, start=1)),
        (FORMAT_VERSION + 1, "add_mood"),
        (FORMAT_VERSION + 2, "add_weather"),
    ]
    assert set(database.rows("SELECT mood FROM videos")) == {("calm",)}


def test_the_database_is_copied_before_it_is_changed(database, tmp_path):
    migrate(database, (*STEPS, add_mood))
    copy = sqlite3.connect(tmp_path / f"{DATABASE}.format-{FORMAT_VERSION}")
    assert copy.execute("PRAGMA user_version").fetchone() == (FORMAT_VERSION,)
    assert copy.execute("SELECT count(*) FROM videos").fetchone() == (2,)
    assert "mood" not in {row[1] for row in copy.execute("PRAGMA table_info (videos)")}
    copy.close()
    assert (tmp_path / f"{DATABASE}.format-{FORMAT_VERSION}").stat().st_mode & 0o777 == 0o600


def test_a_step_that_fails_leaves_nothing_behind_and_those_before_it_stay(database):
    with pytest.raises(ZeroDivisionError):
        migrate(database, (*STEPS, add_mood, fail_halfway))
    assert "mood" in columns(database)
    assert "weather" not in columns(database)
    assert database.value("PRAGMA user_version") == FORMAT_VERSION + 1
    migrate(database, (*STEPS, add_mood, add_weather))
    assert "weather" in columns(database)


def test_nothing_is_copied_when_there_is_nothing_to_do(database, tmp_path):
    migrate(database)
    assert not list(tmp_path.glob(f"{DATABASE}.format-*"))


def test_copies_are_in_the_manifest(database, tmp_path):
    migrate(database, (*STEPS, add_mood))
    database.execute(f"PRAGMA user_version = {FORMAT_VERSION}")
    store = SqliteStore.open(tmp_path, write=True)
    assert store.settle() == ["archive.json", DATABASE, f"{DATABASE}.format-{FORMAT_VERSION}"]
    store.close()


def test_a_reader_of_an_older_archive_is_told_how_to_bring_it_up_to_date(database, tmp_path):
    database.execute("PRAGMA user_version = 0")
    with pytest.raises(ArchiveError, match="older than this program") as caught:
        SqliteStore.open(tmp_path)
    assert "crossid scan" in caught.value.remedy


def test_a_number_is_never_given_twice_even_when_its_person_is_erased(database):
    database.execute("INSERT INTO persons (created_by) VALUES ('run-1')")
    database.execute("DELETE FROM persons WHERE number = 3")
    assert database.insert("persons", [None, "run-1", None, None, None]) == 4


def test_a_ruling_is_never_changed(database):
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        database.execute("UPDATE rulings SET verdict = 'different'")


def test_a_writer_asks_sqlite_for_every_guarantee(database):
    pragmas = ("secure_delete", "synchronous", "foreign_keys", "journal_mode")
    assert [database.value(f"PRAGMA {one}") for one in pragmas] == [1, 2, 1, "wal"]
