"""Media that the tests of footage make for themselves."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from crossid import footage
from crossid.footage import FootageSettings
from crossid.types import Picture, Video


def shade(number: int, width: int, height: int) -> np.ndarray:
    """A picture that tells its number: a grey that steps, and a bar that wanders."""
    image = np.full((height, width, 3), 20 + (number * 37) % 200, np.uint8)
    left = number * 5 % max(1, width - 8)
    image[: height // 2, left : left + 8] = (250, 60, 10)
    return image


def write_film(
    path: Path,
    *,
    frames: int = 50,
    size: tuple[int, int] = (96, 64),
    rate: int = 25,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    muxer: dict[str, str] | None = None,
    stamps: Sequence[int] | None = None,
    tags: dict[str, str] | None = None,
    draw: Callable[[int, int, int], np.ndarray] = shade,
) -> Path:
    """A film of `frames` pictures; `stamps` are their times in thousandths of a second."""
    with av.open(str(path), "w", options=muxer or {}) as out:
        out.metadata.update(tags or {})
        stream = out.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height, stream.pix_fmt = (*size, pix_fmt)
        time_base = Fraction(1, 1000) if stamps else Fraction(1, rate)
        stream.codec_context.time_base = time_base
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(draw(number, *size), format="rgb24")
            frame.pts, frame.time_base = (stamps[number] if stamps else number), time_base
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def write_sound(path: Path) -> Path:
    """A file with sound and no pictures."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
        frame.sample_rate = 44100
        for number in range(20):
            frame.pts = number * 1024
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def lay_down(path: Path, a: int, b: int, c: int, d: int) -> Path:
    """Give an MP4 a display matrix: a point (p, q) is shown at (a·p + c·q, b·p + d·q)."""
    content = bytearray(path.read_bytes())
    matrix = content.index(b"tkhd") + 4 + 40
    content[matrix : matrix + 36] = struct.pack(">9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
    return path


def probed(path: Path) -> Video:
    """What `probe` says of a file, found as a user would name it."""
    (found,) = footage.discover([path]).files
    return footage.probe(found, "id", FootageSettings())


def watched(path: Path, settings: FootageSettings | None = None) -> list[Picture]:
    """All pictures of a file, span after span."""
    settings = settings or FootageSettings()
    return [one for span in footage.spans(probed(path), settings) for one in footage.read(span, settings)]
