"""Tracks: faces of frame after frame come in, faces followed through a shot go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from crossid.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crossid.types import Crop, Frame, Track


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackSettings:
    """How faces are linked.

    Attributes:
        tracker: Name of the part that links.
        max_gap_s: A track ends when its face was not seen for this many seconds.
        min_overlap: Smallest intersection over union with the predicted box.
        min_likeness: Smallest correlation of the aligned grey faces, [-1, 1], at full overlap.
        best_views: How many crops a track keeps.
    """

    tracker: str = "linking"
    max_gap_s: float = 1.0
    min_overlap: float = 0.2
    min_likeness: float = 0.35
    best_views: int = 8


class Tracker(Protocol):
    """Links the faces of one span. Every face ends in exactly one track; no state outlives the span."""

    def follow(self, frame: Frame, crops: Sequence[Crop]) -> list[Track]:
        """Take in one frame's faces (frames in time order); return the tracks that closed."""
        ...

    def finish(self) -> list[Track]:
        """Close what is open."""
        ...


TRACKERS = Registry("tracker", "crossid.trackers", {"linking": "crossid.tracks.linking:LinkingTracker"})


def follow(seen: Iterable[tuple[Frame, Sequence[Crop]]], settings: TrackSettings) -> Iterator[Track]:
    """Tracks of one span, each yielded as it closes."""
    tracker: Tracker = TRACKERS.load(settings.tracker)(settings)
    for frame, crops in seen:
        yield from tracker.follow(frame, crops)
    yield from tracker.finish()
