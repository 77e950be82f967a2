"""The ground floor: one span of one video, from pixels to appearances; pure, parallel, repeatable."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from crossid import embeddings, faces, footage, frames, tracks
from crossid.errors import FootageError
from crossid.footage.skimming import Heed
from crossid.pipeline.stopwatch import Stopwatch
from crossid.types import Mishap, Watched

T = TypeVar("T")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from crossid.embeddings import Embedder
    from crossid.faces import Detector
    from crossid.settings import Settings
    from crossid.types import Appearance, Crop, Decision, Frame, Picture, Print, Span, Track

    Tell = Callable[[float, int, int], None]

FRAMES_AT_ONCE = 4
TRACKS_AT_ONCE = 8
TELL_EVERY_S = 1.0
"""Seconds of footage between two words about progress."""
TELL_AT_LEAST_S = 10.0
"""Seconds after which a word is due, however little footage was watched: who is silent is taken to hang."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The loaded networks of one process."""

    detector: Detector
    embedders: list[Embedder]

    @classmethod
    def load(cls, settings: Settings) -> Parts:
        """Load what the settings name; raises ModelError where weights are missing or damaged."""
        return cls(detector=faces.detector(settings.faces), embedders=embeddings.embedders(settings.embeddings))


def watch(span: Span, settings: Settings, parts: Parts, tell: Tell) -> Watched:
    """Walk one span through the rooms.

    Args:
        span: What to watch.
        settings: How.
        parts: The networks.
        tell: Told, now and then, how far decoding came (seconds from the start of the video), and how
            many faces and tracks there are so far.

    Decoding that breaks off costs a mishap; what was seen until then is kept.

    Raises:
        FootageError: the file went away or was changed meanwhile: nothing is kept, the next scan watches it.
    """
    return _Watch(span, settings, parts, tell).run()


class _Watch:
    def __init__(self, span: Span, settings: Settings, parts: Parts, tell: Tell) -> None:
        self._span, self._settings, self._parts, self._tell = span, settings, parts, tell
        self._finder = faces.finder(parts.detector, settings.faces)
        self._clock = Stopwatch()
        self._decisions: list[Decision] = []
        self._mishaps: list[Mishap] = []
        self._prints: list[Print] = []
        self._read_to_s = span.start_s
        self._told = time.monotonic()
        self._faces = self._tracks = 0
        self._heed = Heed()
        self._looked_s = span.start_s

    def run(self) -> Watched:
        appearances = [one for some in _batches(self._follow(), TRACKS_AT_ONCE) for one in self._describe(some)]
        footage.check_unaltered(self._span.video)
        return Watched(
            span=self._span,
            decisions=tuple(self._decisions),
            appearances=tuple(appearances),
            mishaps=tuple(self._mishaps),
            read_to_s=self._read_to_s,
            seconds=dict(self._clock.seconds),
            prints=tuple(self._prints),
        )

    def _read(self) -> Iterator[Picture]:
        """Pictures, until the span ends or decoding breaks off."""
        try:
            for picture in frames.printed(self._pictures(), self._prints):
                self._advance(picture.moment.seconds)
                yield picture
            self._read_to_s = max(self._read_to_s, self._span.end_s or self._span.video.duration_s)
        except FootageError as error:
            self._mishaps.append(
                Mishap(
                    video=self._span.video.name,
                    moment_s=self._read_to_s,
                    room="footage",
                    reason=str(error),
                    remedy=error.remedy,
                )
            )

    def _pictures(self) -> Iterator[Picture]:
        read = footage.read(self._span, self._settings.footage, lambda: self._heed)
        return self._clock.pulled("read", read)

    def _note(self, decision: Decision) -> None:
        self._decisions.append(decision)
        now_s = decision.moment.seconds
        if decision.kept:
            self._looked_s = now_s
        idle = decision.kept or decision.reason == "interval"
        rest_s = self._looked_s + self._settings.frames.every_s - now_s if idle else 0.0
        self._heed = self._heed._replace(rest_s=rest_s)
        if decision.reason != "interval":  # of that, nobody knows
            self._heed = self._heed._replace(still=decision.reason in ("still", "check", "dark"))

    def _advance(self, to_s: float) -> None:
        now = time.monotonic()
        if int(to_s / TELL_EVERY_S) > int(self._read_to_s / TELL_EVERY_S) or now - self._told > TELL_AT_LEAST_S:
            self._told = now
            self._tell(to_s, self._faces, self._tracks)
        self._read_to_s = to_s

    def _find(self) -> Iterator[tuple[Frame, list[Crop]]]:
        chosen = self._clock.pulled("select", frames.select(self._read(), self._settings.frames, self._note))
        at_once = FRAMES_AT_ONCE if self._settings.footage.decode == "all" else 1  # else what is read hangs on it
        for some in _batches(chosen, at_once):
            with self._clock.stage("find"):
                found = self._finder.find(some)
            self._faces += sum(map(len, found))
            self._heed = self._heed._replace(face_near=bool(found[-1]))
            yield from zip(some, found, strict=True)

    def _follow(self) -> Iterator[Track]:
        for track in self._clock.pulled("follow", tracks.follow(self._find(), self._settings.tracks)):
            self._tracks += 1
            yield track

    def _describe(self, some: tuple[Track, ...]) -> list[Appearance]:
        with self._clock.stage("describe"):
            return embeddings.describe(some, self._parts.embedders)


def _batches(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """The items in tuples of `size`, the last one shorter."""
    source = iter(items)
    while batch := tuple(islice(source, size)):
        yield batch
