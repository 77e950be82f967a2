"""The demo's footage: small films of people whose pictures come inside dependencies.

Six people of insightface's sample photograph and scikit-image's astronaut (NASA, public domain) come
back in several films under other crops, scales, light, blur and compression.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np

from crossid.errors import CrossidError, FootageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crossid.types import Image

RATE = 25
WIDTH, HEIGHT = 640, 384
"""Multiples of 128: where rows are not, swscale reads beyond them and the bytes differ from run to run."""
GROUP = ("insightface", "data/images/t1.jpg")
ASTRONAUT = ("skimage", "data/astronaut.png")
SITTERS: dict[str, tuple[tuple[str, str], tuple[int, int, int, int]]] = {
    "person-1": (GROUP, (15, 200, 205, 460)),
    "person-2": (GROUP, (222, 80, 412, 340)),
    "person-3": (GROUP, (423, 206, 613, 466)),
    "person-4": (GROUP, (697, 278, 887, 538)),
    "person-5": (GROUP, (865, 2, 1055, 262)),
    "person-6": (GROUP, (1084, 206, 1274, 466)),
    "astronaut": (ASTRONAUT, (129, 10, 319, 270)),
}
"""Who -> package and file of the picture, and (left, top, right, bottom) in it."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One shot: who stands side by side, for how long, and how; `dark` leaves next to no light."""

    people: tuple[str, ...]
    seconds: float
    still: bool = False
    dark: bool = False


FILMS: dict[str, tuple[Shot, ...]] = {
    "harbour.mp4": (Shot(("person-1", "person-2"), 2.4), Shot(("person-3",), 2.0), Shot((), 1.6, still=True)),
    "market.mp4": (
        Shot(("person-3", "person-4"), 2.4),
        Shot(("person-3", "person-4"), 1.2, dark=True),
        Shot(("person-1",), 2.0),
    ),
    "station.mp4": (Shot(("person-5",), 2.2), Shot(("person-2",), 2.0)),
    "square.mp4": (
        Shot(("person-6", "person-5"), 2.4),
        Shot(("astronaut",), 2.0),
        Shot(("person-4",), 2.4, still=True),
    ),
    "interview.mp4": (Shot(("astronaut",), 2.6), Shot(("person-6", "person-1"), 2.2)),
}
UPRIGHT_BY_METADATA = frozenset({"station.mp4"})
"""Films that lie on their side, with a display matrix that says so: as phones write them."""
PHOTOGRAPH = ("portrait.jpg", "person-5")


def who_is_in() -> dict[str, set[str]]:
    """Name of a file -> who can be seen in it: the truth about the demo's footage."""
    films = {name: {who for shot in shots if not shot.dark for who in shot.people} for name, shots in FILMS.items()}
    return films | {PHOTOGRAPH[0]: {PHOTOGRAPH[1]}}


