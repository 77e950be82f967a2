"""Covers faces in pictures so that nobody can be made out, and works out where faces are between two looks.

Whoever is covered too long is no harm, whoever slips through for one picture is. So a face is covered on
the way from look to look, for a while before it was seen first and after it was seen last, and with a margin.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from crossid.geometry import iou

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crossid.types import Image

    Edges = tuple[float, float, float, float]

How = Literal["blur", "pixelate", "box"]
HOWS: tuple[How, ...] = ("blur", "pixelate", "box")
MARGIN = 0.35
"""Share of a face's size by which it is covered beyond its box on each side: hair, ears and chin."""
LINGER_S = 1.0
"""For how long a face is covered before it was seen first and after it was seen last."""
ACROSS_S = 0.2
"""For how long it lingers across a cut: the face is gone, but cuts may be found a picture early or late."""
SPREAD = 0.6
"""Share of its size by which the cover grows on each side in that time: nobody knows where the face went."""
LOST_S = 2.0
"""A face that is seen again within this, near by, was there in between."""
REACH = 1.0
"""How far a face may have moved between two looks, in its own sizes; more, the longer ago it was seen."""
CELLS = 6
"""Of a face that is blurred or pixelated so many values are left across: too few to tell people apart."""


@dataclass(slots=True, eq=False)
class Path:
    """One face through one shot: (seconds, box) of each look, by time; it lingers `from_s` to `until_s` at most."""

    looks: list[tuple[float, Edges]] = field(default_factory=list)
    from_s: float = -math.inf
    until_s: float = math.inf

    def at(self, at_s: float) -> Edges | None:
        """Where to cover the face at a moment, without margin; None where it is not near."""
        (first_s, first), (last_s, last) = self.looks[0], self.looks[-1]
        if not self.from_s <= at_s <= self.until_s:
            return None
        if at_s < first_s:
            return _spread(first, first_s - at_s)
        if at_s >= last_s:
            return _spread(last, at_s - last_s)
        after = next(place for place, (seconds, _) in enumerate(self.looks) if seconds > at_s)
        (before_s, before), (after_s, behind) = self.looks[after - 1], self.looks[after]
        share = (at_s - before_s) / (after_s - before_s)
        return _between(before, behind, share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The boxes of all faces in a picture that was looked at; `cut`: a new shot has begun since the last look."""

    at_s: float
    boxes: tuple[Edges, ...]
    cut: bool


def paths(looks: Iterable[Look]) -> list[Path]:
    """Follow faces from look to look: each joins the nearest path that it can have come from, or begins one.

    Args:
        looks: By time. No face is followed across a cut: who is in the same place may be somebody else.
    """
    done, open_paths, shot_s = list[Path](), list[Path](), -math.inf
    for look in looks:
        at_s, boxes = look.at_s, look.boxes
        if look.cut:
            shot_s = at_s
            for path in [*done, *open_paths]:
                path.until_s = min(path.until_s, at_s + ACROSS_S)
        lost = [path for path in open_paths if look.cut or at_s - path.looks[-1][0] > LOST_S]
        done += lost
        open_paths = [path for path in open_paths if path not in lost]
        free = list(open_paths)
        for box in boxes:
            nearest = min(free, key=lambda one: _distance(one, at_s, box), default=None)
            if nearest is None or _distance(nearest, at_s, box) > 1:
                path = Path(from_s=shot_s - ACROSS_S)
                open_paths.append(path)
            else:
                path = nearest
                free.remove(path)
            path.looks.append((at_s, box))
    return done + open_paths


def covered_at(tracks: Sequence[Path], at_s: float, margin: float) -> Iterator[Edges]:
    """What is covered at a moment, with the margin."""
    for path in tracks:
        box = path.at(at_s)
        if box is not None:
            yield grown(box, margin)


def cover(image: Image, boxes: Iterable[Edges], how: How) -> Image:
    """The picture with these regions made unrecognisable."""
    image = image.copy()
    height, width = image.shape[:2]
    for left, top, right, bottom in boxes:
        x, y = max(0, int(np.floor(left))), max(0, int(np.floor(top)))
        region = image[y : min(height, int(np.ceil(bottom))), x : min(width, int(np.ceil(right)))]
        if region.size:
            region[:] = _hidden(region, how)
    return image


def grown(box: Edges, share: float) -> Edges:
    """A box with a margin on each side, as a share of its width and height."""
    left, top, right, bottom = box
    across, down = (right - left) * share, (bottom - top) * share
    return left - across, top - down, right + across, bottom + down


def _hidden(region: Image, how: How) -> Image:
    if how == "box":
        return np.zeros_like(region)
    height, width = region.shape[:2]
    cells = cv2.resize(region, (min(CELLS, width), min(CELLS, height)), interpolation=cv2.INTER_AREA)
    smooth = cv2.INTER_LINEAR if how == "blur" else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(cells, (width, height), interpolation=smooth), np.uint8)


def _spread(box: Edges, seconds: float) -> Edges | None:
    return grown(box, SPREAD * seconds / LINGER_S) if seconds <= LINGER_S else None


def _between(before: Edges, behind: Edges, share: float) -> Edges:
    """On the line between two boxes; where they touch, all of both: a head may turn back on its way."""
    if float(iou(np.array([before], np.float32), np.array([behind], np.float32))[0, 0]) > 0:
        left, top = min(before[0], behind[0]), min(before[1], behind[1])
        return left, top, max(before[2], behind[2]), max(before[3], behind[3])
    left, top, right, bottom = (a + (b - a) * share for a, b in zip(before, behind, strict=True))
    return left, top, right, bottom


def _distance(path: Path, at_s: float, box: Edges) -> float:
    """How far a box lies from the end of a path, in what a face can move since; above 1 it cannot be it."""
    last_s, last = path.looks[-1]
    size = max(last[2] - last[0], last[3] - last[1], box[2] - box[0], box[3] - box[1])
    across = (box[0] + box[2] - last[0] - last[2]) / 2
    down = (box[1] + box[3] - last[1] - last[3]) / 2
    return float(np.hypot(across, down)) / (size * REACH * max(1.0, 2 * (at_s - last_s)))
