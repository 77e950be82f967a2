"""The main job, step by step."""

from __future__ import annotations

import secrets
import time
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crossid import __version__, archive, embeddings, frames, people
from crossid.errors import ArchiveError, FootageError, ModelError, SettingsError, SpaceMismatchError
from crossid.pipeline import Outcome, VideoTimes
from crossid.pipeline.device import settle
from crossid.pipeline.events import (
    Advanced,
    Done,
    FacesKept,
    Noted,
    Painting,
    Recognising,
    Skipped,
    VideoOpened,
    VideoWatched,
    WorkPlanned,
)
from crossid.pipeline.gather import gather, operating_point
from crossid.pipeline.licences import check_weights
from crossid.pipeline.names import check_names
from crossid.pipeline.pace import remember_pace
from crossid.pipeline.planning import find, plan, worker_count
from crossid.pipeline.workers import Finished, Progress, Workers
from crossid.types import Diff, Mishap, Run
from crossid.wording import count

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crossid.archive import Store
    from crossid.footage import Discovery
    from crossid.pipeline.events import Listener
    from crossid.pipeline.planning import Plan
    from crossid.settings import Settings
    from crossid.types import Space, Span, Video

MAX_TOLD = 20
"""Files named one by one where none could be read."""
MOST_SHOWN = 3
"""Faces of a stretch of video that a listener is given to show."""


def run(footage: Sequence[Path], folder: Path, settings: Settings, *, rescan: bool, listener: Listener) -> Outcome:
    """Scan footage into an archive; see `crossid.pipeline.scan`."""
    check_names(settings)
    check_weights(settings)
    discovery = find(footage, folder)
    with closing(archive.open_archive(folder, settings.archive, write=True, create=True)) as store:
        return _Scan(discovery, store, settings, listener).run(rescan=rescan)


