"""Rulings outlive the faces they were made on: after a video was watched again they hold for the faces seen now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from crossid.geometry import iou

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from crossid.types import Appearance

MIN_OVERLAP = 0.5
"""A face at the same moment whose box overlaps the pinned one by this much is the face that was ruled on."""
NEAR_S = 0.5
"""A track that begins or ends so near to the moment that was ruled on is asked as well."""


class Carried(NamedTuple):
    """Cells of a proposal that follow from a run's ruling."""

    person: int | None
    probability: float | None
    evidence: str
    since: int


def carried(appearances: Sequence[Appearance], rulings: Iterable[tuple[Any, ...]]) -> dict[str, Carried]:
    """Track id -> what the last ruling of a run on one of its faces says.

    Args:
        appearances: What is seen now, one per track.
        rulings: In the order in which they were made: (pts, left, top, right, bottom, person number,
            verdict, probability, evidence, number of the last act then).
    """
    paths = [_Path(appearance) for appearance in appearances]
    found: dict[str, Carried] = {}
    for pts, left, top, right, bottom, person, verdict, probability, evidence, since in rulings:
        track_id = _pinned(paths, pts, (left, top, right, bottom))
        if track_id is not None and (verdict == "same" or (verdict == "unsure" and person is None)):
            found[track_id] = Carried(person, probability, evidence, since)
    return found


def found_again(appearances: Sequence[Appearance], pins: Iterable[tuple[Any, ...]]) -> dict[int, str]:
    """Key of a verdict -> id of the track in which its face is seen now; what is not seen is left out.

    Args:
        appearances: What is seen now, one per track.
        pins: (key, pts, left, top, right, bottom).
    """
    paths = [_Path(appearance) for appearance in appearances]
    places = ((key, _pinned(paths, pts, (left, top, right, bottom))) for key, pts, left, top, right, bottom in pins)
    return {key: track_id for key, track_id in places if track_id is not None}


class _Path:
    """Where a track's face is at any moment: other settings look at other moments."""

    def __init__(self, appearance: Appearance) -> None:
        boxes = [face.box for face in appearance.faces]
        self.id = appearance.id
        self._pts = [face.moment.pts for face in appearance.faces]
        self._edges = np.array([(box.left, box.top, box.right, box.bottom) for box in boxes], dtype=np.float64)
        self._reach = NEAR_S / float(appearance.faces[0].moment.time_base)

    def at(self, pts: int) -> NDArray[np.float32] | None:
        """The box (1, 4) at a moment, between looks in proportion; None where the track is not seen."""
        if not self._pts[0] - self._reach <= pts <= self._pts[-1] + self._reach:
            return None
        return np.array([[np.interp(pts, self._pts, edge) for edge in self._edges.T]], dtype=np.float32)


def _pinned(paths: Sequence[_Path], pts: int, box: tuple[float, float, float, float]) -> str | None:
    """The track whose face overlaps the box most at that moment, and enough."""
    ruled = np.array([box], np.float32)
    overlaps = [(float(iou(ruled, here)[0, 0]), path.id) for path in paths if (here := path.at(pts)) is not None]
    overlap, track_id = max(overlaps, key=lambda one: one[0], default=(0.0, None))
    return track_id if overlap >= MIN_OVERLAP else None
