"""Decodes a span: pictures in display order, with exact times from the start of the video."""

from __future__ import annotations

import gc
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

import cv2

from crossid.errors import FootageError
from crossid.footage import stills
from crossid.footage.opening import opened
from crossid.footage.refusing import COPY_AGAIN
from crossid.footage.rendering import Renderer, luma_size
from crossid.footage.skimming import Skimmer
from crossid.footage.spanning import threads_for
from crossid.footage.turning import UPRIGHT, of_frame
from crossid.types import Moment, Picture
from crossid.wording import count, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import av

    from crossid.footage import FootageSettings
    from crossid.footage.opening import Film
    from crossid.footage.skimming import Heed
    from crossid.footage.turning import Turn
    from crossid.types import Span, Video

SHORT_S = 1.0
SHORT_SHARE = 0.02
"""A film has broken off when more than a second and more than this share of its length is missing: lengths
are stated roughly, and sound often runs longer than the pictures."""

LOOKED_UP = 8
"""Frames whose side data was looked at are collected by so many."""

STILL_TIME_BASE = Fraction(1, 1000)


def pictures(span: Span, settings: FootageSettings, heed: Callable[[], Heed]) -> Iterator[Picture]:
    """Pictures of a span in display order, at strictly rising times.

    `pts × time_base` are seconds from the first picture of the video, whatever the container counts from.
    Spans read one by one bring the same pictures as one that covers the video, unless the film is skimmed: then
    a span begins with the first key picture in it, or with the first stretch in which something happens.

    Raises:
        FootageError: the file cannot be opened; or, after the last sound picture, it breaks off or has damaged
            places, which were passed over.
    """
    if span.video.kind == "still":
        yield _photograph(span.video, settings)
        return
    threads = threads_for(span.video, settings)
    with opened(span.video.path, settings.max_pixels, settings.hardware, threads) as film:
        yield from _Reading(film, span, settings, heed).run()


class _Reading:
    """One span of one film, read once."""

    def __init__(self, film: Film, span: Span, settings: FootageSettings, heed: Callable[[], Heed]) -> None:
        self._film, self._span = film, span
        self._skimmer = Skimmer(film, heed) if settings.decode == "changes" else None
        self._end_s = float("inf") if span.end_s is None else span.end_s
        self._renderer = Renderer(*luma_size(span.video.width, span.video.height, settings.luma_width_px))
        self._clock = film.clock()
        self._turn, self._angle, self._looked_up = UPRIGHT, 0, 0

    def run(self) -> Iterator[Picture]:
        start_s = self._span.start_s
        for frame in self._frames(start_s):
            pts = self._clock.pts(frame)
            if pts is None:
                continue
            moment = Moment(video=self._span.video.id, pts=pts, time_base=self._clock.time_base)
            if moment.seconds >= self._end_s:
                break
            if moment.seconds >= start_s:
                yield self._picture(frame, moment)
        else:
            self._check_end()
        self._check_damage()

    def _frames(self, start_s: float) -> Iterator[av.VideoFrame]:
        if self._skimmer is None:
            return self._film.frames_from(start_s) if start_s > 0 else self._film.frames()
        if start_s > 0:
            self._film.go_before(start_s)
        return self._skimmer.frames()

    def _turn_of(self, frame: av.VideoFrame) -> Turn:
        """How a frame lies: looked up for the first one, and where the angle of a key picture, which says it, changes.

        A frame whose side data was looked at and that data hold each other: without being collected now and then,
        they would pile up by the hundred, each some megabytes that the collector knows nothing of.
        """
        if not self._looked_up or (frame.key_frame and frame.rotation != self._angle):
            self._turn, self._angle = of_frame(frame), frame.rotation
            self._looked_up += 1
            if self._looked_up % LOOKED_UP == 0:
                gc.collect()
        return self._turn

    def _picture(self, frame: av.VideoFrame, moment: Moment) -> Picture:
        turn = self._turn_of(frame)
        return Picture(
            moment=moment,
            number=round(moment.pts * moment.time_base * self._film.rate),
            luma=self._renderer.luma(frame, turn),
            render=partial(self._renderer.rgb, frame, turn),
        )

    def _check_end(self) -> None:
        """Raise where there were no more frames, though there should be."""
        video, read_s = self._span.video, self._clock.read_to_s
        if self._skimmer is not None:  # what was not worth decoding was read all the same
            read_s = max(read_s, self._film.read_to_s)
        if video.duration_s - read_s <= max(SHORT_S, SHORT_SHARE * video.duration_s):
            return
        where = f"at {read_s:.1f} s" if read_s > 0 else f"before {self._span.start_s:.1f} s"
        raise FootageError(
            f"{printable(video.name)} breaks off {where} of {video.duration_s:.1f} s.", remedy=COPY_AGAIN
        )

    def _check_damage(self) -> None:
        """Raise where packets of this span could not be decoded."""
        here = [at_s for at_s in self._film.failures_s if self._span.start_s <= at_s < self._end_s]
        if here:
            raise FootageError(
                f"{printable(self._span.video.name)} is damaged from {here[0]:.1f} s on: "
                f"what could not be decoded was passed over ({count(len(here), 'packet')}).",
                remedy=COPY_AGAIN,
            )


def _photograph(video: Video, settings: FootageSettings) -> Picture:
    image = stills.pixels(video.path, settings.max_pixels)
    luma_px = luma_size(video.width, video.height, settings.luma_width_px)
    return Picture(
        moment=Moment(video=video.id, pts=0, time_base=STILL_TIME_BASE),
        number=0,
        luma=cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), luma_px, interpolation=cv2.INTER_AREA),
        render=lambda: image,
    )
