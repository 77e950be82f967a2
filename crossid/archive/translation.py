"""The one place where this room turns foreign errors into sentences with a remedy."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crossid.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FULL = "The disk is full: {folder} could not be written."
FREE_SPACE = "Free some space and run the same command again: it goes on where it stopped."
UNWRITABLE = "The archive {folder} cannot be written."
MAKE_WRITABLE = "Choose a folder in which you may write, or copy the archive to one."
DAMAGED = "The database of the archive {folder} is damaged."
RESTORE = "Restore crossid.db from a backup, or scan the footage into a new folder."

SQLITE_SENTENCES = {
    sqlite3.SQLITE_FULL: (FULL, FREE_SPACE),
    sqlite3.SQLITE_READONLY: (UNWRITABLE, MAKE_WRITABLE),
    sqlite3.SQLITE_PERM: (UNWRITABLE, MAKE_WRITABLE),
    sqlite3.SQLITE_CANTOPEN: ("The database of the archive {folder} cannot be opened.", MAKE_WRITABLE),
    sqlite3.SQLITE_CORRUPT: (DAMAGED, RESTORE),
    sqlite3.SQLITE_NOTADB: (DAMAGED, RESTORE),
    sqlite3.SQLITE_IOERR: (
        "The disk under the archive {folder} does not answer as it should.",
        "Check the disk and its free space, then run the same command again.",
    ),
    sqlite3.SQLITE_BUSY: (
        "Another program holds the database of the archive {folder}.",
        "Close the other program and run the same command again.",
    ),
}
LITTLE = 2**20
"""Bytes: a disk with less free is full."""
FULL_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FORBIDDEN_ERRORS = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Raise ArchiveError for what disk or database answer inside; an error in the program stays what it is.

    Args:
        folder: The archive, for the sentence.
    """
    try:
        yield
    except sqlite3.Error as error:
        # The low byte is the kind, the rest says where it came from; errors of the Python module itself have no code.
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        sentence = SQLITE_SENTENCES.get(sqlite3.SQLITE_FULL if _is_full(code, folder) else code)
        if sentence is None:
            raise
        raise ArchiveError(sentence[0].format(folder=folder), remedy=sentence[1]) from error
    except UnicodeEncodeError as error:
        raise ArchiveError(
            f"This system's encoding, {error.encoding}, lacks a character of a file's name.",
            remedy="Set PYTHONUTF8=1 and run the same command again.",
        ) from error
    except OSError as error:
        raise _of_system(error, folder) from error


def _is_full(code: int, folder: Path) -> bool:
    """Whether an error of reading or writing is that of a full disk: SQLite says so of the database file only."""
    return code == sqlite3.SQLITE_IOERR and folder.is_dir() and shutil.disk_usage(folder).free < LITTLE


def _of_system(error: OSError, folder: Path) -> ArchiveError:
    if error.errno in FULL_ERRORS:
        return ArchiveError(FULL.format(folder=folder), remedy=FREE_SPACE)
    if error.errno in FORBIDDEN_ERRORS:
        return ArchiveError(UNWRITABLE.format(folder=folder), remedy=MAKE_WRITABLE)
    what = error.filename or folder
    return ArchiveError(f"{what} cannot be used: {error.strerror or error}.", remedy=MAKE_WRITABLE)
