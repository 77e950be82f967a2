"""A change of model without watching anything again: faces are described anew from the portraits that were kept."""

from __future__ import annotations

import secrets
import time
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from crossid import __version__, archive, embeddings, people, wording
from crossid.pipeline import Outcome
from crossid.pipeline.device import settle
from crossid.pipeline.gather import gather, operating_point
from crossid.pipeline.licences import check_weights
from crossid.pipeline.names import check_names
from crossid.settings import watch_digest_of
from crossid.types import Mishap, Run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crossid.archive import Store
    from crossid.settings import Settings
    from crossid.types import Diff, Space

    Tell = Callable[[int, int], None]

TRACKS_AT_ONCE = 16
"""Tracks whose portraits are in memory at a time; each batch is kept as soon as it is described."""
WATCHED = {"footage", "frames", "faces", "tracks", "embeddings"}
"""Rooms whose settings decide what is seen in a video."""


def run(folder: Path, settings: Settings, tell: Tell) -> Outcome:
    """Describe an archive anew; see `crossid.pipeline.reembed`."""
    check_names(settings)
    check_weights(settings)
    (space,) = embeddings.spaces(settings.embeddings)
    people.check(space, settings.people)
    with closing(archive.open_archive(folder, settings.archive, write=True)) as store:
        return _Change(store, settings, space, tell).run()


class _Change:
    def __init__(self, store: Store, settings: Settings, space: Space, tell: Tell) -> None:
        self._store, self._settings, self._space, self._tell = store, settings, space, tell
        self._began = time.perf_counter()
        self._notes = list[str]()

    def run(self) -> Outcome:
        """1 begin, 2 describe, 3 change over and recognise at once, 4 keep, 5 paint."""
        run = self._run()
        self._store.begin_run(run)
        mishaps = self._describe()
        with self._store.atomic():
            self._store.change_space(self._space, self._digests())
            diff = gather(self._store, self._settings, run.id)
        point = operating_point(self._store, self._settings)
        timings = {
            "seconds": round(time.perf_counter() - self._began, 3),
            "reembedded": True,
            "notes": self._notes,
            "operating_point": asdict(point) if point else None,
        }
        self._store.end_run(run.id, diff, mishaps, timings)
        archive.paint(self._store)
        return self._outcome(run.id, diff, mishaps)

    def _run(self) -> Run:
        now = datetime.now(UTC)
        return Run(
            id=f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
            started=now,
            version=__version__,
            settings_digest=self._settings.watch_digest(),
            spaces=(self._space,),
            settings=settle(self._settings, self._notes.append),
        )

    def _describe(self) -> list[Mishap]:
        """Describe all that is not yet; each batch is kept whole or not at all, so it goes on where it was stopped."""
        left = self._store.undescribed(self._space)
        total = self._store.appearance_count()
        done = total - len(left)
        self._tell(done, total)
        if not left:
            return []
        parts, source, poor = embeddings.embedders(self._settings.embeddings), iter(left), 0
        while some := list(islice(source, TRACKS_AT_ONCE)):
            found = embeddings.describe_anew([self._store.portraits(one) for one in some], parts)
            made = {one: described[0] for one, described in zip(some, found, strict=True) if described}
            self._store.add_embeddings(made)
            poor += len(some) - len(made)
            done += len(some)
            self._tell(done, total)
        return [self._mishap(poor)] if poor else []

    def _mishap(self, count: int) -> Mishap:
        return Mishap(
            video="kept portraits",
            moment_s=None,
            room="embeddings",
            reason=f"{self._space.name} could describe none of the portraits of {wording.count(count, 'appearance')}: "
            "they stay whose they are.",
            remedy="Watch their videos again: crossid scan FOOTAGE --rescan",
        )

    def _digests(self) -> dict[str, str]:
        """What spans were watched with -> the same with the embedder of now: they need not be watched again."""
        mine = self._settings.as_dict()["embeddings"]
        told = {record.run.settings_digest: record.run.settings for record in self._store.runs()}
        return {
            digest: watch_digest_of({**settings, "embeddings": mine})
            for digest, settings in told.items()
            if settings.keys() >= WATCHED
        }

    def _outcome(self, run_id: str, diff: Diff, mishaps: list[Mishap]) -> Outcome:
        return Outcome(
            run_id=run_id,
            diff=diff,
            videos=len(self._store.videos()),
            watched=0,
            people=len(self._store.people()),
            appearances=self._store.appearance_count(),
            mishaps=tuple(mishaps),
            seconds=time.perf_counter() - self._began,
            operating_point=operating_point(self._store, self._settings),
        )
