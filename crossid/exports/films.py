"""Writes a film: pictures at exact times, with their sound, as H.264 and AAC in MP4."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from crossid.errors import CrossidError
from crossid.exports.files import opened
from crossid.types import SOUND_RATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from av.container import OutputContainer

    from crossid.types import Image, Sound

TIME_BASE = Fraction(1, 90_000)
"""Ticks in which times of pictures are kept: fine enough for every camera, whatever its rate."""
USUAL_RATE = 25
BT709 = 1
"""How colours are coded, in the numbers of ITU-T H.273: as players expect of H.264."""
ENCODER = {"crf": "18", "preset": "veryfast", "bf": "0"}
"""A quality that cannot be told from the source by eye; no picture is stored out of turn, so times are plain."""
SOUND_BITS = 192_000
AHEAD_S = 0.5
"""How much sound goes before its pictures into the file, so that players need not jump."""
JITTER_S = 0.005
"""Times of sound are rounded in some containers: pieces that fit within this are taken as they come."""


def write_film(
    out: Path, pictures: Iterable[tuple[float, Image]], sounds: Iterable[Sound] | None, length_s: float, rate: Fraction
) -> int:
    """Write a film; it is there whole or not at all.

    Args:
        out: An .mp4.
        pictures: (seconds from the start, upright RGB image) at rising times, at least one; those that would be shown
            for no time at all are left out. All are made as large as the first one.
        sounds: By rising time, from the start of the film; what lies before 0 or behind `length_s` is left out, gaps
            are silent. None for a film without sound.
        length_s: When the last picture and the sound end.
        rate: About how many pictures a second there are; 0 if unknown. Times are as they are given.

    Returns:
        How many pictures there are in it.

    Raises:
        CrossidError: it cannot be written, or there is no picture.
    """
    with opened(out) as file, av.open(file, "w", format="mp4") as container:
        return _Film(container, rate, length_s, sounds).write(pictures)


class _Film:
    """One film on its way into a container."""

    def __init__(
        self, container: OutputContainer, rate: Fraction, length_s: float, sounds: Iterable[Sound] | None
    ) -> None:
        self._container, self._length_s = container, length_s
        self._rate = rate.limit_denominator(1001) or Fraction(USUAL_RATE)
        self._samples = None if sounds is None else laid_out(sounds, length_s)
        self._heard = 0
        self._colours = VideoReformatter()
        self._ticks = dict[int | None, int]()

    def write(self, pictures: Iterable[tuple[float, Image]]) -> int:
        count, size = 0, (0, 0)
        end_of_all: tuple[float, Image] = (self._length_s, np.empty(0, np.uint8))
        for (at_s, image), (next_s, _) in pairwise(chain(pictures, [end_of_all])):
            start, end = (round(seconds / TIME_BASE) for seconds in (at_s, next_s))
            if end <= start:
                continue
            if not count:
                size = self._begin(image)
            self._write_sound(at_s + AHEAD_S)
            self._write_picture(fitted(image, size), start, end - start)
            count += 1
        if not count:
            raise CrossidError("There is no picture in that stretch.", remedy="Look whether the original still plays.")
        self._write_sound(self._length_s)
        self._mux_pictures(None)
        if self._samples is not None:
            self._container.mux(self._sound.encode(None))
        return count

    def _begin(self, image: Image) -> tuple[int, int]:
        """Make the streams; (width, height) of the film, even as the encoder wants them."""
        height, width = image.shape[:2]
        size = width + width % 2, height + height % 2
        self._pictures = self._container.add_stream("libx264", rate=self._rate, options=ENCODER)
        self._pictures.width, self._pictures.height = size
        self._pictures.pix_fmt = "yuv420p"
        self._pictures.codec_context.time_base = TIME_BASE
        context = self._pictures.codec_context
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = ColorRange.MPEG
        if self._samples is not None:
            self._sound = self._container.add_stream("aac", rate=SOUND_RATE, layout="stereo", bit_rate=SOUND_BITS)
        return size

    def _write_picture(self, image: Image, start: int, ticks: int) -> None:
        frame = self._colours.reformat(
            av.VideoFrame.from_ndarray(image, format="rgb24"),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )
        frame.pts, frame.time_base = start, TIME_BASE
        self._ticks[start] = ticks
        self._mux_pictures(frame)

    def _mux_pictures(self, frame: av.VideoFrame | None) -> None:
        """The encoder forgets how long a picture is shown; of the last one nothing else tells it."""
        for packet in self._pictures.encode(frame):
            packet.duration = self._ticks.pop(packet.pts)
            self._container.mux(packet)

    def _write_sound(self, until_s: float) -> None:
        while self._samples is not None and self._heard < until_s * SOUND_RATE:
            samples = next(self._samples, None)
            if samples is None:
                return
            frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="flt", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, self._heard, Fraction(1, SOUND_RATE)
            self._container.mux(self._sound.encode(frame))
            self._heard += len(samples)


def fitted(image: Image, size: tuple[int, int]) -> Image:
    """The picture in a film of (width, height): but for a line at the edge as it is, else scaled, between bars."""
    width, height = size
    rows, columns = image.shape[:2]
    if not (width - 1 <= columns <= width and height - 1 <= rows <= height):
        scale = min(width / columns, height / rows)
        columns, rows = max(1, int(columns * scale)), max(1, int(rows * scale))
        image = cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        left, top = (width - columns) // 2, (height - rows) // 2
        black: Image = np.zeros((height, width, 3), np.uint8)
        black[top : top + rows, left : left + columns] = image
        return black
    if (columns, rows) != size:
        image = cv2.copyMakeBorder(image, 0, height - rows, 0, width - columns, cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(image)


def laid_out(sounds: Iterable[Sound], length_s: float) -> Iterator[np.ndarray[tuple[int, int], np.dtype[np.float32]]]:
    """Samples (N, 2) of exactly `length_s` seconds, piece by piece: gaps and what is missing at the end are silent."""
    written, length, jitter = 0, round(length_s * SOUND_RATE), round(JITTER_S * SOUND_RATE)
    for sound in sounds:
        samples, place = sound.samples, round(sound.start_s * SOUND_RATE)
        if written and abs(place - written) <= jitter:
            place = written
        if place > written:
            yield np.zeros((min(place, length) - written, 2), np.float32)
            written = min(place, length)
        samples = samples[max(0, written - place) : max(0, length - place)]
        if len(samples):
            yield samples
            written += len(samples)
        if written >= length:
            return
    if written < length:
        yield np.zeros((length - written, 2), np.float32)
