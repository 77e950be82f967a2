"""Hard cuts, found picture by picture without looking ahead.

A missed cut can put two people into one track; a cut too many only divides a track that is joined
again upstairs. So the detector leans towards cutting. A picture begins a new shot when three things
hold: it differs much from the one before; it differs far more than pictures have differed lately
(adaptive threshold, as in PySceneDetect's AdaptiveDetector, but looking back only); and neither a
change of light nor motion explains the difference.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from crossid.types import Luma

RECENT = 12
"""How many differences between pictures make up "lately"."""
RISE = 3.0
"""A cut differs this many times as much as pictures have differed lately."""
SURE = 3.0
"""At this many times the threshold a difference is a cut however restless the stretch before was."""
ALIKE = 0.6
"""Pictures that correlate at least this well show the same scene in another light."""
EXPLAINED = 0.45
"""Motion explains a cut away when following it leaves less than this share of the difference, and little of it."""


class ShotDetector:
    """Says of each picture whether it begins a new shot. Made anew for each span.

    Args:
        threshold: Mean absolute difference of luma, 0..255, from which a cut is considered.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._recent: deque[float] = deque(maxlen=RECENT)
        self._before: Luma | None = None
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)

    def begins(self, luma: Luma) -> bool:
        """Whether this picture, the next in display order, begins a new shot; the first does not."""
        before, self._before = self._before, luma
        if before is None:
            return False
        if before.shape != luma.shape:
            self._recent.clear()
            return True
        difference = cv2.norm(before, luma, cv2.NORM_L1) / luma.size
        cut = self._stands_out(difference) and not self._explained(before, luma, difference)
        if cut:
            self._recent.clear()
        else:
            self._recent.append(difference)
        return cut

    def _stands_out(self, difference: float) -> bool:
        if difference < self._threshold:
            return False
        lately = float(np.median(self._recent)) if self._recent else 0.0
        return difference >= min(RISE * lately, SURE * self._threshold)

    def _explained(self, before: Luma, luma: Luma, difference: float) -> bool:
        """Whether another light or motion turns the one picture into the other."""
        if _correlation(before, luma) >= ALIKE:
            return True
        if min(luma.shape) < 16:  # too small for optical flow
            return False
        flow = self._flow.calc(luma, before, None)
        rows, columns = np.indices(luma.shape, dtype=np.float32)
        moved = cv2.remap(
            before, columns + flow[..., 0], rows + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        left = cv2.norm(moved, luma, cv2.NORM_L1) / luma.size
        return bool(left < min(EXPLAINED * difference, 2 * self._threshold))


def _correlation(a: Luma, b: Luma) -> float:
    """Pearson correlation of two pictures, [-1, 1]; 0 where one is of a single grey."""
    if cv2.meanStdDev(a)[1][0, 0] < 1 or cv2.meanStdDev(b)[1][0, 0] < 1:
        return 0.0
    return float(cv2.matchTemplate(a, b, cv2.TM_CCOEFF_NORMED)[0, 0])
