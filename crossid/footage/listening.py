"""Decodes the sound of a stretch, with exact times from the first picture of the video."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import numpy as np

from crossid.footage.opening import opened
from crossid.types import SOUND_RATE, Sound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.audio.stream import AudioStream

    from crossid.footage import FootageSettings
    from crossid.footage.opening import Film
    from crossid.types import Video

EARLIER_S = 1.0
"""Decoders of sound need a run-up, and an index may point a little late."""


def sounds(video: Video, start_s: float, end_s: float, settings: FootageSettings) -> Iterator[Sound]:
    """Sound from at most `start_s` until at least `end_s`, as far as there is any; nothing of a silent video.

    Packets that cannot be decoded leave a gap. Mono is heard on both sides, more than two channels are mixed down.

    Raises:
        FootageError: the file cannot be opened.
    """
    if video.kind == "still":
        return
    for back in (True, False) if start_s > EARLIER_S else (False,):
        with opened(video.path, settings.max_pixels) as film:
            stream = _stream_of_sound(film)
            if stream is None:
                return
            if back:
                film.container.seek(int((film.zero_s + start_s - EARLIER_S) / (stream.time_base or 1)), stream=stream)
            heard = _heard(film, stream, end_s)
            first = next(heard, None)
            if back and (first is None or first.start_s > start_s):
                continue  # the jump landed too late: from the beginning, then
            if first is not None:
                yield first
                yield from heard
            return


def _stream_of_sound(film: Film) -> AudioStream | None:
    """The sound that is played by default, else the first that can be decoded."""
    streams = [stream for stream in film.container.streams.audio if stream.codec_context is not None]
    default = [stream for stream in streams if stream.disposition & av.stream.Disposition.default]
    return next(iter(default + streams), None)


def _heard(film: Film, stream: AudioStream, end_s: float) -> Iterator[Sound]:
    resampler = av.AudioResampler(format="flt", layout="stereo", rate=SOUND_RATE)
    for frame in _frames(film, stream):
        if frame.pts is None:
            continue
        for part in resampler.resample(frame):
            start_s = float(part.pts * part.time_base) - film.zero_s
            if start_s >= end_s:
                return
            yield Sound(start_s=start_s, samples=np.asarray(part.to_ndarray(), np.float32).reshape(-1, 2))


def _frames(film: Film, stream: AudioStream) -> Iterator[av.AudioFrame]:
    """Decoded sound; packets that fail are passed over, and where the file breaks off it ends."""
    try:
        for packet in film.container.demux(stream):
            try:
                yield from stream.codec_context.decode(packet)
            except av.FFmpegError:
                continue
    except av.FFmpegError:
        return
