"""A photograph is one upright 8-bit RGB picture, whatever it was stored as."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from media import probed, watched
from PIL import Image, ImageOps

from crossid import footage
from crossid.errors import FootageError
from crossid.footage import FootageSettings

COLOUR = (200, 100, 50)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.bmp", "a.tiff", "a.gif"])
def test_photographs_are_one_picture_at_zero(tmp_path: Path, name: str) -> None:
    Image.new("RGB", (500, 300), COLOUR).save(tmp_path / name)
    video = probed(tmp_path / name)
    assert (video.kind, video.width, video.height, video.duration_s, video.rate) == ("still", 500, 300, 0.0, 0)
    (picture,) = watched(tmp_path / name)
    assert (picture.moment.seconds, picture.number, picture.luma.shape) == (0.0, 0, (192, 320))
    assert picture.render()[150, 250].tolist() == pytest.approx(COLOUR, abs=4)
    assert int(picture.luma[90, 160]) == pytest.approx(124, abs=4)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honoured(tmp_path: Path, orientation: int) -> None:
    image = Image.fromarray(np.random.default_rng(0).integers(0, 255, (4, 6, 3), dtype=np.uint8)).resize((60, 40))
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(tmp_path / "a.png", exif=exif)
    with Image.open(tmp_path / "a.png") as lying:
        upright = np.asarray(ImageOps.exif_transpose(lying))
    video, (picture,) = probed(tmp_path / "a.png"), watched(tmp_path / "a.png")
    assert (video.height, video.width) == upright.shape[:2] == picture.luma.shape
    assert np.array_equal(picture.render(), upright)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr", "I;16", "I"])
def test_every_kind_of_pixel_becomes_8_bit_rgb(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("a.jpg" if mode in ("CMYK", "YCbCr") else "a.tiff")
    if mode.startswith("I"):
        image = Image.fromarray(np.full((8, 8), 0x80FF, np.uint16 if mode == "I;16" else np.int32))
    else:
        image = Image.new("RGB", (8, 8), (128, 128, 128)).convert(mode)
    image.save(path)
    picture = watched(path)[0].render()
    assert (picture.shape, picture.dtype) == ((8, 8, 3), np.uint8)
    assert picture.mean() == pytest.approx(128, abs=2 if mode != "1" else 30)


def test_what_is_transparent_is_black(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(tmp_path / "a.png")
    assert watched(tmp_path / "a.png")[0].render().max() == 0


def test_a_picture_of_one_pixel(tmp_path: Path) -> None:
    Image.new("RGB", (1, 1), COLOUR).save(tmp_path / "a.png")
    assert watched(tmp_path / "a.png")[0].luma.shape == (1, 1)


@pytest.mark.parametrize("side", [9_000, 20_000])
def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path, side: int) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(bomb)
    with pytest.raises(FootageError, match="more than the 70,000,000 pixels") as caught:
        probed(tmp_path / "a.png")
    assert "footage.max_pixels" in caught.value.remedy


def test_heic_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200))
    with pytest.raises(FootageError, match="stored as HEIC") as caught:
        probed(tmp_path / "a.heic")
    assert "JPEG" in caught.value.remedy


def test_a_photograph_that_breaks_off_is_damaged(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (300, 300, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.jpg")
    content = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(content[: len(content) // 2])
    video = probed(tmp_path / "a.jpg")
    with pytest.raises(FootageError, match=r"a\.jpg is damaged: .*truncated"):
        list(footage.read(footage.spans(video, FootageSettings())[0], FootageSettings()))
