"""Where long videos are cut into spans: the same wherever and whenever it is done."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from crossid.footage.sniffing import CONTAINER, SEEKABLE
from crossid.processes import cores
from crossid.types import Span

if TYPE_CHECKING:
    from crossid.footage import FootageSettings
    from crossid.types import Video

WORTH_CUTTING = 1.5
"""Videos up to this many spans long are watched in one piece, so that no span is shorter than half of one."""

MOST_SPANS = 1000
"""A damaged header may claim centuries: beyond this many, spans grow longer instead of more."""


def cut(video: Video, settings: FootageSettings) -> tuple[Span, ...]:
    """Spans of about `span_s` seconds that cover the video without overlap, the last one open-ended.

    Their number is even and they are equally long: on two cores, or four, nobody waits for the last one.
    One span where the video is short, or in a format where a jump may not land where it should.
    """
    if video.kind == "still" or video.duration_s <= WORTH_CUTTING * settings.span_s or not _seeks(video):
        return (Span(video=video, index=0, start_s=0.0, end_s=None),)
    count = min(MOST_SPANS, 2 * math.ceil(round(video.duration_s / settings.span_s) / 2))
    starts = [index * video.duration_s / count for index in range(count)]
    return tuple(
        Span(video=video, index=index, start_s=start_s, end_s=end_s)
        for index, (start_s, end_s) in enumerate(zip(starts, [*starts[1:], None], strict=True))
    )


def threads_for(video: Video, settings: FootageSettings) -> int:
    """Threads that decode one span: those of one film are watched side by side, and threads beyond the cores only wait.

    It depends on the film and the machine, not on what else is under way: what is made of a damaged film may depend on
    the number of threads, and the same film shall look the same in every scan.
    """
    return max(1, cores() // len(cut(video, settings)))


def _seeks(video: Video) -> bool:
    """By what the probe noted, not by the file: a video whose drive is away is cut as ever."""
    return dict(video.tags).get(CONTAINER) in SEEKABLE
