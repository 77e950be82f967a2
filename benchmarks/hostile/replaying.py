"""A whole life of an archive in a second or two: scans whose footage was watched in advance, and reviewers' acts."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from crossid import archive, footage
from crossid.archive.acts import Act
from crossid.footage import FoundFile
from crossid.pipeline import planning, scan, scanning
from crossid.pipeline.events import VideoWatched
from crossid.pipeline.workers import Finished, Workers
from crossid.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from crossid.archive import Store
    from crossid.pipeline.events import Event
    from crossid.types import LogRow, Span, Video, Watched

    Say = Callable[[str], None]

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Footage that was watched: what workers said of each file and span."""

    files: tuple[Path, ...]
    videos: dict[Path, Video]
    watched: dict[tuple[str, int], Watched]


def prepare(places: Iterable[Path]) -> Prepared:
    """Watch footage, as a scan does."""
    settings, found = Settings(), footage.discover(list(places)).files
    with Workers(planning.worker_count(settings), settings) as workers:
        videos = {word.task.path: word.result for word in workers.run(found) if isinstance(word, Finished)}
        spans = [span for video in videos.values() for span in footage.spans(video, settings.footage)]
        watched = {
            (word.task.video.id, word.task.index): word.result
            for word in workers.run(spans)
            if isinstance(word, Finished)
        }
    assert all(watched.values())
    return Prepared(tuple(file.path for file in found), videos, watched)


def live(prepared: Prepared, folder: Path, say: Say) -> None:
    """Half of the footage, six acts, all of the footage, six more; goes on where an earlier life was ended.

    Args:
        prepared: What was watched.
        folder: The archive.
        say: Told what is acknowledged, as soon as it is: `video ID`, `scan N`, `act N`.
    """
    half = len(prepared.files) // 2
    for number, files in enumerate((prepared.files[:half], prepared.files), start=1):
        if _scans(folder) < number:
            _scan(prepared, files, folder, say)
            say(f"scan {number}")
        _act(folder, 6 * number, say)


def acts(store: Store) -> list[Act]:
    """Twelve acts, each made of what the archive holds when its turn comes."""
    rows = [row for row in store.log() if row.person_id]
    people = sorted({row.person_id for row in rows})
    first, second, third = people[0], people[1], people[-1]
    most = max(people, key=lambda person: (len(_tracks(rows, person)), person))
    one = _tracks(rows, first)[:1]
    made: list[dict[str, Any]] = [
        {"kind": "name", "people": (first,), "name": "Jane Doe", "source": "passport"},
        {"kind": "confirm", "people": (second,)},
        {"kind": "merge", "people": (second, third)},
        {"kind": "reject", "people": (first,), "appearances": one},
        {"kind": "undo", "acts": (3,)},
        {"kind": "note", "people": (first,), "why": "seen at the harbour, too"},
        {"kind": "name", "people": (second,), "name": '=cmd|"x"', "source": "caption"},
        {"kind": "move", "people": (second,), "appearances": one},
        {"kind": "redo", "acts": (3,)},
        {"kind": "split", "people": (most,), "appearances": _tracks(rows, most)[:1]},
        {"kind": "ignore", "people": (first,)},
        {"kind": "undo", "acts": (1,)},
    ]
    return [Act(by="ann", at=NOON, **{"why": "seen", **one}) for one in made]


def _tracks(rows: list[LogRow], person: str) -> tuple[str, ...]:
    return tuple(track for row in rows if row.person_id == person for track in row.tracks)


def _scans(folder: Path) -> int:
    """How many of the two scans were finished; what they left to paint, the next painting does."""
    if not archive.exists(folder):
        return 0
    with closing(archive.open_archive(folder, Settings().archive, write=True)) as store:
        return sum(record.ended is not None for record in store.runs())


def _act(folder: Path, until: int, say: Say) -> None:
    with closing(archive.open_archive(folder, Settings().archive, write=True)) as store:
        for number in range(len(store.ledger()) + 1, until + 1):
            store.act(acts(store)[number - 1])
            say(f"act {number}")
            archive.paint(store, reviewed=True)
        archive.paint(store)


def _scan(prepared: Prepared, files: tuple[Path, ...], folder: Path, say: Say) -> None:
    class Replayed:
        """Workers that know what they would see."""

        count = 1

        def __init__(self, *_: object) -> None:
            pass

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def run(self, tasks: Iterable[FoundFile | Span]) -> Iterator[Finished[Any]]:
            for task in tasks:
                known = (
                    prepared.videos[task.path]
                    if isinstance(task, FoundFile)
                    else prepared.watched[task.video.id, task.index]
                )
                yield Finished(task=task, result=known)

    class Told:
        def hear(self, event: Event) -> None:
            if isinstance(event, VideoWatched):
                say(f"video {event.video.id}")

    scanning.Workers = Replayed  # type: ignore[misc, assignment]
    scan(files, folder, Settings(), listener=Told())
