"""Is this folder an archive, whole enough to be opened, and one that this program understands?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from crossid import __version__
from crossid.archive import DATABASE, FORMAT_VERSION, LABEL, SEALED, exists
from crossid.archive.files import PART
from crossid.archive.lock import LOCK
from crossid.archive.migrations import APPLICATION_ID
from crossid.archive.translation import DAMAGED, RESTORE
from crossid.errors import ArchiveError

if TYPE_CHECKING:
    from pathlib import Path

    from crossid.archive.database import Database

HARMLESS = {"README.md", ".gitkeep", ".DS_Store", "desktop.ini", "Thumbs.db", LOCK, PART}
"""What may lie in a folder in which an archive is made."""
QUICK_BYTES = 64 << 20
"""Databases up to this size are read through before they are written to."""


class OlderFormatError(ArchiveError):
    """The archive is older than this program, and whoever only reads cannot bring it up to date."""


def check_folder(folder: Path, *, create: bool) -> None:
    """Whether an archive can be opened here or, with `create`, made.

    Raises:
        ArchiveError: there is none, or the folder belongs to something else.
    """
    for place in (folder, *folder.parents):
        if place.exists() and not place.is_dir():
            raise ArchiveError(f"{place} is a file, not a folder.", remedy="Name a folder with --archive.")
    if (folder / SEALED).is_file():
        raise _sealed(folder)
    if exists(folder):
        _check_label(folder)
        return
    if not create:
        raise _absent(folder)
    foreign = sorted(path.name for path in folder.iterdir() if path.name not in HARMLESS) if folder.exists() else []
    if foreign:
        raise ArchiveError(
            f"{folder} holds other files ({foreign[0]!r}) and no archive.",
            remedy="Name a new or empty folder with --archive.",
        )


def check_database(database: Database, *, write: bool) -> None:
    """Whether this program understands the database, before anything is written to it.

    Raises:
        ArchiveError: it is newer or older than this program, damaged, or somebody else's.
    """
    version = database.value("PRAGMA user_version")
    tables = database.value("SELECT count(*) FROM sqlite_master")
    if not version and not tables:  # just made, or left empty by a crash while it was made
        if not write:
            raise _absent(database.folder)
        return
    if database.value("PRAGMA application_id") != APPLICATION_ID:
        raise ArchiveError(
            f"{database.folder / DATABASE} is not a database of crossid.", remedy="Name another folder with --archive."
        )
    if version > FORMAT_VERSION:
        raise _newer(database.folder, version)
    if not write and version < FORMAT_VERSION:
        raise OlderFormatError(
            f"The archive {database.folder} has format {version}, older than this program's {FORMAT_VERSION}.",
            remedy="Bring it up to date by scanning into it: crossid scan FOOTAGE.",
        )
    if write and database.value("PRAGMA page_count") * database.value("PRAGMA page_size") <= QUICK_BYTES:
        _read_through(database)


def _read_through(database: Database) -> None:
    if database.value("PRAGMA quick_check(1)") != "ok":
        raise ArchiveError(DAMAGED.format(folder=database.folder), remedy=RESTORE)


def _check_label(folder: Path) -> None:
    """The label is read before the database: of a newer format, not even the database's name is sure."""
    version: object = FORMAT_VERSION  # unless the label says more: the database does, and a writer mends the label
    try:
        if (folder / LABEL).is_file():  # a pipe in its place would have us wait for ever
            version = json.loads((folder / LABEL).read_bytes())["format_version"]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise _newer(folder, version)
    if not (folder / DATABASE).is_file():
        raise ArchiveError(f"The archive {folder} has lost its database, {DATABASE}.", remedy=RESTORE)


def _absent(folder: Path) -> ArchiveError:
    return ArchiveError(
        f"There is no archive in {folder}.",
        remedy="Name its folder, or make one there: crossid scan FOOTAGE.",
    )


def _sealed(folder: Path) -> ArchiveError:
    if (folder / DATABASE).exists():
        return ArchiveError(
            f"Sealing or opening the archive {folder} was cut short.",
            remedy="Nothing is lost: either crossid open or crossid seal finishes it.",
        )
    return ArchiveError(f"The archive {folder} is sealed.", remedy="Open it: crossid open.")


def _newer(folder: Path, version: int) -> ArchiveError:
    return ArchiveError(
        f"The archive {folder} has format {version}, newer than crossid {__version__} knows.",
        remedy="Update crossid: pip install --upgrade crossid.",
    )
