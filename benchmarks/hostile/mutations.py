"""Small media of each kind with faces in them, and ways to spoil them; the same for the same seed."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
from PIL import Image

from crossid.footage.staging import RATE, stage

if TYPE_CHECKING:
    from collections.abc import Callable

Random = np.random.Generator
SIZE = (320, 192)
FRAMES = 12
FILMS = {
    "h264.mp4": ("libx264", "yuv420p"),
    "hevc.mov": ("libx265", "yuv420p"),
    "h264.mkv": ("libx264", "yuv420p"),
    "vp9.mkv": ("libvpx-vp9", "yuv420p"),
    "mpeg4.avi": ("mpeg4", "yuv420p"),
    "mjpeg.avi": ("mjpeg", "yuvj420p"),
}
"""Name -> codec and pixel format."""
OPTIONS = {
    "libx264": {"preset": "ultrafast"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
}
BOXES = [b"moov", b"mvhd", b"trak", b"tkhd", b"mdhd", b"stsd", b"avc1", b"hvc1", b"avcC", b"stts", b"stss", b"ctts"]
BOXES += [b"stsc", b"stsz", b"stco", b"elst", b"mdat", b"ftyp", b"avih", b"strh", b"strf", b"idx1", b"movi", b"LIST"]
EBML = [bytes.fromhex(one) for one in ("1a45dfa3", "18538067", "1549a966", "1654ae6b", "1f43b675", "1c53bb6b")]
EBML += [bytes.fromhex(one) for one in ("b0", "ba", "2ad7b1", "4489", "23e383", "a3", "63a2")]
MARKERS = [b"\xff\xc0", b"\xff\xc4", b"\xff\xdb", b"\xff\xda", b"\xff\xe1", b"\xff\xdd", b"Exif\0\0"]
EXTREMES = [0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x10000000, 0x00100000]


def sources(folder: Path) -> dict[str, bytes]:
    """Name -> bytes of one small file of each kind; `folder` is scratch."""
    stage(folder)
    with av.open(str(folder / "harbour.mp4")) as film:
        pictures = [
            frame.to_ndarray(format="rgb24") for _, frame in zip(range(FRAMES), film.decode(video=0), strict=False)
        ]
    small = [cv2.resize(picture, SIZE, interpolation=cv2.INTER_AREA) for picture in pictures]
    made = {name: _film(folder / name, small, *how) for name, how in FILMS.items()}
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x0132] = "A camera", 6, "2024:05:01 12:00:00"
    Image.fromarray(small[0]).save(folder / "photograph.jpg", quality=85, exif=exif)
    Image.fromarray(small[0]).quantize(64).save(folder / "photograph.png")
    return made | {name: (folder / name).read_bytes() for name in ("photograph.jpg", "photograph.png")}


def _film(path: Path, pictures: list[np.ndarray], codec: str, pix_fmt: str) -> bytes:
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=RATE, options=OPTIONS.get(codec, {}))
        stream.width, stream.height, stream.pix_fmt = *SIZE, pix_fmt
        for picture in pictures:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    return path.read_bytes()


def mutant(number: int, seed: int, originals: dict[str, bytes]) -> tuple[str, bytes]:
    """File `number` of a run: its name, and bytes that one to three mutations were done to."""
    random = np.random.default_rng([seed, number])
    name = str(random.choice(list(originals)))
    content, how = originals[name], []
    for _ in range(random.integers(1, 4)):
        mutation = MUTATIONS[random.integers(len(MUTATIONS))]
        how.append(mutation.__name__)
        content = mutation(content, random, originals) if content else content
    ending = Path(name if random.random() < 0.9 else str(random.choice(list(originals)))).suffix
    return f"{number:06d}-{Path(name).stem}-{'-'.join(how)}{ending}", content


def flipped(content: bytes, random: Random, _: dict[str, bytes]) -> bytes:
    """Some bits turned over, half of the time in the first kilobyte."""
    spoiled = bytearray(content)
    reach = min(len(content), 1024) if random.random() < 0.5 else len(content)
    for at in random.integers(0, reach, random.choice([1, 8, 64])):
        spoiled[at] ^= 1 << random.integers(8)
    return bytes(spoiled)


def cut(content: bytes, random: Random, _: dict[str, bytes]) -> bytes:
    """Its beginning, or what is left without it, or all but a piece."""
    first, last = sorted(random.integers(0, len(content), 2))
    return [content[:last], content[first:], content[:first] + content[last:]][random.integers(3)]


def repeated(content: bytes, random: Random, _: dict[str, bytes]) -> bytes:
    """A piece of it several times."""
    first, last = sorted(random.integers(0, len(content), 2))
    return content[:last] + content[first:last] * int(random.integers(1, 20)) + content[last:]


def overwritten(content: bytes, random: Random, _: dict[str, bytes]) -> bytes:
    """A piece of zeros, ones or noise."""
    first = int(random.integers(0, len(content)))
    length = min(int(random.choice([4, 64, 4096])), len(content) - first)
    piece = [bytes(length), b"\xff" * length, random.bytes(length)][random.integers(3)]
    return content[:first] + piece + content[first + length :]


def foreign_head(content: bytes, random: Random, originals: dict[str, bytes]) -> bytes:
    """The beginning of another file before it, or in place of its own."""
    other = originals[str(random.choice(list(originals)))]
    length = int(random.choice([8, 64, 512, 2048]))
    return other[:length] + content[length if random.random() < 0.5 else 0 :]


def joined(content: bytes, random: Random, originals: dict[str, bytes]) -> bytes:
    """Another file behind it."""
    return content + originals[str(random.choice(list(originals)))]


def lying_sizes(content: bytes, random: Random, _: dict[str, bytes]) -> bytes:
    """Numbers near what a header is known by become extreme."""
    names = [name for name in (*BOXES, *EBML, *MARKERS) if name in content]
    spoiled = bytearray(content)
    for _ in range(int(random.integers(1, 4)) if names else 0):
        name = names[random.integers(len(names))]
        places = [at for at in range(len(content)) if content.startswith(name, at)]
        at = places[random.integers(len(places))] + int(random.integers(-4, 48))
        value = EXTREMES[random.integers(len(EXTREMES))]
        width, order = (2 if name in MARKERS else 4), "little" if random.random() < 0.3 else "big"
        if 0 <= at <= len(content) - width:
            spoiled[at : at + width] = (value & (256**width - 1)).to_bytes(width, order)  # type: ignore[arg-type]
    return bytes(spoiled)


def boastful(content: bytes, random: Random, _: dict[str, bytes]) -> bytes:
    """A picture that claims another size, with checksums that hold: PNG's first chunk, JPEG's frame header."""
    width, height = (int(random.choice([0, 1, 3, 321, 20_000, 65_535, 2**31 - 1])) for _ in range(2))
    if content[12:16] == b"IHDR":
        head = b"IHDR" + struct.pack(">II", width, height) + content[24:29]
        return content[:12] + head + struct.pack(">I", zlib.crc32(head)) + content[33:]
    at = content.find(b"\xff\xc0")
    return (
        content[: at + 5] + struct.pack(">HH", height & 0xFFFF, width & 0xFFFF) + content[at + 9 :]
        if at > 0
        else content
    )


MUTATIONS: list[Callable[[bytes, Random, dict[str, bytes]], bytes]] = [
    flipped,
    cut,
    repeated,
    overwritten,
    foreign_head,
    joined,
    lying_sizes,
    lying_sizes,
    boastful,
]
