"""A redacted film is decoded again and each single picture of it looked at."""

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from crossid.cli import app
from flashes import FLASH_S, beeps, seen, write_flashes

SIDE_PX = 110
RATE = 25


def redact(*words: object) -> Result:
    return CliRunner().invoke(app, ["redact", *map(str, words)])


def head(astronaut: Path) -> Image.Image:
    return Image.open(astronaut).convert("RGB").crop((150, 20, 300, 200)).resize((SIDE_PX, 132))


FACE = (18, 30, 92, 125)
"""Her face within `head`: eyes, nose and mouth."""


def where(number: int) -> tuple[int, int]:
    """Left upper corner of the head in a picture: it wanders, and jumps with the cut at picture 40."""
    return (20 + 6 * number, 60 + round(20 * np.sin(number / 5))) if number < 40 else (330 - 5 * (number - 40), 90)


@pytest.fixture(scope="module")
def film(astronaut: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of one face that moves, before two backgrounds; in pictures 12 to 14 it cannot be made out."""
    path = tmp_path_factory.mktemp("film") / "walk.mp4"
    face = np.asarray(head(astronaut))
    blank = np.full_like(face, 70)
    with av.open(str(path), "w") as out:
        out.metadata["location"] = "+52.5+013.4/"
        stream = out.add_stream("libx264", rate=RATE, options={"crf": "12"})
        stream.width, stream.height, stream.pix_fmt = 480, 270, "yuv420p"
        for number in range(75):
            image = np.full((270, 480, 3), 120 if number < 40 else 30, np.uint8)
            image[::16] = 180 if number < 40 else 200
            left, top = where(number)
            image[top : top + 132, left : left + SIDE_PX] = blank if 12 <= number < 15 else face
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def slipped(source: Path, covered: Path) -> list[int]:
    """Numbers of pictures in which not all of the face is black."""
    pictures = seen(covered)
    assert len(pictures) == len(seen(source))
    left, top, right, bottom = FACE
    return [
        number
        for number, (_, image) in enumerate(pictures)
        for x, y in [where(number)]
        if not 12 <= number < 15 and image[y + top : y + bottom, x + left : x + right].max() > 40
    ]


@pytest.mark.parametrize("looks", [0, 8])
def test_no_single_picture_slips_through(film: Path, tmp_path: Path, looks: int) -> None:
    done = redact(film, tmp_path / "safe.mp4", "--how", "box", "--looks", looks, "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["looked_at"] < 75 / 2 if looks else told["looked_at"] == 75
    assert slipped(film, tmp_path / "safe.mp4") == []
    picture = seen(tmp_path / "safe.mp4")[20][1]
    assert picture.mean() > 60  # the rest of the picture is there


def test_what_the_original_says_of_its_making_stays_behind(film: Path, tmp_path: Path) -> None:
    assert redact(film, tmp_path / "safe.mp4", "--how", "pixelate").exit_code == 0
    with av.open(str(tmp_path / "safe.mp4")) as copy:
        assert not {key for key in copy.metadata if "location" in key.lower() or "creation" in key.lower()}
    assert b"+52.5" not in (tmp_path / "safe.mp4").read_bytes()
    (tmp_path / "safe.mp4").unlink()


def test_sound_is_kept_in_its_place_or_left_out(tmp_path: Path) -> None:
    film = write_flashes(tmp_path / "beeps.mp4", seconds=3)
    assert redact(film, tmp_path / "safe.mp4", "--looks", 2, "-q").exit_code == 0
    assert [round(at_s) for at_s in beeps(tmp_path / "safe.mp4")] == [0, 1, 2]
    assert all(abs(at_s - round(at_s)) < 0.04 < FLASH_S for at_s in beeps(tmp_path / "safe.mp4"))
    assert redact(film, tmp_path / "quiet.mp4", "--looks", 2, "--silent").exit_code == 0
    assert beeps(tmp_path / "quiet.mp4") == []


def test_a_photograph_of_ten_faces_is_covered_too(six_people: Path, tmp_path: Path) -> None:
    done = redact(six_people, tmp_path / "safe.png", "--how", "box", "--json")
    told = json.loads(done.stdout)
    assert (told["pictures"], told["left"]) == (1, 0)
    assert told["faces"] >= 6
    image = np.asarray(Image.open(tmp_path / "safe.png"))
    assert (image.max(axis=2) == 0).mean() > 0.05


def test_wishes_that_make_no_sense_are_refused(film: Path, tmp_path: Path) -> None:
    for words, code in (
        ((film, tmp_path / "a.avi"), 2),
        ((film, film), 2),
        ((film, tmp_path / "a.mp4", "--how", "smear"), 2),
        ((film, tmp_path / "a.mp4", "--but", "P-000001", "--only", "P-000001", "--archive", tmp_path / "no"), 5),
        ((film, tmp_path / "a.mp4", "--but", "P-000001", "--archive", tmp_path / "no"), 5),
        ((tmp_path / "absent.mp4", tmp_path / "a.mp4"), 3),
    ):
        done = redact(*words)
        assert done.exit_code == code, done.stderr
        assert len(done.stderr.splitlines()) == 2
    assert not (tmp_path / "a.mp4").exists()
