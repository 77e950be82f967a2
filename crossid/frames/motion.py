"""The selector: still pictures skipped by optical flow, dark ones by histogram, cuts always looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from crossid.frames.brightness import brightness, is_dark
from crossid.frames.shots import ShotDetector
from crossid.types import Decision, Frame, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from crossid.frames import FrameSettings
    from crossid.types import Luma, Picture

NOISE_LUMA = 12
"""Differences up to this (0..255) are compression noise; flow is computed only where there is more."""
EARLY_S = 0.002
"""Pictures come at whole ticks: one this much early counts as on time."""


class MotionSelector:
    """Looks at the first picture of each shot, at moving ones every `every_s`, at still ones every `still_every_s`."""

    def __init__(self, settings: FrameSettings) -> None:
        self._settings = settings
        self._shots = ShotDetector(settings.cut_threshold)
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._due: Reason | None = "first"
        """Why the next lit picture has to be looked at, if it has to."""
        self._seen: Luma | None = None
        self._seen_s = 0.0

    def select(self, pictures: Iterable[Picture], log: Callable[[Decision], None]) -> Iterator[Frame]:
        """Yield the pictures that are worth looking at."""
        for picture in pictures:
            decision = self._decide(picture)
            log(decision)
            if decision.kept:
                self._due = None
                self._seen, self._seen_s = picture.luma, picture.moment.seconds
                yield Frame(decision=decision, image=picture.render())

    def _decide(self, picture: Picture) -> Decision:
        if self._shots.begins(picture.luma) and self._due is None:
            self._due = "shot"
        reason, motion = self._judge(picture)
        return Decision(
            moment=picture.moment,
            number=picture.number,
            reason=reason,
            motion=motion,
            brightness=brightness(picture.luma),
        )

    def _judge(self, picture: Picture) -> tuple[Reason, float]:
        if is_dark(picture.luma, self._settings.dark_luma):
            return "dark", 0.0
        if self._due is not None:
            return self._due, 0.0
        waited_s = picture.moment.seconds - self._seen_s + EARLY_S
        if waited_s < self._settings.every_s:
            return "interval", 0.0
        motion = self._motion(picture.luma)
        if motion >= self._settings.min_motion:
            return "motion", motion
        return ("check" if waited_s >= self._settings.still_every_s else "still"), motion

    def _motion(self, luma: Luma) -> float:
        """Share of the picture, [0, 1], that moved since the last picture that was looked at."""
        assert self._seen is not None
        changed = float(np.count_nonzero(cv2.absdiff(self._seen, luma) > NOISE_LUMA)) / luma.size
        if changed < self._settings.min_motion / 2 or min(luma.shape) < 16:
            return changed
        flow = self._flow.calc(self._seen, luma, None)
        return float(np.count_nonzero(cv2.magnitude(flow[..., 0], flow[..., 1]) > self._settings.motion_px)) / luma.size
