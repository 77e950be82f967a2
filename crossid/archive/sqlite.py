"""The store that comes with Python: one SQLite file, and whoever writes holds the archive's lock."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from crossid.archive import DATABASE, LABEL, PaintedFile
from crossid.archive.database import Database
from crossid.archive.examination import Examination
from crossid.archive.files import make_file, make_folder
from crossid.archive.forgetting import Forgetting
from crossid.archive.galleries import Galleries
from crossid.archive.integrity import check_database, check_folder
from crossid.archive.label import write_label
from crossid.archive.lock import Lock
from crossid.archive.migrations import migrate
from crossid.archive.neighbourhood import Neighbourhood
from crossid.archive.questions import Questions
from crossid.archive.redescribing import Redescribing
from crossid.archive.references import Referring
from crossid.archive.runs import Runs
from crossid.archive.translation import translated
from crossid.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager
    from pathlib import Path


class SqliteStore(Redescribing, Galleries, Referring, Neighbourhood, Forgetting, Questions, Runs, Examination):
    """Keeps an archive in `crossid.db`; made by `open`.

    Args:
        folder: The archive.
        database: Its database, open and understood.
    """

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self.database = database
        self._held = ExitStack()

    @classmethod
    def open(cls, folder: Path, *, write: bool = False, create: bool = False, untouched: bool = False) -> Self:
        """Open an archive; with `create`, make one where there is none, and write.

        With `untouched` not even what a crash left behind is tidied up: for `verify`, while nobody writes.

        Raises:
            ArchiveError: see `open_archive`.
        """
        write = write or create
        with ExitStack() as held:
            with translated(folder):
                check_folder(folder, create=create)
                if write:
                    _take(folder, held)
            database = Database(folder, write=write, untouched=untouched)
            held.callback(database.close)
            store = cls(folder, database)
            store._make_ready(write=write)
            store._held = held.pop_all()
        return store

    def close(self) -> None:
        """See `Store`."""
        self._held.close()

    def atomic(self) -> AbstractContextManager[None]:
        """See `Store`."""
        return self.database.transaction()

    def painted(self) -> dict[str, PaintedFile]:
        """See `Store`."""
        rows = self.database.rows("SELECT path, source, sha256, size_bytes, modified_ns FROM painted")
        return {
            path: PaintedFile(path=path, source=source, sha256=sha256, size_bytes=size_bytes, modified_ns=modified_ns)
            for path, source, sha256, size_bytes, modified_ns in rows
        }

    def record_painted(self, files: Iterable[PaintedFile], gone: Iterable[str] = ()) -> None:
        """See `Store`."""
        with self.database.transaction():
            self.database.execute_many("DELETE FROM painted WHERE path = ?", [(path,) for path in gone])
            self.database.execute_many(
                "INSERT OR REPLACE INTO painted VALUES (?, ?, ?, ?, ?)",
                [(one.path, one.source, one.sha256, one.size_bytes, one.modified_ns) for one in files],
            )

    def unpainted(self) -> set[str]:
        """See `Store`."""
        return {one for (one,) in self.database.rows("SELECT id FROM unpainted")}

    def note_painted(self, ids: Iterable[str]) -> None:
        """See `Store`."""
        self.database.execute_many("DELETE FROM unpainted WHERE id = ?", [(one,) for one in ids])

    def settle(self) -> list[str]:
        """See `Store`; raises ArchiveError when another program reads on and on."""
        self._write_label()
        self.forget_references()
        if self.database.value("PRAGMA wal_checkpoint(TRUNCATE)"):
            raise ArchiveError(
                f"Another program is reading {self.folder / DATABASE}, so the manifest could not be written.",
                remedy="Close the other program and run the same command again; all else is done.",
            )
        backups = sorted(path.name for path in self.folder.glob(f"{DATABASE}.format-*[0-9]"))
        return [LABEL, DATABASE, *backups]

    def _make_ready(self, *, write: bool) -> None:
        check_database(self.database, write=write)
        if write:
            self.database.begin_writing()
            migrate(self.database)
            self._write_label()

    def _write_label(self) -> None:
        created = self.database.value("SELECT value FROM archive WHERE key = 'created'")
        write_label(self.folder, created, self.runs(), self.spaces())


def _take(folder: Path, held: ExitStack) -> None:
    """Make the folder if need be, lock it, and see to it that its database is nobody else's to read."""
    make_folder(folder, durable=True)
    held.callback(Lock(folder).release)
    make_file(folder / DATABASE)