def stage(folder: Path) -> list[Path]:
    """Write the demo's footage; the same on every run.

    Raises:
        CrossidError: the folder cannot be written.
        FootageError: the pictures are not there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pictures = {who: _sitter(who) for who in SITTERS}
        for seed, (name, shots) in enumerate(FILMS.items()):
            _film(folder / name, shots, pictures, np.random.default_rng(seed), turned=name in UPRIGHT_BY_METADATA)
        _photograph(folder / PHOTOGRAPH[0], pictures[PHOTOGRAPH[1]])
    except (OSError, av.FFmpegError) as error:
        why = error.strerror or str(error)
        raise CrossidError(f"{folder} cannot be written: {why}.", remedy="Name another folder.") from None
    return [folder / name for name in who_is_in()]


def _sitter(who: str) -> Image:
    (package, file), (left, top, right, bottom) = SITTERS[who]
    spec = find_spec(package)
    for place in (spec.submodule_search_locations or []) if spec else []:
        picture = cv2.imread(str(Path(place, file)))
        if picture is not None:
            sitter: Image = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)[top:bottom, left:right]
            return sitter
    raise FootageError(
        f"The picture {file} of {package} is not there.", remedy=f"Install it again: pip install {package}"
    )


def _film(
    path: Path, shots: tuple[Shot, ...], pictures: dict[str, Image], random: np.random.Generator, *, turned: bool
) -> None:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=RATE)
        stream.width, stream.height = (HEIGHT, WIDTH) if turned else (WIDTH, HEIGHT)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1  # the same bytes on every machine
        stream.options = {"crf": str(random.integers(22, 29)), "preset": "veryfast"}
        stream.codec_context.time_base = Fraction(1, RATE)
        images = (image for shot in shots for image in _play(shot, pictures, random))
        for number, image in enumerate(images):
            lying = np.ascontiguousarray(np.rot90(image)) if turned else image
            frame = av.VideoFrame.from_ndarray(lying, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    if turned:
        _say_turned(path)


def _play(shot: Shot, pictures: dict[str, Image], random: np.random.Generator) -> list[Image]:
    """The images of a shot, (HEIGHT, WIDTH, 3) RGB."""
    count = int(shot.seconds * RATE)
    backdrop = _backdrop(random)
    moves = [_Move.draw(random, place, len(shot.people), still=shot.still) for place in range(len(shot.people))]
    images = []
    for number in range(count):
        image = backdrop.copy()
        for who, move in zip(shot.people, moves, strict=True):
            move.paste(pictures[who], image, number / max(count - 1, 1))
        if not shot.still:
            image = cv2.add(image, random.integers(0, 3, image.shape, dtype=np.uint8))
        images.append((image * 0.05).astype(np.uint8) if shot.dark else image)
    return images


@dataclass(frozen=True, slots=True)
class _Move:
    """How a picture goes through the frame: middles, heights, tilts and light at start and end; blur."""

    middles: NDArray[np.float64]
    heights: tuple[float, float]
    tilts: tuple[float, float]
    lights: tuple[float, float]
    blur: float

    @classmethod
    def draw(cls, random: np.random.Generator, place: int, places: int, *, still: bool) -> _Move:
        middle = np.array([(place + 0.5) * WIDTH / places, HEIGHT / 2])
        ends = middle + random.uniform(-1, 1, (2, 2)) * [20, 25]
        height, light = random.uniform(210, 290), random.uniform(0.75, 1.15)
        blur = float(random.choice([0, 0, 0.7]))
        if still:
            return cls(ends[[0, 0]], (height, height), (0, 0), (light, light), blur)
        heights = (height, height * random.uniform(0.9, 1.1))
        return cls(ends, heights, tuple(random.uniform(-6, 6, 2)), (light, random.uniform(0.75, 1.15)), blur)

    def paste(self, picture: Image, onto: Image, at: float) -> None:
        """Draw the picture as it is at moment `at` in [0, 1]."""
        height, tilt, light = (start + (end - start) * at for start, end in (self.heights, self.tilts, self.lights))
        matrix = cv2.getRotationMatrix2D((picture.shape[1] / 2, picture.shape[0] / 2), tilt, height / picture.shape[0])
        matrix[:, 2] += self.middles[0] + (self.middles[1] - self.middles[0]) * at - np.array(picture.shape[1::-1]) / 2
        shown = cv2.GaussianBlur(picture, (0, 0), self.blur) if self.blur else picture
        lit = np.clip(shown.astype(np.float32) * light, 0, 255).astype(np.uint8)
        size = (onto.shape[1], onto.shape[0])
        inside = cv2.warpAffine(np.full(picture.shape[:2], 255, np.uint8), matrix, size) > 127
        onto[inside] = cv2.warpAffine(lit, matrix, size, flags=cv2.INTER_AREA)[inside]


def _backdrop(random: np.random.Generator) -> Image:
    coarse = random.integers(30, 190, (5, 8, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _photograph(path: Path, picture: Image) -> None:
    large = cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    packed = cv2.imencode(".jpg", cv2.cvtColor(large, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 88])[1]
    path.write_bytes(packed.tobytes())


def _say_turned(path: Path) -> None:
    """Write a display matrix of a quarter turn clockwise into the track's header (ISO 14496-12, 8.3.2)."""
    content = bytearray(path.read_bytes())
    matrix = content.index(b"tkhd") + 4 + 40
    content[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, WIDTH << 16, 0, 1 << 30)
    path.write_bytes(content)
