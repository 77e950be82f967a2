"""Clips: stretches of originals in which somebody is seen, as films of their own that say where they come from."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image as Pillow

from crossid.exports.files import opened, write_file
from crossid.exports.films import write_film
from crossid.exports.lettering import card
from crossid.types import SOUND_RATE, Sound
from crossid.wording import clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from crossid.types import Image, LogRow, Video

    Box = tuple[float, float, float, float]
    Shown = tuple[float, Image]
    # Seconds of the video, and the upright RGB image that is shown from then on.

COLOUR = (255, 214, 0)
HELD_S = 2.0
"""Between two faces that were looked at and are no further apart, a box is drawn at every picture."""
CARD_S = 2.0
STILL_S = 3.0
"""How long a caption and a photograph are shown in a reel."""
LARGEST = (1920, 1080)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A stretch of one original in which somebody is seen.

    `video.path` is where the original lies now. `start_s`, `end_s`: with handles, seconds of the video;
    `rows` are the appearances in it; `boxes` (seconds of the video, box in pixels of the upright full
    frame) of the faces that were looked at, by time; `stem` is what its files are called.
    """

    video: Video
    start_s: float
    end_s: float
    rows: tuple[LogRow, ...]
    boxes: tuple[tuple[float, Box], ...]
    stem: str

    @property
    def length_s(self) -> float:
        """How long it lasts; a photograph has no length."""
        return self.end_s - self.start_s


def write_clip(cut: Cut, out: Path, pictures: Iterable[Shown], sounds: Iterator[Sound], *, boxes: bool) -> int:
    """Write a clip picture by picture, sound in sync; returns how many pictures there are. See `films.write_film`."""
    first = next(sounds, None)
    heard = None if first is None else _moved(chain([first], sounds), -cut.start_s)
    return write_film(out, _drawn(cut, pictures, boxes=boxes), heard, cut.length_s, cut.video.rate)


def write_still(cut: Cut, out: Path, pictures: Iterable[Shown], *, boxes: bool) -> None:
    """Copy a photograph byte by byte or, with boxes, draw them into a PNG of it."""
    if boxes:
        for _, image in _drawn(cut, pictures, boxes=True):
            write_png(out, image)
        return
    with opened(out) as file, cut.video.path.open("rb") as source:
        shutil.copyfileobj(source, file)


def write_png(out: Path, image: Image) -> None:
    """Write a picture without loss; nothing but pixels goes into the file."""
    with opened(out) as file:
        Pillow.fromarray(image).save(file, "PNG")


def write_reel(
    out: Path, title: str, cuts: Sequence[tuple[Cut, Iterable[Shown], Iterator[Sound]]], *, boxes: bool
) -> float:
    """Write all clips into one film, each behind a caption that says video and time; returns its length in seconds."""
    width = min(LARGEST[0], max(cut.video.width for cut, _, _ in cuts))
    height = min(LARGEST[1], max(cut.video.height for cut, _, _ in cuts))
    starts, at_s = list[float](), 0.0
    for cut, _, _ in cuts:
        starts.append(at_s)
        at_s += CARD_S + (cut.length_s or STILL_S)

    def shown() -> Iterator[tuple[float, Image]]:
        for (cut, pictures, _), start_s in zip(cuts, starts, strict=True):
            yield start_s, card(_caption(title, cut), width, height)
            for seconds, image in _drawn(cut, pictures, boxes=boxes):
                yield start_s + CARD_S + min(seconds, cut.length_s), image

    def heard() -> Iterator[Sound]:
        for (cut, _, sounds), start_s in zip(cuts, starts, strict=True):
            for sound in _moved(sounds, -cut.start_s):
                if 0 <= sound.start_s < cut.length_s:
                    yield from _moved([_until(sound, cut.length_s)], start_s + CARD_S)

    write_film(out, shown(), heard(), at_s, max(cut.video.rate for cut, _, _ in cuts))
    return at_s


def told(cut: Cut, file: str, how: str, pictures: int) -> dict[str, Any]:
    """What is told of a clip beside it: where it comes from, what it shows, and where the face is.

    Args:
        cut: The clip.
        file: Its name.
        how: `exact`, `fast` or `still`.
        pictures: How many there are in it.
    """
    video = cut.video
    return {
        "file": file,
        "how": how,
        "video": video.name,
        "video_sha256": video.id,
        "recorded_at": video.recorded_at.isoformat() if video.recorded_at else None,
        "clock": video.clock,
        "start_s": round(cut.start_s, 3),
        "end_s": round(cut.end_s, 3),
        "length_s": round(cut.length_s, 3),
        "pictures": pictures,
        "width": video.width,
        "height": video.height,
        "appearances": [_appearance(row) for row in cut.rows],
        "boxes": [
            {"time_s": round(at_s, 3), "clip_s": round(at_s - cut.start_s, 3), "box": [round(edge, 1) for edge in box]}
            for at_s, box in cut.boxes
        ],
    }


def write_metadata(out: Path, data: dict[str, Any]) -> None:
    """Write JSON in plain ASCII: names may hold anything."""
    write_file(out, (json.dumps(data, indent=2) + "\n").encode("ascii"))


def boxes_at(boxes: Sequence[tuple[float, Box]], at_s: float) -> list[Box]:
    """Where a face is at a moment: between two that were looked at and are near in time, on the line between them."""
    times = [seconds for seconds, _ in boxes]
    after = int(np.searchsorted(times, at_s - 1e-6))
    here = [box for seconds, box in boxes[after : after + 8] if abs(seconds - at_s) <= 1e-3]
    if here or not 0 < after < len(boxes):
        return here
    (before_s, before), (after_s, behind) = boxes[after - 1], boxes[after]
    if after_s - before_s > HELD_S:
        return []
    share = (at_s - before_s) / (after_s - before_s)
    left, top, right, bottom = (a + (b - a) * share for a, b in zip(before, behind, strict=True))
    return [(left, top, right, bottom)]


def _appearance(row: LogRow) -> dict[str, Any]:
    kept = ("appearance_id", "person_id", "name", "start_s", "end_s", "recorded_at", "probability", "status")
    return {key: value for key, value in asdict(row).items() if key in kept}


def _drawn(cut: Cut, pictures: Iterable[Shown], *, boxes: bool) -> Iterator[tuple[float, Image]]:
    """(seconds from the start of the clip, image): what was on show when it begins is there from the beginning."""
    for at_s, image in pictures:
        yield max(0.0, at_s - cut.start_s), with_boxes(image, boxes_at(cut.boxes, at_s)) if boxes else image


def with_boxes(image: Image, boxes: Sequence[Box]) -> Image:
    """The picture with frames drawn around faces."""
    image = image.copy()
    width = max(2, round(min(image.shape[:2]) / 240))
    for left, top, right, bottom in boxes:
        cv2.rectangle(image, (round(left), round(top)), (round(right), round(bottom)), COLOUR, width)
    return image


def _moved(sounds: Iterable[Sound], by_s: float) -> Iterator[Sound]:
    for sound in sounds:
        yield Sound(start_s=sound.start_s + by_s, samples=sound.samples)


def _until(sound: Sound, end_s: float) -> Sound:
    return Sound(start_s=sound.start_s, samples=sound.samples[: max(0, round((end_s - sound.start_s) * SOUND_RATE))])


def _caption(title: str, cut: Cut) -> list[str]:
    times = f"{clock(cut.rows[0].start_s)} to {clock(cut.rows[-1].end_s)}"
    recorded = cut.rows[0].recorded_at
    return [cut.video.name, times, *([f"recorded {recorded[:19].replace('T', ' ')}"] if recorded else []), title]
