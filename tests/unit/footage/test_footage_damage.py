"""What is left of a damaged film is read, and what is missing is told."""

from pathlib import Path

import pytest
from media import probed, write_film

from crossid import footage
from crossid.errors import FootageError
from crossid.footage import FootageSettings
from crossid.types import Picture, Span

SETTINGS = FootageSettings(span_s=1.0)


def cut_off(path: Path, share: float) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def read(span: Span) -> tuple[list[Picture], str]:
    """The pictures of a span, and what the error said."""
    pictures: list[Picture] = []
    try:
        pictures.extend(footage.read(span, SETTINGS))
    except FootageError as error:
        return pictures, str(error) if error.remedy else "no remedy"
    return pictures, ""


def noisy(path: Path, gop: int = 25, **how: object) -> Path:
    options = {"g": str(gop), "sc_threshold": "1000000000"}  # key pictures where they are wanted and nowhere else
    return write_film(path, frames=100, options=options, **how)


def whole(path: Path) -> Span:
    return Span(video=probed(path), index=0, start_s=0.0, end_s=None)


def test_without_its_index_an_mp4_cannot_be_read(tmp_path: Path) -> None:
    path = cut_off(noisy(tmp_path / "a.mp4"), 0.8)
    with pytest.raises(FootageError, match="its index is missing") as caught:
        probed(path)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("name", "muxer"), [("a.mp4", {"movflags": "faststart"}), ("a.mkv", {}), ("a.flv", {})], ids=["mp4", "mkv", "flv"]
)
def test_a_film_that_breaks_off_is_read_up_to_there(tmp_path: Path, name: str, muxer: dict[str, str]) -> None:
    pictures, said = read(whole(cut_off(noisy(tmp_path / name, muxer=muxer), 0.6)))
    assert 40 <= len(pictures) <= 75
    assert said.startswith(f"{name} breaks off at {len(pictures) / 25:.1f} s of 4.0 s")


def test_every_span_behind_the_break_says_so(tmp_path: Path) -> None:
    path = cut_off(noisy(tmp_path / "a.mp4", muxer={"movflags": "faststart"}), 0.5)
    first, *_, last_but_one, last = [read(span) for span in footage.spans(probed(path), SETTINGS)]
    assert len(first[0]) == 25
    assert first[1] == ""
    assert "breaks off" in last_but_one[1]
    assert last == ([], "a.mp4 breaks off before 3.0 s of 4.0 s.")


def test_a_little_less_than_was_stated_is_no_break(tmp_path: Path) -> None:
    """Sound that goes on for half a second after the last picture is no damage."""
    path = noisy(tmp_path / "a.mkv")
    content = path.read_bytes().replace(b"00:00:04.000000000", b"00:00:04.500000000")
    path.write_bytes(content)
    assert probed(path).duration_s == 4.5
    assert read(whole(path))[1] == ""


def test_damaged_places_are_passed_over_and_told(tmp_path: Path) -> None:
    path = noisy(tmp_path / "a.mkv", codec="mpeg4")
    content = bytearray(path.read_bytes())
    headers = [at for at in range(len(content)) if content[at : at + 4] == b"\0\0\x01\xb6"]
    for at in headers[60:63]:
        content[at : at + 8] = bytes(8)
    path.write_bytes(content)
    pictures, said = read(whole(path))
    assert 95 <= len(pictures) <= 98
    assert said.startswith("a.mkv is damaged from 2.")
    assert "passed over (3 packets)" in said


def test_damage_is_told_by_the_span_it_is_in(tmp_path: Path) -> None:
    """Spans three and four both read it, for both begin at the key picture before it."""
    path = noisy(tmp_path / "a.mkv", gop=50, codec="mpeg4")
    content = bytearray(path.read_bytes())
    headers = [at for at in range(len(content)) if content[at : at + 4] == b"\0\0\x01\xb6"]
    content[headers[62] : headers[62] + 8] = bytes(8)
    path.write_bytes(content)
    told = [read(span)[1] for span in footage.spans(probed(path), SETTINGS)]
    assert [bool(one) for one in told] == [False, False, True, False]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.avi", "a.mpg", "a.gif", "a.png", "a.jpg", "a.flv"])
def test_no_garbage_brings_anything_but_pictures_or_a_sentence(tmp_path: Path, name: str) -> None:
    """Every 64th byte of a small file is turned over, in 16 ways: FootageError is all that is raised."""
    codecs = {"a.mpg": "mpeg1video", "a.gif": "gif", "a.png": "apng", "a.jpg": "mjpeg"}
    formats = {"a.gif": "rgb8", "a.png": "rgb24", "a.jpg": "yuvj420p"}
    made = tmp_path / ("made.apng" if name == "a.png" else f"made{Path(name).suffix}")
    if name == "a.jpg":
        made = tmp_path / "made.mjpeg"
    write_film(made, frames=8, codec=codecs.get(name, "libx264"), pix_fmt=formats.get(name, "yuv420p"))
    content = made.read_bytes()
    for phase in range(0, 64, 4):
        broken = bytearray(content)
        broken[phase::64] = bytes(byte ^ 0xFF for byte in broken[phase::64])
        (tmp_path / name).write_bytes(broken)
        for found in footage.discover([tmp_path / name]).files:
            try:
                video = footage.probe(found, "id", FootageSettings())
                for picture in footage.read(footage.spans(video, SETTINGS)[0], SETTINGS):
                    picture.render()
            except FootageError as error:
                assert error.remedy  # noqa: PT017 - pictures are as good an answer
