"""When a picture is shown: exact ticks from the start of the video, whatever the container left out."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import av

RESTART_S = 1.0
"""A clock that goes back by more than this was started anew; one that goes back by less stuttered."""

LAST_S = 1e8
"""Three years: no honest stamp comes near, and what lies beyond would overflow integers elsewhere."""


class Clock:
    """Turns the stamps of decoded frames into ticks since the first picture of the video.

    A tick is `time_base` seconds. Containers count from anywhere: a broadcast from some hour, a camera
    from the start of its sound. Here the stream's start is 0, so that `pts × time_base` is how long the
    pictures have been running.

    Args:
        start: The stream's start in ticks; None: that of the first frame.
        time_base: Seconds per tick.
        rate: Pictures per second, for frames without any stamp; 0 if unknown.
        restarts: Whether a clock that starts anew is followed, as where recordings were joined end to end;
            only in formats that are a mere stream, without an index to contradict.
    """

    def __init__(self, start: int | None, time_base: Fraction, rate: Fraction, *, restarts: bool) -> None:
        self.time_base = time_base
        self._start = start
        self._restarts = restarts
        self._usual = max(1, round(1 / (rate * time_base))) if rate > 0 else 1
        self._last, self._next = -1, 0

    @property
    def read_to_s(self) -> float:
        """Seconds from the start to where the last picture ends."""
        return float(self._next * self.time_base)

    def pts(self, frame: av.VideoFrame) -> int | None:
        """Ticks from the start of the video to this frame; None for one that does not come after the last."""
        pts = self._stamp(frame)
        if self._restarts and self._start is not None and (self._last - pts) * self.time_base > RESTART_S:
            self._start -= self._next - pts
            pts = self._next
        if not self._last < pts < LAST_S / self.time_base:
            return None
        self._last, self._next = pts, pts + (frame.duration or self._usual)
        return pts

    def _stamp(self, frame: av.VideoFrame) -> int:
        """By when it is shown, else by when it was decoded (AVI knows no other), else by the one before."""
        stamp: int | None = frame.pts if frame.pts is not None else frame.dts
        if stamp is None:
            return self._next
        if self._start is None:
            self._start = stamp - self._next
        return stamp - self._start
