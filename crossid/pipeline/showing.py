"""What limited workers hand over of a video: plain pictures, and copies of stretches; see `reading`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossid import footage
from crossid.exports.copies import copy_stretch
from crossid.frames.shots import ShotDetector
from crossid.pipeline.picturing import looked_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossid.footage import FootageSettings, FoundFile
    from crossid.types import Frame, Image, Video


END_S = 1e9
"""Later than any video ends."""


def probed(file: FoundFile, settings: FootageSettings) -> Video:
    """What a file holds, by its bytes."""
    return footage.probe(file, footage.identify(file.path), settings)


def pictures(video: Video, start_s: float, end_s: float, settings: FootageSettings) -> Iterator[tuple[float, Image]]:
    """(seconds of the video, image) of the picture that is on show at the start, and of those that follow."""
    for picture in footage.show(video, start_s, end_s, settings):
        yield picture.moment.seconds, picture.render()


def looks(
    video: Video, looks_per_s: float, cut_threshold: float, settings: FootageSettings
) -> Iterator[tuple[float, Image, bool]]:
    """(seconds, image, whether a shot has begun since the last one) of pictures in which faces are looked for.

    Args:
        video: All of it.
        looks_per_s: How many a second, and the first one of each shot; 0: every one.
        cut_threshold: See `frames.shots`.
        settings: How it is read.
    """
    shots, due_s, cut = ShotDetector(cut_threshold), 0.0, False
    for picture in footage.show(video, 0.0, END_S, settings):
        at_s = picture.moment.seconds
        begins = shots.begins(picture.luma)
        cut = cut or begins
        if begins or at_s >= due_s or not looks_per_s:
            yield at_s, picture.render(), cut
            cut, due_s = False, at_s + 1 / (looks_per_s or 1)


def frame_at(video: Video, at_s: float, within_s: float, settings: FootageSettings) -> Frame | None:
    """The picture that is on show at a moment; None where there is none."""
    shown = next(footage.show(video, at_s, at_s + within_s, settings), None)
    return None if shown is None else looked_at(shown.moment, shown.number, shown.render())


def copied(
    video: Video, out: Path, start_s: float, end_s: float, settings: FootageSettings
) -> tuple[float, float, int]:
    """Copy a stretch without decoding it; see `exports.copies`."""
    with footage.film_of(video, settings) as film:
        return copy_stretch(
            film.container,
            film.stream,
            out,
            zero_s=film.zero_s,
            seeks=film.form.seeks,
            start_s=start_s,
            end_s=end_s,
        )
