"""Decodes a span: pictures in display order, with exact times from the start of the video."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

import cv2

from crossid.errors import FootageError
from crossid.footage import stills
from crossid.footage.naming import printable
from crossid.footage.opening import opened
from crossid.footage.refusing import COPY_AGAIN
from crossid.footage.rendering import Renderer, luma_size
from crossid.footage.turning import of_frame
from crossid.types import Moment, Picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    import av

    from crossid.footage import FootageSettings
    from crossid.footage.opening import Film
    from crossid.types import Span, Video

SHORT_S = 1.0
SHORT_SHARE = 0.02
"""A film has broken off when more than a second and more than this share of its length is missing."""
TICKS = Fraction(1, 1000)


def pictures(span: Span, settings: FootageSettings) -> Iterator[Picture]:
    """Pictures of a span in display order.

    `pts × time_base` are seconds from the start of the video, whatever the container counts from. Spans
    that are read one by one bring the same pictures as one that covers the video.

    Raises:
        FootageError: the file cannot be opened, or decoding breaks off; what came before is sound.
    """
    if span.video.kind == "still":
        yield _still(span.video, settings)
        return
    with opened(span.video.path, settings.max_pixels) as film:
        yield from _Reading(film, span, settings).run()


class _Reading:
    def __init__(self, film: Film, span: Span, settings: FootageSettings) -> None:
        self._film, self._span = film, span
        self._renderer = Renderer(*luma_size(span.video.width, span.video.height, settings.luma_width_px))
        self._clock = film.clock()

    def run(self) -> Iterator[Picture]:
        start_s, end_s = self._span.start_s, self._span.end_s
        frames = self._film.frames_from(start_s) if start_s > 0 else self._film.frames()
        for count, frame in enumerate(frames):
            pts = self._clock.pts(frame)
            if pts is None:
                continue
            moment = Moment(video=self._span.video.id, pts=pts, time_base=self._clock.time_base)
            if end_s is not None and moment.seconds >= end_s:
                return
            if moment.seconds >= start_s:
                yield self._picture(frame, moment, count)
        self._check_end()

    def _picture(self, frame: av.VideoFrame, moment: Moment, count: int) -> Picture:
        turn = of_frame(frame)
        rate = self._film.rate
        return Picture(
            moment=moment,
            number=round(moment.pts * moment.time_base * rate) if rate else count,
            luma=self._renderer.luma(frame, turn),
            render=partial(self._renderer.rgb, frame, turn),
        )

    def _check_end(self) -> None:
        """Raise where the film ended before its time."""
        due_s = self._span.end_s or self._span.video.duration_s
        read_s = self._clock.read_to_s
        missing_s = due_s - read_s
        if missing_s > max(SHORT_S, SHORT_SHARE * self._span.video.duration_s):
            name = printable(self._span.video.name)
            raise FootageError(f"{name} breaks off at {read_s:.1f} s of {due_s:.1f} s.", remedy=COPY_AGAIN)


def _still(video: Video, settings: FootageSettings) -> Picture:
    image = stills.pixels(video.path, settings.max_pixels)
    width, height = luma_size(image.shape[1], image.shape[0], settings.luma_width_px)
    luma = cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (width, height), interpolation=cv2.INTER_AREA)
    return Picture(moment=Moment(video=video.id, pts=0, time_base=TICKS), number=0, luma=luma, render=lambda: image)
