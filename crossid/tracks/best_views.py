"""The best crops of a track: good ones, spread over time."""

from __future__ import annotations

import bisect
import math

from crossid.types import Crop

SPREAD_S = 1.0
"""Two views this far apart in time count as rather different."""


class BestViews:
    """Keeps at most `room` crops of a growing track, so that memory does not grow with it.

    When there is one too many, the crop goes that is worth least: its quality, times how little a
    better crop near it in time makes it redundant.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._crops: list[Crop] = []

    def add(self, crop: Crop) -> None:
        """Consider one more crop."""
        bisect.insort(self._crops, crop, key=_when)
        if len(self._crops) > self._room:
            del self._crops[min(range(len(self._crops)), key=self._worth)]

    def best_first(self) -> tuple[Crop, ...]:
        """What was kept, by falling quality; the earlier first among equals."""
        return tuple(sorted(self._crops, key=lambda crop: (-crop.face.quality, _when(crop))))

    def _worth(self, index: int) -> float:
        crop = self._crops[index]
        better = (
            abs(_when(other) - _when(crop))
            for place, other in enumerate(self._crops)
            if (other.face.quality, -place) > (crop.face.quality, -index)
        )
        return crop.face.quality * (1 - math.exp(-min(better, default=math.inf) / SPREAD_S))


def _when(crop: Crop) -> float:
    return crop.face.moment.seconds
