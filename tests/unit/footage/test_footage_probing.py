"""What a file is, how large, how long and how it lies is told before it is watched, or refused with a remedy."""

from fractions import Fraction
from pathlib import Path

import pytest
from media import lay_down, probed, watched, write_film, write_sound
from PIL import Image

from crossid import footage
from crossid.errors import FootageError
from crossid.footage import FoundFile
from crossid.footage.probing import probe_file

FORMATS = {
    "a.mp4": "libx264",
    "a.mov": "mpeg4",
    "a.mkv": "libx264",
    "a.webm": "libvpx",
    "a.avi": "mpeg4",
    "b.avi": "libx264",
    "a.mpg": "mpeg1video",
    "a.ts": "libx264",
    "a.flv": "libx264",
    "a.wmv": "wmv2",
    "a.m2v": "mpeg2video",
    "a.h264": "libx264",
}


def refused(path: Path, *, match: str, max_pixels: int = 70_000_000) -> None:
    """Probing raises one sentence with a remedy."""
    found = FoundFile(path=path, name=path.name, size_bytes=0, modified_ns=0)
    with pytest.raises(FootageError, match=match) as caught:
        probe_file(found, "id", max_pixels=max_pixels)
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "codec"), FORMATS.items())
def test_every_format_tells_its_size_and_length_and_starts_at_zero(tmp_path: Path, name: str, codec: str) -> None:
    path = write_film(tmp_path / name, codec=codec, options={"bf": "0" if codec == "wmv2" else "2"})
    video = probed(path)
    assert (video.kind, video.width, video.height, video.rate) == ("video", 96, 64, Fraction(25))
    assert video.duration_s == pytest.approx(2.0, abs=0.4)  # of a program stream FFmpeg makes a guess
    pictures = watched(path)
    assert [one.number for one in pictures] == list(range(50))
    assert [one.moment.seconds for one in pictures] == pytest.approx([n / 25 for n in range(50)], abs=0.001)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_a_variable_rate_keeps_every_time_exact(tmp_path: Path, name: str) -> None:
    stamps = [0, 33, 66, 400, 410, 1500, 1533, 3000]
    path = write_film(tmp_path / name, frames=len(stamps), stamps=stamps, options={"bf": "0"})
    tick = 1 / 12_800 if name == "a.mp4" else 1e-9
    assert [one.moment.seconds for one in watched(path)] == pytest.approx([at / 1000 for at in stamps], abs=tick)
    assert 3.0 <= probed(path).duration_s < 4.5


@pytest.mark.parametrize(("turn", "size"), [((0, 1, -1, 0), (64, 96)), ((-1, 0, 0, -1), (96, 64))])
def test_a_film_that_lies_is_measured_upright(
    tmp_path: Path, turn: tuple[int, int, int, int], size: tuple[int, int]
) -> None:
    video = probed(lay_down(write_film(tmp_path / "a.mp4", frames=2), *turn))
    assert (video.width, video.height) == size


