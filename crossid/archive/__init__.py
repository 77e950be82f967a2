"""Archive: what was watched and who is who come in; a database, and folders painted from it, stay.

The database is the truth; the folders are a picture of it that can be painted again at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from crossid.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from crossid.types import (
        Diff,
        Gallery,
        Membership,
        Mishap,
        Person,
        Ruling,
        Run,
        Space,
        Video,
        Watched,
    )

FORMAT_VERSION = 1
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
class LogRow:
    """One row of `appearances.csv`, typed; the names are the columns of the contract.

    `start_s`, `end_s` in seconds; `recorded_at` ISO 8601 UTC or ""; `face` is the best face's id;
    `box` is (left, top, right, bottom) of it; `person_id` "" for the unidentified. `tracks` are the
    ids of the appearances (one per track) that were joined into this one, first first.
    """

    person_id: str
    name: str
    video: str
    video_sha256: str
    appearance_id: str
    start_s: float
    end_s: float
    recorded_at: str
    clock: str
    faces: int
    face: str
    box: tuple[float, float, float, float]
    probability: float | None
    evidence: str
    status: str
    quality: float
    tracks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One face seen: one row of `export observations`, typed."""

    video: str
    video_sha256: str
    time_s: float
    pts: int
    frame: int
    box: tuple[float, float, float, float]
    score: float
    quality: float
    seen_by: str
    track_id: str
    appearance_id: str
    person_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of a video was looked at, in seconds; `missable_s`: the shortest appearance that could be missed."""

    video: str
    video_sha256: str
    duration_s: float
    pictures: int
    looked_at: int
    looked_at_s: float
    still_s: float
    dark_s: float
    unreadable_s: float
    missable_s: float


class Store(Protocol):
    """Keeps everything. All writes are idempotent by id and, unless inside `atomic`, one transaction each."""

    folder: Path

    def close(self) -> None:
        """Write back and let go of files and lock."""

    def atomic(self) -> AbstractContextManager[None]:
        """All writes inside happen together or not at all."""
        ...

    # what was found and watched -----------------------------------------------------------------
    def known_file(self, path: Path, size_bytes: int, modified_ns: int) -> str | None:
        """Video id of a file that was hashed before and has not changed since, by stat alone."""
        ...

    def add_video(self, video: Video, modified_ns: int, run_id: str) -> bool:
        """Remember a video and where it was found; False when its bytes were known under another path."""
        ...

    def videos(self) -> list[Video]:
        """All videos, by id, with the path and name at which each was found first."""
        ...

    def spans_done(self, video_id: str) -> dict[int, str]:
        """Index of each finished span -> digest of the settings it was watched with."""
        ...

    def video_done(self, video_id: str) -> bool:
        """Whether all spans of a video were watched."""
        ...

    def keep_span(self, watched: Watched, span_count: int, settings_digest: str, run_id: str) -> None:
        """Keep one span's decisions, appearances (tracks, faces, crops, embeddings) and mishaps."""
        ...

    def drop_spans(self, video_id: str) -> None:
        """Forget what was watched of a video, so that it is watched again."""
        ...

    def spaces(self) -> list[Space]:
        """The spaces in use."""
        ...

    def gallery(self, space: Space) -> Gallery:
        """All appearances (one per track) described in `space`."""
        ...

    # who is who ---------------------------------------------------------------------------------
    def memberships(self) -> dict[str, Membership]:
        """Appearance id (one per track) -> who it is; aliases already followed."""
        ...

    def new_person_ids(self, count: int) -> list[str]:
        """The next ids, in order; an id is never given twice."""
        ...

    def rule(self, rulings: Sequence[Ruling], memberships: Sequence[Membership]) -> None:
        """Append rulings, and set the memberships that follow from them."""
        ...

    def alias(self, person_id: str, into: str, run_id: str) -> None:
        """From now on `person_id` resolves to `into`."""
        ...

    def resolve(self, person_id: str) -> str:
        """Follow aliases; raises ArchiveError for an id that was never given."""
        ...

    # runs ---------------------------------------------------------------------------------------
    def begin_run(self, run: Run) -> None:
        """Remember that a run began."""
        ...

    def end_run(self, run_id: str, diff: Diff, mishaps: Sequence[Mishap], timings: Mapping[str, Any]) -> None:
        """Remember what a run did."""
        ...

    # looking ------------------------------------------------------------------------------------
    def people(self) -> list[Person]:
        """People with at least one appearance, by id."""
        ...

    def log(self, person_id: str | None = None) -> list[LogRow]:
        """Joined appearances in order of video, then start; of one person, "" the unidentified, None all."""
        ...

    def observations(self) -> Iterator[Observation]:
        """Every face seen, in order of video, time."""
        ...

    def coverage(self) -> list[Coverage]:
        """How much of each video was looked at."""
        ...

    def mishaps(self) -> list[Mishap]:
        """What went wrong, and still stands."""
        ...


STORES = Registry("store", "crossid.stores", {"sqlite": "crossid.archive.sqlite:SqliteStore"})


def open_archive(folder: Path, settings: ArchiveSettings, *, write: bool = False, create: bool = False) -> Store:
    """Open an archive; with `write`, take its lock.

    Raises:
        ArchiveError: there is none (and `create` is not set), it is locked by another scan, it is
            damaged, newer than this program, or cannot be written.
    """
    store: Store = STORES.load(settings.store).open(folder, write=write, create=create)
    return store


def paint(store: Store) -> None:
    """Paint folders, logs, reports and the manifest again, touching only what changed; see `painting`."""
    from crossid.archive.painting import paint_all

    paint_all(store)
