"""Where long videos are cut into spans: the same wherever and whenever it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossid.footage.sniffing import MATROSKA, MP4, sniff
from crossid.types import Span

if TYPE_CHECKING:
    from crossid.footage import FootageSettings
    from crossid.types import Video

WORTH_CUTTING = 1.5
"""Videos up to this many spans long are watched in one piece."""


def cut(video: Video, settings: FootageSettings) -> tuple[Span, ...]:
    """Spans of `span_s` seconds that cover the video without overlap, the last one open-ended.

    One span where the video is short, or in a format where a jump may not land where it should. A
    file that is gone is cut by what is known of it, so that what was watched of it still counts.
    """
    count = 1
    if video.kind == "video" and video.duration_s > WORTH_CUTTING * settings.span_s and _seeks(video):
        count = max(1, round(video.duration_s / settings.span_s))
    edges = [settings.span_s * place for place in range(count)]
    return tuple(
        Span(video=video, index=place, start_s=start_s, end_s=edges[place + 1] if place + 1 < count else None)
        for place, start_s in enumerate(edges)
    )


def _seeks(video: Video) -> bool:
    try:
        return sniff(video.path) in (MP4, MATROSKA)
    except OSError:
        return False