def test_one_frame_is_a_film_all_the_same(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", frames=1)
    assert probed(path).kind == "video"
    (picture,) = watched(path)
    assert picture.moment.seconds == 0


@pytest.mark.parametrize(("name", "codec", "pix_fmt"), [("a.mkv", "ffv1", "yuv444p"), ("a.gif", "gif", "rgb8")])
def test_one_pixel_is_enough(tmp_path: Path, name: str, codec: str, pix_fmt: str) -> None:
    path = write_film(tmp_path / name, frames=3, size=(1, 1), codec=codec, pix_fmt=pix_fmt)
    pictures = watched(path)
    assert [one.luma.shape for one in pictures] == [(1, 1)] * 3
    assert pictures[0].render().shape == (1, 1, 3)


def test_8k_is_read(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", frames=2, size=(7680, 4320), options={"preset": "ultrafast"})
    assert (probed(path).width, probed(path).height) == (7680, 4320)
    first, _ = watched(path)
    assert first.luma.shape == (180, 320)
    assert first.render().shape == (4320, 7680, 3)
    refused(path, max_pixels=33_000_000, match="more than the 33,000,000 pixels")


def test_a_film_under_a_photographs_name_is_a_film(tmp_path: Path) -> None:
    assert probed(write_film(tmp_path / "a.mp4").rename(tmp_path / "a.jpg")).kind == "video"


def test_an_animated_gif_is_a_film_and_a_still_one_a_photograph(tmp_path: Path) -> None:
    images = [Image.new("RGB", (40, 30), (shade, 90, 9)) for shade in (0, 99, 200)]
    images[0].save(tmp_path / "one.gif")
    images[0].save(tmp_path / "many.gif", save_all=True, append_images=images[1:], duration=[100, 300, 200])
    assert probed(tmp_path / "one.gif").kind == "still"
    video = probed(tmp_path / "many.gif")
    assert (video.kind, video.duration_s) == ("video", pytest.approx(0.6))
    assert [one.moment.seconds for one in watched(tmp_path / "many.gif")] == [0.0, 0.1, 0.4]


def test_an_animation_that_cannot_be_played_is_refused_not_taken_for_its_first_picture(tmp_path: Path) -> None:
    images = [Image.new("RGB", (40, 30), (shade, 90, 9)) for shade in (0, 99)]
    images[0].save(tmp_path / "a.webp", save_all=True, append_images=images[1:], duration=100)
    refused(tmp_path / "a.webp", match="animated WEBP")


@pytest.mark.parametrize("brand", [b"hevc", b"hevx", b"hevm", b"hevs"])
def test_a_sequence_of_heic_photographs_is_a_film_where_it_holds_one_and_is_called_what_it_is(
    tmp_path: Path, brand: bytes
) -> None:
    film = write_film(tmp_path / "a.mp4", frames=5).read_bytes()
    (tmp_path / "live.heics").write_bytes(film[:8] + brand + film[12:].replace(b"vide", b"pict"))
    assert (probed(tmp_path / "live.heics").kind, len(watched(tmp_path / "live.heics"))) == ("video", 5)
    (tmp_path / "burst.heics").write_bytes(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0msf1" + brand + bytes(200))
    refused(tmp_path / "burst.heics", match="a sequence of HEIC photographs, which cannot be decoded here")


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    refused(write_sound(tmp_path / "a.mp4"), match=r"a\.mp4 holds sound only\.")


def test_what_is_not_there_or_no_footage_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("#EXTM3U\nhttp://localhost/secret.ts\n")
    (tmp_path / "empty.mp4").write_bytes(b"")
    refused(tmp_path / "a.mp4", match="neither a video nor a photograph")
    refused(tmp_path / "empty.mp4", match="is empty")
    refused(tmp_path / "gone.mp4", match="is not there")
    refused(tmp_path, match="cannot be read: Is a directory")


def test_a_film_whose_pictures_cannot_be_decoded_is_refused(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mkv", codec="mpeg4", frames=30)
    content = path.read_bytes()
    start = content.index(b"\x1f\x43\xb6\x75")  # the first cluster
    path.write_bytes(content[:start] + content[start:].replace(b"\0\0\x01\xb6", b"\0\0\x00\x00"))
    refused(path, match="not one picture in it can be decoded")


def test_a_read_uses_no_other_file(tmp_path: Path) -> None:
    """A QuickTime movie may point at other files; what it points at is not opened."""
    secret = write_film(tmp_path / "secret.mp4", frames=5)
    playlist = b"ffconcat version 1.0\nfile " + str(secret).encode() + b"\n"
    (tmp_path / "a.mp4").write_bytes(playlist)
    assert footage.discover([tmp_path]).mishaps[0].video == "a.mp4"
    refused(tmp_path / "a.mp4", match="neither")
