"""Who is seen at one moment in two places: two people, unless it is a mirror."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from crossid.geometry import iou

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crossid.types import Gallery

ONE_FACE = 0.3
"""Two tracks whose boxes overlap by more than this at one moment are two detections of one face."""
MIRROR_MOMENTS = 8
"""Fewer common moments say nothing of how two tracks move."""
MIRROR_CORRELATION = 0.9
"""From here on two tracks move as one."""
MIRROR_STIR = 0.1
"""Share of a face's width that both must move, as a standard deviation: who stands still resembles everybody."""


def together(gallery: Gallery) -> tuple[tuple[int, int], ...]:
    """Pairs of rows (i < j) that are seen at one moment in two places, mirror images aside."""
    pairs = []
    by_video: defaultdict[str, list[int]] = defaultdict(list)
    for row, video in enumerate(gallery.videos):
        by_video[video].append(row)
    for rows in by_video.values():
        for place, first in enumerate(rows):
            for second in rows[place + 1 :]:
                if gallery.starts[second] > gallery.ends[first]:
                    break  # rows are in order of start
                if len(apart(gallery.boxes[first], gallery.boxes[second])):
                    pairs.append((first, second))
    return tuple(pairs)


def apart(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Moments (M,) at which two tracks, (N, 5) of (t, left, top, right, bottom), are in two places of one picture.

    None for a face and its mirror image. Rows of each are in order of time.
    """
    at = np.intersect1d(one[:, 0], other[:, 0])
    a, b = _common(one, other)
    if not len(a) or _mirrored(a, b):
        return at[:0]
    return at[[bool(iou(left[None], right[None])[0, 0] < ONE_FACE) for left, right in zip(a, b, strict=True)]]


def _common(a: NDArray[np.float32], b: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The boxes (M, 4) of both tracks at the moments that they share."""
    _, of_a, of_b = np.intersect1d(a[:, 0], b[:, 0], return_indices=True)
    return a[of_a, 1:], b[of_b, 1:]


def _mirrored(a: NDArray[np.float32], b: NDArray[np.float32]) -> bool:
    """Whether two tracks move as a face and its mirror image do: sideways against each other, up and down alike.

    A camera that pans moves both the same way, so it makes no mirror image of a stranger.
    """
    if len(a) < MIRROR_MOMENTS:
        return False
    width = np.minimum(a[:, 2] - a[:, 0], b[:, 2] - b[:, 0]).mean()
    aside = (a[:, 0] + a[:, 2]) / 2, (b[:, 0] + b[:, 2]) / 2
    upright = (a[:, 1] + a[:, 3]) / 2, (b[:, 1] + b[:, 3]) / 2
    stirred = min(part.std() for part in (*aside, *upright)) >= MIRROR_STIR * width
    return bool(
        stirred
        and np.corrcoef(*aside)[0, 1] <= -MIRROR_CORRELATION
        and np.corrcoef(*upright)[0, 1] >= MIRROR_CORRELATION
    )
