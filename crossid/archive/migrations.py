"""An older database becomes one of today: numbered steps, each whole or not at all, after a backup."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crossid import __version__
from crossid.archive import DATABASE
from crossid.archive.copying import TABLES
from crossid.archive.files import make_file, sync_folder
from crossid.archive.kinship import settle_kin
from crossid.archive.schema import SCHEMA
from crossid.archive.schema_acts import ACTS_SCHEMA
from crossid.archive.translation import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crossid.archive.database import Database

    Step = Callable[[Database], None]

APPLICATION_ID = 0x63724964
"""What `file` and SQLite's header call a database of crossid: "crId"."""

RECORD = """
CREATE TABLE IF NOT EXISTS migrations (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, at TEXT NOT NULL
)
"""


def first_tables(database: Database) -> None:
    """Format 1."""
    for statement in SCHEMA.strip().split("\n\n"):
        database.execute(statement)
    database.execute("INSERT INTO archive VALUES ('created', ?)", [_now()])
    database.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def acts_of_reviewers(database: Database) -> None:
    """Format 2: the ledger of what reviewers do. Before it no command let a reviewer speak, so nothing is lost."""
    for statement in ACTS_SCHEMA.strip().split("\n\n"):
        database.execute(statement)
    numbers = [number for (number,) in database.rows("SELECT number FROM persons WHERE alias_of IS NOT NULL")]
    settle_kin(database, numbers)


def what_is_not_painted(database: Database) -> None:
    """Format 3: whose picture acts have changed, so that a painter looks at nobody else."""
    database.execute("CREATE TABLE unpainted (id TEXT PRIMARY KEY) WITHOUT ROWID")
    database.execute("INSERT INTO unpainted SELECT printf('P-%06d', number) FROM persons")  # cards say more by now


def acts_that_ignore(database: Database) -> None:
    """Format 4: who is ignored is found among 100,000 acts without reading them all."""
    database.execute("CREATE INDEX acts_that_ignore ON acts (number) WHERE kind IN ('ignore', 'unignore')")


def footage_that_is_there_twice(database: Database) -> None:
    """Format 5: hashes of pictures, and which videos copy which; what was watched before has none."""
    for statement in TABLES.strip().split("\n\n"):
        database.execute(statement)


STEPS: tuple[Step, ...] = (
    first_tables,
    acts_of_reviewers,
    what_is_not_painted,
    acts_that_ignore,
    footage_that_is_there_twice,
)


def migrate(database: Database, steps: Sequence[Step] = STEPS) -> None:
    """Take the steps that the database has not taken.

    A database that holds something is copied to `crossid.db.format-<n>` first, which stays.

    Raises:
        ArchiveError: it cannot be written; the steps before stay taken, the one that failed is not.
    """
    taken = database.value("PRAGMA user_version")
    if 0 < taken < len(steps):
        _back_up(database, taken)
    for number, step in enumerate(steps[taken:], start=taken + 1):
        with database.transaction():
            step(database)
            database.execute(RECORD)
            database.execute("INSERT INTO migrations VALUES (?, ?, ?, ?)", [number, step.__name__, __version__, _now()])
            database.execute(f"PRAGMA user_version = {number}")


def _back_up(database: Database, taken: int) -> None:
    folder = database.folder
    with translated(folder):
        part = folder / f"{DATABASE}.format-{taken}.part"
        part.unlink(missing_ok=True)
        make_file(part)
        database.backup(part)
        part.replace(folder / f"{DATABASE}.format-{taken}")
        sync_folder(folder)  # before anything is changed that it is the copy of


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
