"""Real clips and real re-encodes: what is there twice is found, and nothing else is."""

from fractions import Fraction
from pathlib import Path

import av
import pytest

from crossid import footage, frames
from crossid.errors import FootageError
from crossid.footage import FootageSettings
from crossid.types import Copy, Print, Span

pytestmark = pytest.mark.shared

TWICE = {("tss_biden.mp4", "tss_mixture.mp4"), ("vinicius_Obama.mp4", "vinicius_obam.mp4")}
ONE_CAMERA = ("intel_again.mkv", "intel_bird.mkv", "intel_book.mkv", "intel_learn.mkv", "intel_please.mkv")
DARK = ("emotionmorph_obama.mp4", "liveportrait_d20.mp4")
SAME_EVENT = ("soy2oon_trump1.mp4", "soy2oon_trump2.mp4", "vinicius_obama_curry.mp4")


def prints_of(file: Path) -> list[Print]:
    (found,) = footage.discover([file]).files
    video = footage.probe(found, file.name, FootageSettings())
    prints: list[Print] = []
    span = Span(video=video, index=0, start_s=0.0, end_s=None)
    for _ in frames.printed(footage.read(span, FootageSettings()), prints):
        pass
    return prints


def copies_among(files: list[Path]) -> list[Copy]:
    prints = {}
    for file in files:
        try:
            prints[file.name] = prints_of(file)
        except FootageError:  # sound only
            continue
    return frames.find_copies(prints, prints)


def encoded(source: Path, out: Path, *, start_s: float, length_s: float, height: int, rate: int, quality: int) -> Path:
    """A part of a video, cut out, scaled, at another rate, packed hard."""
    with av.open(str(source)) as film, av.open(str(out), "w") as target:
        video = film.streams.video[0]
        stream = target.add_stream("libx264", rate=rate)
        stream.height, stream.pix_fmt = height, "yuv420p"
        stream.width = round(video.width * height / video.height / 2) * 2
        stream.options = {"crf": str(quality), "preset": "veryfast"}
        shown = 0
        for frame in film.decode(video):
            since = float(frame.pts * video.time_base) - start_s
            if since < 0 or int(since * rate) < shown:
                continue
            if since > length_s:
                break
            small = frame.reformat(width=stream.width, height=height, format="yuv420p")
            small.pts, small.time_base, small.pict_type = shown, Fraction(1, rate), av.video.frame.PictureType.NONE
            target.mux(stream.encode(small))
            shown += 1
        target.mux(stream.encode(None))
    return out


def test_what_is_there_twice_is_found_and_strangers_are_not(shared_data: Path) -> None:
    real = shared_data / "footage" / "real"
    names = [*(name for pair in TWICE for name in pair), *ONE_CAMERA, *DARK, *SAME_EVENT]
    found = copies_among([real / name for name in names])
    assert {(copy.video, copy.other) for copy in found} == TWICE


@pytest.mark.slow
def test_nothing_else_of_all_real_and_staged_footage_is_there_twice(shared_data: Path) -> None:
    files = [file for place in ("real", "staged-dev") for file in sorted((shared_data / "footage" / place).glob("*.*"))]
    found = copies_among([file for file in files if file.suffix not in {".csv", ".json"}])
    assert {(copy.video, copy.other) for copy in found} == TWICE


@pytest.mark.parametrize(
    ("name", "start_s", "length_s", "height", "rate", "quality"),
    [
        pytest.param("staged-003.mp4", 0.0, 60.0, 540, 25, 40, marks=pytest.mark.slow),
        ("staged-004.mp4", 7.31, 9.0, 360, 25, 30),
        pytest.param("staged-005.mp4", 4.6, 12.0, 240, 15, 34, marks=pytest.mark.slow),
    ],
)
def test_a_part_that_is_encoded_anew_is_put_to_its_place(
    shared_data: Path,
    tmp_path: Path,
    name: str,
    start_s: float,
    length_s: float,
    height: int,
    rate: int,
    quality: int,
) -> None:
    whole = shared_data / "footage" / "staged-dev" / name
    part = encoded(
        whole, tmp_path / "part.mp4", start_s=start_s, length_s=length_s, height=height, rate=rate, quality=quality
    )
    (copy,) = copies_among([whole, part])
    offset_s = copy.offset_s if copy.video == name else -copy.offset_s
    assert abs(offset_s - start_s) <= 0.25
    assert copy.end_s - copy.start_s >= 0.7 * min(length_s, 15.0)