class _Scan:
    def __init__(self, discovery: Discovery, store: Store, settings: Settings, listener: Listener) -> None:
        self._discovery, self._store, self._settings, self._listener = discovery, store, settings, listener
        self._began = time.perf_counter()
        self._mishaps: list[Mishap] = []
        self._stages: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """Seconds by stage of each video, by its id."""
        self._heard: dict[tuple[str, int], tuple[float, int, int]] = {}

    def run(self, *, rescan: bool) -> Outcome:
        """1 begin, 2 identify, 3 watch, 4 recognise, 5 keep, 6 paint."""
        self._run_id = self._begin()
        with Workers(worker_count(self._settings), self._settings) as workers:
            todo = self._plan(workers, rescan=rescan)
            self._watch(todo, workers)
        self._listener.hear(Recognising(appearances=self._store.appearance_count()))
        self._compare()
        diff = gather(self._store, self._settings, self._run_id, lambda note: self._listener.hear(Noted(text=note)))
        self._keep(todo, diff)
        return self._outcome(todo, diff)

    def _begin(self) -> str:
        now = datetime.now(UTC)
        spaces = embeddings.spaces(self._settings.embeddings)
        people.check(spaces[0], self._settings.people)
        self._refuse_to_mix(spaces[0])
        told = settle(self._settings, lambda note: self._listener.hear(Noted(text=note)))
        run = Run(
            id=f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
            started=now,
            version=__version__,
            settings_digest=self._settings.watch_digest(),
            spaces=tuple(spaces),
            settings=told,
        )
        self._store.begin_run(run)
        return run.id

    def _refuse_to_mix(self, space: Space) -> None:
        """Vectors of two spaces cannot be compared: who is in both halves of such an archive would be two people."""
        used = self._store.spaces()
        if not used and self._store.appearance_count():
            raise ArchiveError(
                "This archive holds nothing to recognise a face by: crossid share left that out of it.",
                remedy="Scan into the archive that it was made from, or into another folder with --archive.",
            )
        if used and space != used[0]:
            raise SpaceMismatchError(
                f"This archive describes faces with {used[0].name}, and this scan would with {space.name}.",
                remedy="Describe what is kept anew first (crossid scan --reembed, with the same pack or settings), "
                "or scan with those that the archive was made with, or into another archive.",
            )

    def _plan(self, workers: Workers, *, rescan: bool) -> Plan:
        todo = plan(
            self._discovery, self._store, workers, self._settings, self._run_id, rescan=rescan, listener=self._listener
        )
        self._mishaps += todo.mishaps
        if not todo.found:
            raise self._nothing_read()
        seconds = sum((span.end_s or span.video.duration_s) - span.start_s for span in todo.spans)
        self._listener.hear(
            WorkPlanned(videos=tuple(todo.videos), seconds=seconds, workers=min(workers.count, len(todo.spans)))
        )
        return todo

    def _nothing_read(self) -> FootageError:
        """What to say where no file is footage: each that was not heard of yet, then what helps with the first."""
        untold = self._discovery.mishaps
        for mishap in untold[:MAX_TOLD]:
            self._listener.hear(Skipped(mishap=mishap))
        if len(untold) > MAX_TOLD:
            self._listener.hear(Noted(text=f"and {count(len(untold) - MAX_TOLD, 'more file')} like these"))
        first = self._mishaps[0]
        return FootageError(f"Nothing could be read. {first.video}: {first.reason}", remedy=first.remedy)

    def _watch(self, todo: Plan, workers: Workers) -> None:
        began, opened, left = time.perf_counter(), set[str](), defaultdict[str, int](int)
        for span in todo.spans:
            left[span.video.id] += 1
        for word in workers.run(todo.spans):
            video = word.task.video
            if video.id not in opened:
                opened.add(video.id)
                self._listener.hear(VideoOpened(video=video))
            if isinstance(word, Progress):
                self._advance(word)
                continue
            self._keep_span(word, todo)
            left[video.id] -= 1
            if not left[video.id]:
                self._listener.hear(VideoWatched(video=video, appearances=self._store.appearance_count(video.id)))
        if todo.spans:
            remember_pace(self._settings, sum(video.duration_s for video in todo.videos), time.perf_counter() - began)

    def _compare(self) -> None:
        """Find out which of the new videos show what others show."""
        fresh = self._store.uncompared()
        if fresh:
            self._store.keep_copies(fresh, frames.find_copies(self._store.prints(), fresh))

    def _advance(self, word: Progress) -> None:
        """Pass on what is new since the last word about this span."""
        key = (word.task.video.id, word.task.index)
        before_s, faces, tracks = self._heard.get(key, (word.task.start_s, 0, 0))
        self._heard[key] = (word.to_s, word.faces, word.tracks)
        self._listener.hear(
            Advanced(
                video=word.task.video,
                seconds=word.to_s - before_s,
                faces=word.faces - faces,
                tracks=word.tracks - tracks,
            )
        )

    def _keep_span(self, word: Finished[Span], todo: Plan) -> None:
        """Keep what was seen, or note what went wrong."""
        video: Video = word.task.video
        if word.left:
            return
        if word.error is not None:
            if isinstance(word.error, (ModelError, SettingsError)):
                raise word.error
            mishap = Mishap(
                video=video.name,
                moment_s=word.task.start_s,
                room="footage",
                reason=str(word.error),
                remedy=word.error.remedy,
            )
            self._store.keep_mishap(video.id, mishap)
            self._note(mishap)
            return
        with self._store.atomic():
            if video.id in todo.anew:
                self._store.drop_spans(video.id)
            self._store.keep_span(word.result, todo.span_counts[video.id], self._settings.watch_digest(), self._run_id)
        todo.anew.discard(video.id)
        best = sorted(word.result.appearances, key=lambda one: -one.quality)[:MOST_SHOWN]
        self._listener.hear(FacesKept(video=video, portraits=tuple(one.portraits[0].jpeg for one in best)))
        self._stages[video.id].update(word.result.seconds)
        for mishap in word.result.mishaps:
            self._note(mishap)

    def _note(self, mishap: Mishap) -> None:
        self._mishaps.append(mishap)
        self._listener.hear(Skipped(mishap=mishap))

    def _keep(self, todo: Plan, diff: Diff) -> None:
        seconds = round(time.perf_counter() - self._began, 3)
        point = operating_point(self._store, self._settings)
        timings = {
            "seconds": seconds,
            "stages": dict(sum(self._stages.values(), Counter[str]())),
            "videos": [asdict(times) for times in self._times(todo)],
            "copies": todo.copies,
            "operating_point": asdict(point) if point else None,
        }
        self._store.end_run(self._run_id, diff, self._mishaps, timings)
        self._listener.hear(Painting(people=len(self._store.people())))
        archive.paint(self._store)

    def _appearances(self) -> int:
        """As the log has them: tracks with a short gap between them are one, and so is what a copy shows again."""
        rows = (row for row in self._store.log() if row.person_id and row.status != "rejected")
        return len({(row.person_id, row.source_id) for row in rows})

    def _times(self, todo: Plan) -> tuple[VideoTimes, ...]:
        watched = sorted((video for video in todo.videos if video.id in self._stages), key=lambda video: video.name)
        return tuple(
            VideoTimes(video=video.name, duration_s=video.duration_s, stages=dict(self._stages[video.id]))
            for video in watched
        )

    def _outcome(self, todo: Plan, diff: Diff) -> Outcome:
        people = len(self._store.people())
        seconds = time.perf_counter() - self._began
        self._listener.hear(Done(diff=diff, people=people, seconds=seconds))
        return Outcome(
            run_id=self._run_id,
            diff=diff,
            videos=len(todo.found),
            watched=len(todo.videos),
            people=people,
            appearances=self._appearances(),
            mishaps=tuple(self._mishaps),
            seconds=seconds,
            times=self._times(todo),
            operating_point=operating_point(self._store, self._settings),
        )
