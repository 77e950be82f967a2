"""What a viewer sees of a stretch: also the picture that was there before it began."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from crossid.footage.decoding import pictures
from crossid.footage.skimming import Heed
from crossid.types import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossid.footage import FootageSettings
    from crossid.types import Picture, Video

BACKS_S = (2.0, 60.0, math.inf)
"""How much earlier to begin, until the picture that is on show at the start is met: some cameras take one a minute."""


def shown(video: Video, start_s: float, end_s: float, settings: FootageSettings) -> Iterator[Picture]:
    """The last picture that is not later than `start_s`, and all that follow before `end_s`.

    Nothing comes before the first picture of a video; a photograph is shown whatever the times.

    Raises:
        FootageError: as `decoding.pictures` does, after what could be read.
    """
    settings = replace(settings, decode="all")
    for back_s in BACKS_S:
        from_s = max(0.0, start_s - back_s)
        span = Span(video=video, index=0, start_s=from_s, end_s=end_s)
        ahead = _from_the_one_on_show(pictures(span, settings, Heed), start_s)
        first = next(ahead, None)
        if first is not None and (first.moment.seconds <= start_s or from_s == 0.0):
            yield first
            yield from ahead
            return
        if from_s == 0.0:
            return


def _from_the_one_on_show(source: Iterator[Picture], start_s: float) -> Iterator[Picture]:
    held: Picture | None = None
    for picture in source:
        if picture.moment.seconds > start_s and held is not None:
            yield held
            held = None
            yield picture
        elif picture.moment.seconds > start_s:
            yield picture
        else:
            held = picture
    if held is not None:
        yield held
