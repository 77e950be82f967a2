"""The SQLite file: how it is opened, and how it is spoken to."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from crossid.archive import DATABASE
from crossid.archive.translation import translated
from crossid.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

WAIT_S = 10.0
"""How long somebody else's transaction is waited for."""


class Database:
    """A connection whose errors are crossid's.

    Args:
        folder: The archive.
        write: Whether anything will be written; without, nothing can be, and read-only media will do.
        untouched: Leave even the write-ahead log of a crash as it is; only while nobody else writes.

    Raises:
        ArchiveError: it cannot be opened.
    """

    def __init__(self, folder: Path, *, write: bool, untouched: bool = False) -> None:
        self.folder = folder
        with translated(folder):
            self._connection = _connect(folder, write=write, untouched=untouched)

    def begin_writing(self) -> None:
        """Make ready for writes; to be called once it is sure whose database this is."""
        self.execute("PRAGMA journal_mode = WAL")
        self.execute("PRAGMA synchronous = FULL")
        self.execute("PRAGMA foreign_keys = ON")
        self.execute("PRAGMA secure_delete = ON")  # whoever is deleted is not left in free pages

    def close(self) -> None:
        """Bring back what the write-ahead log holds, and let go of the file."""
        with translated(self.folder):
            self._connection.close()

    def execute(self, sql: str, parameters: Iterable[Any] = ()) -> int:
        """Run one statement and return how many rows it changed."""
        with translated(self.folder):
            return self._connection.execute(sql, tuple(parameters)).rowcount

    def insert(self, table: str, cells: Sequence[Any]) -> int:
        """Add one row, whole, and return its key; a key given as None is chosen."""
        with translated(self.folder):
            key = self._connection.execute(_insert(table, len(cells)), cells).lastrowid
        assert key is not None
        return key

    def insert_new(self, table: str, cells: Sequence[Any]) -> bool:
        """Add one row unless it is there; whether it was added."""
        return bool(self.execute(f"{_insert(table, len(cells))} ON CONFLICT DO NOTHING", cells))

    def insert_many(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Add rows, whole."""
        for row in rows:
            self.insert(table, row)

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row."""
        with translated(self.folder):
            self._connection.executemany(sql, rows)

    def rows(self, sql: str, parameters: Iterable[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Rows, as they come."""
        with translated(self.folder):
            for row in self._connection.execute(sql, tuple(parameters)):  # noqa: UP028 -- `yield from` closes the cursor
                yield row  # when it is left early, and after the database was closed that is an error

    def row(self, sql: str, parameters: Iterable[Any] = ()) -> tuple[Any, ...] | None:
        """The first row, None if there is none."""
        return next(self.rows(sql, parameters), None)

    def value(self, sql: str, parameters: Iterable[Any] = ()) -> Any:
        """The first column of the first row, None if there is none."""
        row = self.row(sql, parameters)
        return row[0] if row else None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside happen together or not at all; one inside another is undone alone."""
        inside = self._connection.in_transaction
        begin, keep, undo = (
            ("SAVEPOINT inside", "RELEASE inside", ("ROLLBACK TO inside", "RELEASE inside"))
            if inside
            else ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
        )
        self.execute(begin)
        try:
            yield
            self.execute(keep)
        except BaseException:
            # A full disk has already undone everything.
            for statement in undo if self._connection.in_transaction else ():
                self.execute(statement)
            raise

    def backup(self, path: Path) -> None:
        """Copy the whole database as it stands to another file."""
        with translated(self.folder):
            copy = sqlite3.connect(path)
            try:
                self._connection.backup(copy)
            finally:
                copy.close()


def _insert(table: str, columns: int) -> str:
    return f"INSERT INTO {table} VALUES ({', '.join('?' * columns)})"  # noqa: S608 -- tables are named by this program


def is_unfinished(folder: Path) -> bool:
    """Whether there is a log that was not brought back into the database: a writer is at work, or died."""
    log = folder / f"{DATABASE}-wal"
    return log.exists() and bool(log.stat().st_size)


def _connect(folder: Path, *, write: bool, untouched: bool) -> sqlite3.Connection:
    file = (folder / DATABASE).absolute()
    writable = write or (os.access(folder, os.W_OK) and os.access(file, os.W_OK))
    if not writable:
        _refuse_unfinished(folder)
    # Without write permission SQLite cannot make the files that readers of a write-ahead log share;
    # "immutable" tells it that it needs none, which is true of media that nobody can write.
    mode = "mode=rw" if writable else "immutable=1"
    if untouched and writable:
        mode = "mode=ro" if is_unfinished(folder) else "immutable=1"
    connection = sqlite3.connect(f"{file.as_uri()}?{mode}", uri=True, isolation_level=None, timeout=WAIT_S)
    connection.execute(f"PRAGMA query_only = {'OFF' if write else 'ON'}")
    return connection


def _refuse_unfinished(folder: Path) -> None:
    """A log that was not brought back holds newer rows than the file; reading on without it would hide them."""
    if is_unfinished(folder):
        raise ArchiveError(
            f"The archive {folder} was left in the middle of a scan and lies where nothing can be written.",
            remedy="Copy the whole folder to a disk that can be written, and use it there.",
        )


def to_cell(text: str) -> str | bytes:
    """Text as SQLite keeps it: a file's name that is no text stays the bytes it is."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")
    return text


def from_cell(cell: str | bytes) -> str:
    """What `to_cell` was given."""
    return cell.decode("utf-8", "surrogateescape") if isinstance(cell, bytes) else cell
