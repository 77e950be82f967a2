"""Counts a scan's events: how far it has come, how fast it goes, how long it will take."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crossid.pipeline import events
from crossid.wording import count, roughly

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossid.types import Video

WATCHING = "Watching"
"""The phase in which there are bars to draw."""
WARM_UP_S = 4.0
"""A rate is told after so many seconds of watching. Models are loaded before it begins, and do not count."""
MOST_PORTRAITS = 8
"""Faces that are remembered to be shown, the latest first."""
IDENTIFYING = "Reading what the files say of themselves"


@dataclass(slots=True)
class Tally:
    """What has been heard so far; `now` is a clock in seconds.

    `began` is when the first footage had been watched, and `head_s` how much of it that was.
    """

    now: Callable[[], float] = time.monotonic
    phase: str = "Looking for footage"
    files: int = 0
    identified: int = 0
    copies: int = 0
    videos: int = 0
    watched: int = 0
    total_s: float = 0.0
    seen_s: float = 0.0
    workers: int = 0
    faces: int = 0
    tracks: int = 0
    skipped: int = 0
    began: float | None = None
    head_s: float = 0.0
    open: dict[str, tuple[Video, float]] = field(default_factory=dict)
    portraits: deque[bytes] = field(default_factory=lambda: deque(maxlen=MOST_PORTRAITS))

    def hear(self, event: events.Event) -> None:  # noqa: C901 -- a table: one event a line
        """Count an event."""
        match event:
            case events.FootageFound():
                self.files, self.phase = event.files, IDENTIFYING
            case events.FileIdentified():
                self.identified += 1
            case events.CopyFound():
                self.copies += 1
            case events.WorkPlanned():
                self.videos, self.total_s, self.workers = len(event.videos), event.seconds, event.workers
                self.phase = WATCHING if event.videos else self.phase
            case events.VideoOpened():
                self.open[event.video.id] = (event.video, 0.0)
            case events.Advanced():
                self._advance(event)
            case events.FacesKept():
                self.portraits.extendleft(event.portraits)
            case events.VideoWatched():
                self.open.pop(event.video.id, None)
                self.watched += 1
            case events.Skipped():
                self.skipped += 1
            case events.Recognising():
                self.open.clear()
                self.phase = f"Working out who is who in {count(event.appearances, 'track')}"
            case events.Painting():
                self.phase = f"Writing the folders of {count(event.people, 'person', 'people')}"
            case _:
                pass

    def _advance(self, event: events.Advanced) -> None:
        self.seen_s += event.seconds
        if self.began is None:
            self.began, self.head_s = self.now(), self.seen_s
        self.faces += event.faces
        self.tracks += event.tracks
        _, so_far = self.open.get(event.video.id, (event.video, 0.0))
        self.open[event.video.id] = (event.video, so_far + event.seconds)

    @property
    def share(self) -> float:
        """How much of the footage was watched, [0, 1]."""
        return min(1.0, self.seen_s / self.total_s) if self.total_s else 0.0

    @property
    def rate(self) -> float | None:
        """Seconds of footage watched a second, over the whole run; None before it can be told."""
        elapsed = 0.0 if self.began is None else self.now() - self.began
        return (self.seen_s - self.head_s) / elapsed if elapsed > WARM_UP_S else None

    def stage(self) -> str:
        """One line: what is being done now."""
        return f"{self.phase}: {self.identified:,} of {self.files:,}" if self.phase == IDENTIFYING else self.phase

    def counts(self) -> str:
        """One line: what was found up to now."""
        parts = [
            f"{self.watched:,} of {count(self.videos, 'video')} watched",
            count(self.faces, "face"),
            count(self.tracks, "track"),
        ]
        return " · ".join([*parts, f"{self.skipped:,} skipped"] if self.skipped else parts)

    def pace(self) -> str:
        """How fast it goes and how long it will take, as far as that can be told."""
        if not self.rate:
            return "estimating"
        left_s = (1.0 - self.share) * self.total_s / self.rate
        return f"{self.rate:.1f} × real time, {roughly(left_s)} left"
