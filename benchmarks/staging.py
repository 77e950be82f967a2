"""Labelled footage written anew as cameras and phones write it: key pictures at a fixed distance, cuts between them."""

import json
import shutil
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks import data

CACHE = Path.home() / ".cache" / "crossid-benchmarks"


def with_key_distance(distance: int, *, source: Path | None = None, height: int = 0, rate: int = 0) -> Path:
    """The labelled videos of `source` (default: `footage/staged-dev`), encoded anew with x264; made once, then kept.

    Args:
        distance: Pictures from one key picture to the next; no key picture at a cut.
        source: A folder with `truth.json`.
        height: Height in pixels to scale to; 0: as it is.
        rate: Pictures per second to play at; the truth's times are scaled along. 0: as it is.

    Returns:
        The folder, with the `truth.json` that holds for it.
    """
    source = source or data.folder() / "footage" / "staged-dev"
    out = CACHE / f"{source.name}-g{distance}{f'-{height}p' if height else ''}{f'-{rate}' if rate else ''}"
    if (out / "truth.json").exists():
        return out
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    truth = json.loads((source / "truth.json").read_text(encoding="utf-8"))
    for name, video in truth["videos"].items():
        width_px, height_px = _encode(source / name, out / name, distance, height, rate)
        _rescale(video, width_px, height_px, rate or video["fps"])
    (out / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    return out


def _encode(source: Path, out: Path, distance: int, height: int, rate: int) -> tuple[float, float]:
    """Returns by what the width and the height were multiplied."""
    with av.open(str(source)) as film, av.open(str(out), "w") as target:
        template = film.streams.video[0]
        fps = Fraction(rate) if rate else template.average_rate
        stream = target.add_stream("libx264", rate=fps)
        stream.height = height or template.height
        stream.width = round(template.width * stream.height / template.height / 2) * 2
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = 1 / fps
        stream.options = {
            "preset": "veryfast",
            "crf": "21",
            "g": str(distance),
            "keyint_min": str(distance),
            "sc_threshold": "0",
        }
        for number, frame in enumerate(film.decode(template)):
            scaled = frame.reformat(width=stream.width, height=stream.height, format="yuv420p")
            scaled.pts, scaled.time_base, scaled.pict_type = number, 1 / fps, av.video.frame.PictureType.NONE
            target.mux(stream.encode(scaled))
        target.mux(stream.encode())
        return stream.width / template.width, stream.height / template.height


def _rescale(video: dict, across: float, down: float, rate: float) -> None:
    """Make a video's truth hold for its copy: pixels times `across` and `down`, played at `rate`."""
    later = video["fps"] / rate
    video["fps"], video["seconds"] = float(rate), video["seconds"] * later
    for shown in video["shown"]:
        shown["start_s"], shown["end_s"] = shown["start_s"] * later, shown["end_s"] * later
        shown["boxes"] = [
            [when * later, left * across, top * down, right * across, bottom * down]
            for when, left, top, right, bottom in shown["boxes"]
        ]


def empty_room(seconds: float) -> Path:
    """A fixed camera in a room without people, 1080p30, a key picture every 60, with a sensor's noise; made once."""
    out = CACHE / f"still-room-{seconds:g}.mp4"
    if out.exists():
        return out
    out.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(3)
    room = cv2.resize(random.integers(60, 200, (12, 20, 3), np.uint8), (1920, 1080), interpolation=cv2.INTER_CUBIC)
    noise = cv2.resize(random.normal(0, 2, (800, 1300)), (2600, 1600)).astype(np.int8)
    part = out.with_suffix(".part.mp4")
    with av.open(str(part), "w") as target:
        stream = target.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "23", "g": "60", "keyint_min": "60", "sc_threshold": "0"}
        for number in range(round(seconds * 30)):
            down, across = random.integers(520), random.integers(680)  # nowhere the same noise twice
            grain = noise[down : down + 1080, across : across + 1920, None]
            frame = av.VideoFrame.from_ndarray(np.clip(room.astype(np.int16) + grain, 0, 255).astype(np.uint8), "rgb24")
            frame.pts = number
            target.mux(stream.encode(frame))
        target.mux(stream.encode())
    part.rename(out)
    return out
