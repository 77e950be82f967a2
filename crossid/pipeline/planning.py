"""What there is to do: which files are known, which are copies, which spans are left to watch."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crossid import archive, footage
from crossid.errors import FootageError, ModelError
from crossid.pipeline import Preview
from crossid.pipeline.events import CopyFound, FileIdentified, FootageFound, Listener, Noted, Silence, Skipped
from crossid.pipeline.machine import free_memory
from crossid.pipeline.pace import remembered_pace
from crossid.pipeline.workers import Finished, Workers
from crossid.processes import cores
from crossid.types import Mishap, Span, Video

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crossid.archive import Store
    from crossid.footage import Discovery, FoundFile
    from crossid.settings import Settings

MEMORY_PER_WORKER = 600 * 2**20
"""Bytes that a worker may come to use (measured: see benchmarks), to share out what the machine has free."""


@dataclass(slots=True, kw_only=True)
class Plan:
    """What a scan will do.

    Attributes:
        videos: Videos with something left to watch, by id.
        spans: What is left to watch, in that order.
        span_counts: Video id -> how many spans it has in all.
        known: How many files were in the archive already.
        found: Id of each video found, known or new -> where it lies now: footage moves about.
        anew: Ids of videos whose earlier spans go when the first new one is kept, and not before.
        copies: (name of a file, name of the video whose bytes it holds).
    """

    videos: list[Video] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    span_counts: dict[str, int] = field(default_factory=dict)
    known: int = 0
    found: dict[str, Path] = field(default_factory=dict)
    anew: set[str] = field(default_factory=set)
    copies: list[tuple[str, str]] = field(default_factory=list)
    mishaps: list[Mishap] = field(default_factory=list)


def find(places: Sequence[Path], archive_folder: Path) -> Discovery:
    """Walk the footage folders; the archive itself is no footage.

    Raises:
        FootageError: there is no video or photograph in them, or one of them is the archive.
    """
    if any(place.resolve() == archive_folder.resolve() for place in places):
        raise FootageError(
            f"{archive_folder} cannot be both the footage and the archive.",
            remedy="Name another folder with --archive; it may lie inside the footage.",
        )
    discovery = footage.discover(places, leave_out=[archive_folder])
    if not discovery.files:
        what = ", ".join(str(place) for place in places)
        why = "; ".join(mishap.reason.removesuffix(".") for mishap in discovery.mishaps[:3])
        remedies = [mishap.remedy for mishap in discovery.mishaps]
        remedies.append("Name a folder that holds videos (mp4, mov, mkv, avi, …) or photographs.")
        raise FootageError(
            f"No video or photograph was found in {what}{f' ({why})' if why else ''}.", remedy=remedies[0]
        )
    return discovery


def plan(
    discovery: Discovery,
    store: Store,
    workers: Workers,
    settings: Settings,
    run_id: str,
    *,
    rescan: bool,
    listener: Listener,
) -> Plan:
    """Identify what was found, and work out what is left to watch."""
    made = Plan(mishaps=list(discovery.mishaps))
    unknown = [found for found in discovery.files if not _recall(found, store, made)]
    listener.hear(FootageFound(files=len(discovery.files), known=made.known))
    for answer in _identify(unknown, workers, listener):
        _take_in(answer, store, run_id, made, listener)
    _choose_spans(made, store, settings, rescan=rescan, listener=listener)
    return made


def look_ahead(places: Sequence[Path], archive_folder: Path, settings: Settings) -> Preview:
    """What a scan would do; nothing is watched and nothing is written."""
    discovery = find(places, archive_folder)
    made = Plan(mishaps=list(discovery.mishaps))
    unknown, seconds, unwatched_bytes = list(discovery.files), 0.0, 0.0
    if archive.exists(archive_folder):
        with closing(archive.open_archive(archive_folder, settings.archive)) as store:
            unknown = [found for found in unknown if not _recall(found, store, made)]
            for video in map(store.video, made.found):
                left_s = _left_s(store, settings, video)
                seconds += left_s
                unwatched_bytes += video.size_bytes * min(1.0, left_s / (video.duration_s or 1.0))
    with Workers(worker_count(settings), settings) as workers:
        for answer in _identify(unknown, workers, Silence()):
            if answer.error is None:
                seconds += answer.result.duration_s
            else:
                made.mishaps.append(_mishap(answer))
    return Preview(
        files=len(discovery.files),
        known=made.known,
        seconds=seconds,
        size_bytes=round(unwatched_bytes) + sum(found.size_bytes for found in unknown),
        mishaps=tuple(made.mishaps),
        estimate_s=seconds / remembered_pace(settings),
    )


def worker_count(settings: Settings) -> int:
    """How many processes at most: as set, or one per core as far as memory allows. Each starts when there is work."""
    return settings.workers or max(1, min(cores(), free_memory() // MEMORY_PER_WORKER))


def _recall(found: FoundFile, store: Store, made: Plan) -> bool:
    """Whether a file was hashed before and has not changed since, by stat alone."""
    video_id = store.known_file(found.path, found.size_bytes, found.modified_ns)
    if video_id is None:
        return False
    made.known += 1
    made.found.setdefault(video_id, found.path)
    return True


def _left_s(store: Store, settings: Settings, video: Video) -> float:
    """Seconds of a known video that an interrupted scan left to watch."""
    done = store.spans_done(video.id)
    left = [span for span in footage.spans(video, settings.footage) if span.index not in done]
    return sum((span.end_s or video.duration_s) - span.start_s for span in left)


def _identify(unknown: Sequence[FoundFile], workers: Workers, listener: Listener) -> list[Finished[FoundFile]]:
    """Hash and probe files, in the order in which they were found whichever worker was quicker."""
    order = {found.name: place for place, found in enumerate(unknown)}
    answers = []
    for word in workers.run(unknown):
        if isinstance(word, Finished):
            answers.append(word)
            listener.hear(FileIdentified(name=word.task.name))
    return sorted(answers, key=lambda answer: order[answer.task.name])


def _take_in(answer: Finished[FoundFile], store: Store, run_id: str, made: Plan, listener: Listener) -> None:
    if answer.error is not None:
        made.mishaps.append(_mishap(answer))
        listener.hear(Skipped(mishap=made.mishaps[-1]))
        return
    video: Video = answer.result
    if not store.add_video(video, answer.task.modified_ns, run_id):
        made.copies.append((video.name, store.video(video.id).name))
        listener.hear(CopyFound(name=video.name, copy_of=store.video(video.id).name))
    made.found.setdefault(video.id, answer.task.path)


def _mishap(answer: Finished[FoundFile]) -> Mishap:
    error = answer.error
    assert error is not None
    if isinstance(error, ModelError):
        raise error
    return Mishap(video=answer.task.name, moment_s=None, room="footage", reason=str(error), remedy=error.remedy)


def _choose_spans(made: Plan, store: Store, settings: Settings, *, rescan: bool, listener: Listener) -> None:
    digest, otherwise = settings.watch_digest(), 0
    for video_id, path in sorted(made.found.items()):
        video = replace(store.video(video_id), path=path)
        cut = footage.spans(video, settings.footage)
        done = store.spans_done(video_id)
        if rescan or (not store.video_done(video_id) and set(done.values()) - {digest}):
            made.anew.add(video_id)
            done = {}
        elif store.video_done(video_id):
            otherwise += bool(set(done.values()) - {digest})
            continue
        made.videos.append(video)
        made.span_counts[video_id] = len(cut)
        made.spans += [span for span in cut if span.index not in done]
    if otherwise:
        kept = "were watched with other settings and are kept as they are; --rescan watches them again"
        listener.hear(Noted(text=f"{otherwise} of the videos {kept}."))
