"""The tracker: overlap with the predicted box, and likeness of the aligned grey faces.

Pictures are looked at a few times a second or less, so a box may have moved by more than its size:
trackers made for every frame (ByteTrack and its kin) do not expect that. Likeness makes up for it,
and keeps two people apart where one takes the place of the other.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

from crossid.geometry import iou
from crossid.tracks.best_views import BestViews
from crossid.tracks.likeness import patch_of
from crossid.types import Track, content_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crossid.tracks import TrackSettings
    from crossid.types import Crop, Face, Frame

FAR = 1.5
"""A face without overlap may be at most this many face sizes from where it is expected."""
SURE_LIKENESS = 0.75
"""Without overlap, faces must be at least this alike."""
GROWTH = 1.6
"""A face does not grow or shrink by more than this factor from one look to the next."""
SAME_PLACE = 0.5
"""Intersection over union from which a lone face is the one that was followed there before and after."""


class LinkingTracker:
    """Links faces within one shot by the best assignment; made anew for each span."""

    def __init__(self, settings: TrackSettings) -> None:
        self._settings = settings
        self._open: list[_OpenTrack] = []

    def follow(self, frame: Frame, crops: Sequence[Crop]) -> list[Track]:
        """Take in one frame's faces (frames in time order); return the tracks that closed."""
        closed = self.finish() if frame.starts_shot else []
        now_s = frame.moment.seconds
        patches = [patch_of(crop) for crop in crops]
        taken = self._assign(crops, patches, now_s)
        for place, (crop, patch) in enumerate(zip(crops, patches, strict=True)):
            if place in taken:
                self._open[taken[place]].add(crop, patch)
            else:
                self._open.append(_OpenTrack(crop, patch, self._settings.best_views))
        return closed + self._close_lost(now_s)

    def finish(self) -> list[Track]:
        """Close what is open."""
        ended, self._open = self._open, []
        return self._closed(ended)

    def _assign(self, crops: Sequence[Crop], patches: list[NDArray[np.float32]], now_s: float) -> dict[int, int]:
        """Place of a crop -> place of the open track it goes on with."""
        if not crops or not self._open:
            return {}
        boxes = np.array([_row(crop.face) for crop in crops], dtype=np.float32)
        expected = np.array([track.expected(now_s) for track in self._open], dtype=np.float32)
        overlap = iou(boxes, expected)
        likeness = np.stack(patches) @ np.stack([track.patch for track in self._open]).T
        near = (overlap >= self._settings.min_overlap) & (likeness >= self._settings.min_likeness)
        jumped = (_distance(boxes, expected) <= FAR) & (likeness >= SURE_LIKENESS)
        allowed = (near | jumped) & (_growth(boxes, expected) <= GROWTH)
        gain = np.where(allowed, overlap + likeness + 1, 0)
        rows, columns = linear_sum_assignment(gain, maximize=True)
        return {int(r): int(c) for r, c in zip(rows, columns, strict=True) if allowed[r, c]}

    def _close_lost(self, now_s: float) -> list[Track]:
        for track in self._open:
            if track.seen_s < now_s and track.missed_since is None:
                track.missed_since = now_s
        lost = [
            t for t in self._open if t.missed_since is not None and now_s - t.missed_since >= self._settings.max_gap_s
        ]
        self._open = [track for track in self._open if track not in lost]
        return self._closed(lost)

    def _closed(self, ended: list[_OpenTrack]) -> list[Track]:
        """The tracks that ended; a lone face in the midst of another track is a look at it that went wrong.

        Its landmarks were off, so it looked like somebody else for a moment: it becomes part of that
        track, and no view of it.
        """
        longer = [track for track in [*ended, *self._open] if len(track.faces) > 1]
        own = []
        for track in ended:
            host = max(longer, key=lambda one: one.holds(track.faces[0]), default=None)
            if len(track.faces) == 1 and host is not None and host.holds(track.faces[0]) >= SAME_PLACE:
                host.take_in(track.faces[0])
            else:
                own.append(track)
        return [track.close() for track in own]


@dataclass(slots=True, eq=False, init=False)
class _OpenTrack:
    """A track that may go on."""

    faces: list[Face]
    views: BestViews
    patch: NDArray[np.float32]
    missed_since: float | None

    def __init__(self, crop: Crop, patch: NDArray[np.float32], best_views: int) -> None:
        self.faces = []
        self.views = BestViews(best_views)
        self.add(crop, patch)

    def add(self, crop: Crop, patch: NDArray[np.float32]) -> None:
        self.faces.append(crop.face)
        self.views.add(crop)
        self.patch = patch
        self.missed_since = None

    @property
    def seen_s(self) -> float:
        return self.faces[-1].moment.seconds

    def expected(self, now_s: float) -> NDArray[np.float32]:
        """The box (4,) as it would be now if its middle moved on as it last did, for at most as long."""
        last = _row(self.faces[-1])
        if len(self.faces) < 2:
            return last
        passed_s = self.seen_s - self.faces[-2].moment.seconds
        shift = (last - _row(self.faces[-2])).reshape(2, 2).mean(axis=0)
        return last + np.tile(shift * min((now_s - self.seen_s) / passed_s, 1.0), 2).astype(np.float32)

    def holds(self, face: Face) -> float:
        """Overlap [0, 1] of a face with where this one was at that moment; 0 before, after and when it was seen."""
        when = face.moment.seconds
        later = bisect_left([one.moment.seconds for one in self.faces], when)
        if later in (0, len(self.faces)) or self.faces[later].moment == face.moment:
            return 0.0
        before, after = self.faces[later - 1], self.faces[later]
        share = (when - before.moment.seconds) / (after.moment.seconds - before.moment.seconds)
        between = (1 - share) * _row(before) + share * _row(after)
        return float(iou(_row(face)[None], between[None].astype(np.float32))[0, 0])

    def take_in(self, face: Face) -> None:
        insort(self.faces, face, key=lambda one: one.moment.seconds)

    def close(self) -> Track:
        return Track(
            id=content_id("track", *(face.id for face in self.faces)),
            faces=tuple(self.faces),
            crops=self.views.best_first(),
        )


def _row(face: Face) -> NDArray[np.float32]:
    box = face.box
    return np.array([box.left, box.top, box.right, box.bottom], dtype=np.float32)


def _sizes(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.maximum((boxes[:, 2:] - boxes[:, :2]).max(axis=1), 1), dtype=np.float32)


def _distance(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distance of the middles in face sizes, (N, M)."""
    middle_a, middle_b = (boxes.reshape(-1, 2, 2).mean(axis=1) for boxes in (a, b))
    apart = np.linalg.norm(middle_a[:, None] - middle_b[None, :], axis=2)
    return np.asarray(apart / np.maximum(_sizes(a)[:, None], _sizes(b)[None, :]), dtype=np.float32)


def _growth(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Larger size over smaller size, (N, M), at least 1."""
    ratio = _sizes(a)[:, None] / _sizes(b)[None, :]
    return np.asarray(np.maximum(ratio, 1 / ratio), dtype=np.float32)
