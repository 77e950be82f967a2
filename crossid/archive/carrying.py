"""Rulings outlive the faces they were made on: after a video was watched again they hold for the faces seen now."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from crossid.geometry import iou

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crossid.types import Appearance, Face

MIN_OVERLAP = 0.5
"""A face at the same pts whose box overlaps the pinned one by this much is the face that was ruled on."""


class Standing(NamedTuple):
    """Cells of a membership that follow from a ruling."""

    person: int | None
    probability: float | None
    evidence: str
    status: str


def carried(appearances: Sequence[Appearance], rulings: Iterable[tuple[Any, ...]]) -> dict[str, Standing]:
    """Track id -> what the last ruling on one of its faces says; a reviewer's stands against every run's.

    Args:
        appearances: What is seen now, one per track.
        rulings: In the order in which they were made: (pts, left, top, right, bottom, person number,
            verdict, probability, evidence, by).
    """
    seen: defaultdict[int, list[tuple[str, Face]]] = defaultdict(list)
    for appearance in appearances:
        for face in appearance.faces:
            seen[face.moment.pts].append((appearance.id, face))
    found: dict[str, Standing] = {}
    for pts, left, top, right, bottom, person, verdict, probability, evidence, by in rulings:
        track_id = _pinned(seen.get(pts, []), (left, top, right, bottom))
        if track_id is None:
            continue
        status = _status(verdict, person, by_reviewer=by.startswith("reviewer:"))
        before = found.get(track_id)
        if status and (status != "proposed" or before is None or before.status == "proposed"):
            found[track_id] = Standing(person, probability, evidence, status)
    return found


def _status(verdict: str, person: int | None, *, by_reviewer: bool) -> str:
    """What a ruling makes of a membership, "" if it leaves it alone; a run can only propose."""
    if verdict == "same":
        return "confirmed" if by_reviewer else "proposed"
    if verdict == "different":
        return "rejected" if by_reviewer else ""
    return "proposed" if person is None else ""


def _pinned(seen: Sequence[tuple[str, Face]], box: tuple[float, float, float, float]) -> str | None:
    """The track of the face that overlaps the box most, and enough."""
    if not seen:
        return None
    boxes = [(face.box.left, face.box.top, face.box.right, face.box.bottom) for _, face in seen]
    overlaps = iou(np.array([box], np.float32), np.array(boxes, np.float32))[0]
    best = int(overlaps.argmax())
    return seen[best][0] if overlaps[best] >= MIN_OVERLAP else None
