"""Archive: what was watched and who is who come in; a database, and folders painted from it, stay.

The database is the truth; the folders are a picture of it that can be painted again at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossid.archive.storing import Store as Store
from crossid.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMAT_VERSION = 5
LABEL = "archive.json"
DATABASE = "crossid.db"
SEALED = "sealed.tar.age"
"""As long as it is there it is all there is of the archive; see `sealing`."""
REPORT = "reports/report.html"
PLOTS = "reports/plots/"
EVERYTHING = "*"
"""Among what is not painted: a scan ended, and what it found was never painted to the end."""
JOIN_GAP_S = 2.0
"""Tracks of one person in one video with a gap under this are one appearance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSettings:
    """Where things are kept.

    Attributes:
        store: Name of the part that keeps them.
    """

    store: str = "sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintedFile:
    """A file that painting owns; `path` is POSIX, relative to the archive.

    `source` says what it was made from: as long as that and the file's size and time stand, it need
    not be made again. Before a file is written for the first time, all but `path` is empty.
    """

    path: str
    source: str = ""
    sha256: str = ""
    size_bytes: int = -1
    modified_ns: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A file in which a video was found: where it lay, its hash (the video's id) and its size then."""

    path: Path
    video: str
    size_bytes: int


def exists(folder: Path) -> bool:
    """Whether there is an archive in a folder, sealed or not."""
    return any((folder / name).is_file() for name in (DATABASE, LABEL, SEALED))


STORES = Registry("store", "crossid.stores", {"sqlite": "crossid.archive.sqlite:SqliteStore"})


def open_archive(folder: Path, settings: ArchiveSettings, *, write: bool = False, create: bool = False) -> Store:
    """Open an archive; with `write`, take its lock.

    Raises:
        ArchiveError: there is none (and `create` is not set), it is locked by another scan, it is
            damaged, newer than this program, or cannot be written.
    """
    store: Store = STORES.load(settings.store).open(folder, write=write, create=create)
    return store


def paint(store: Store, *, reviewed: bool = False) -> None:
    """Paint folders, logs, reports and the manifest again, touching only what changed; see `painting`.

    Call it last: what is kept after it makes the manifest's line for the database untrue.

    Args:
        store: Open for writing.
        reviewed: Nothing but reviewers' acts happened since the last painting: look only at what they changed.
    """
    from crossid.archive.painting import paint_all

    paint_all(store, reviewed=reviewed)


def put_report(store: Store, files: Mapping[str, bytes]) -> None:
    """Put a report into the archive, and remove what an earlier one left.

    It is in the manifest as all that is painted, and `paint` leaves it alone: a report shows the
    archive as it was when somebody asked for it.

    Args:
        store: Open for writing.
        files: POSIX path relative to the archive -> bytes; `reports/report.html` and `reports/plots/…`.

    Raises:
        ArchiveError: something cannot be written.
    """
    from crossid.archive.painting import put_report as put

    put(store, files)
