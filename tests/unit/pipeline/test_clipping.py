"""Clips are decoded again: their length, their sound, what they show, and what they say of themselves."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from crossid.cli import app
from flashes import HEIGHT, archive_of, beeps, flashes, length_s, number_of, seen, write_flashes
from places import ROOT

FRAME_S = 1 / 25
IN_SYNC_S = 0.04


def clips(archive: Path, out: Path, *words: object) -> Result:
    words = ("clips", "P-000001", out, "--archive", archive, *words)
    return CliRunner().invoke(app, list(map(str, words)))


def cut(archive: Path, out: Path, *words: object, code: int = 0) -> list[dict]:
    done = clips(archive, out, *words, "--json", "--quiet")
    assert done.exit_code == code, done.stderr
    return json.loads(done.stdout)["clips"]


def in_sync(path: Path) -> None:
    lit, loud = flashes(path), beeps(path)
    assert len(lit) >= 2
    assert len(lit) == len(loud), (lit, loud)
    assert max(abs(a - b) for a, b in zip(lit, loud, strict=True)) < IN_SYNC_S


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_flashes(tmp_path_factory.mktemp("film") / "day.mp4")


@pytest.fixture(scope="module")
def archive(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody is seen from 1.4 to 3 s and from 7 to 8 s."""
    return archive_of(tmp_path_factory.mktemp("kept") / "archive", [original], {"day.mp4": [(1.4, 3.0), (7.0, 8.0)]})


def test_a_clip_is_as_long_as_it_says_and_shows_the_pictures_of_its_time(archive: Path, tmp_path: Path) -> None:
    first, second = cut(archive, tmp_path / "out")
    assert (first["start_s"], first["end_s"], first["length_s"]) == (0.4, 4.0, 3.6)
    for one in (first, second):
        file = tmp_path / "out" / one["file"]
        pictures = seen(file)
        assert abs(length_s(file) - one["length_s"]) <= FRAME_S + 0.001
        assert len(pictures) == one["pictures"] == round(one["length_s"] * 25)
        assert [number_of(image) for _, image in pictures] == [
            round(one["start_s"] * 25) + place for place in range(len(pictures))
        ]
        in_sync(file)


def test_handles_are_as_asked_for_and_end_where_the_film_does(archive: Path, tmp_path: Path) -> None:
    first, second = cut(archive, tmp_path / "none", "--handles", 0)
    assert (first["start_s"], first["end_s"]) == (1.4, 3.0)
    (whole,) = cut(archive, tmp_path / "long", "--handles", 30)
    assert (whole["start_s"], whole["end_s"]) == (0.0, 10.0)
    assert len(whole["appearances"]) == 2
    assert second["appearances"][0]["start_s"] == 7.0


def test_a_clip_tells_where_it_comes_from_and_where_the_face_is(archive: Path, original: Path, tmp_path: Path) -> None:
    (first, _) = cut(archive, tmp_path / "out")
    beside = json.loads((tmp_path / "out" / first["file"]).with_suffix(".json").read_text())
    whole = json.loads((tmp_path / "out/metadata.json").read_text())
    assert beside == first == whole["clips"][0]
    assert first["video"] == "day.mp4"
    assert first["video_sha256"] == __import__("hashlib").sha256(original.read_bytes()).hexdigest()
    assert first["boxes"][0] == {"time_s": 1.4, "clip_s": 1.0, "box": [27.0, 30.0, 57.0, 70.0]}
    assert len(first["boxes"]) == 9
    assert str(tmp_path) not in json.dumps(whole)


@pytest.mark.parametrize(
    ("sound_from_s", "ending"),
    [
        (-0.7, "mp4"),
        (0.6, "mkv"),
        pytest.param(0.6, "mp4", marks=pytest.mark.slow),
        pytest.param(-0.7, "mkv", marks=pytest.mark.slow),
    ],
)
def test_sound_that_begins_before_or_after_the_pictures_keeps_its_place(
    tmp_path: Path, sound_from_s: float, ending: str
) -> None:
    film = write_flashes(tmp_path / f"lead.{ending}", seconds=6, sound_from_s=sound_from_s)
    archive = archive_of(tmp_path / "kept", [film], {film.name: [(1.0, 1.4), (4.0, 5.0)]})
    for one in cut(archive, tmp_path / "out", "--handles", 0.7):
        in_sync(tmp_path / "out" / one["file"])


def test_a_variable_frame_rate_survives(tmp_path: Path) -> None:
    """Every picture stays as long as it did, also the one that was on show when the clip begins."""
    rng = np.random.default_rng(3)
    stamps = [0.0, *np.cumsum(rng.choice([0.02, 0.05, 0.4], 40)).round(3).tolist()]
    film = write_flashes(tmp_path / "phone.mp4", seconds=stamps[-1] + 0.1, stamps_s=stamps)
    start_s = stamps[12] + 0.005
    archive = archive_of(tmp_path / "kept", [film], {"phone.mp4": [(start_s, start_s + 1.5)]})
    (one,) = cut(archive, tmp_path / "out", "--handles", 0)
    shown = {number_of(image): at_s for at_s, image in seen(tmp_path / "out" / one["file"])}
    expected = {
        number: max(0.0, at_s - one["start_s"])
        for number, (at_s, next_s) in enumerate(zip(stamps, [*stamps[1:], 99], strict=True))
        if next_s > one["start_s"] + 0.001 and at_s < one["end_s"] - 0.001
    }
    assert shown.keys() == expected.keys()
    assert max(abs(shown[number] - expected[number]) for number in shown) < 0.002
    assert abs(length_s(tmp_path / "out" / one["file"]) - one["length_s"]) <= FRAME_S + 0.001


def test_a_film_that_lies_on_its_side_is_cut_upright(tmp_path: Path) -> None:
    film = write_flashes(tmp_path / "side.mp4", seconds=3)
    content = bytearray(film.read_bytes())
    matrix = content.index(b"tkhd") + 4 + 40
    turned = [0, 1 << 16, 0, -1 << 16 & 0xFFFFFFFF, 0, 0, 0, 0, 1 << 30]
    content[matrix : matrix + 36] = b"".join(value.to_bytes(4, "big") for value in turned)
    film.write_bytes(content)
    archive = archive_of(tmp_path / "kept", [film], {"side.mp4": [(1.0, 1.4)]})
    (one,) = cut(archive, tmp_path / "out")
    image = seen(tmp_path / "out" / one["file"])[1][1]
    assert image.shape == (160, HEIGHT, 3)
    assert number_of(np.rot90(image)) == 1  # turned back by a quarter


def test_a_fast_clip_is_copied_from_the_key_picture_before(archive: Path, original: Path, tmp_path: Path) -> None:
    first, second = cut(archive, tmp_path / "out", "--fast")
    assert (first["how"], first["start_s"], second["start_s"]) == ("fast", 0.0, 5.76)
    file = tmp_path / "out" / second["file"]
    assert number_of(seen(file)[0][1]) == 144
    assert abs(length_s(file) - second["length_s"]) <= FRAME_S + 0.001
    in_sync(file)
    originals = {image.tobytes() for _, image in seen(original)}
    assert all(image.tobytes() in originals for _, image in seen(file))  # not encoded anew
    shown = clips(archive, tmp_path / "again", "--fast")
    assert "key picture" in shown.stdout


def test_a_reel_shows_all_clips_behind_captions(archive: Path, tmp_path: Path) -> None:
    first, second = cut(archive, tmp_path / "out", "--joined")
    reel = tmp_path / "out/reel.mp4"
    assert abs(length_s(reel) - (2 + first["length_s"] + 2 + second["length_s"])) <= FRAME_S + 0.001
    pictures = dict(seen(reel))
    assert number_of(next(image for at_s, image in pictures.items() if at_s >= 2.0)) == 10
    loud = beeps(reel)
    lit = [at_s for at_s in flashes(reel) if at_s >= 2.0]
    assert len(loud) == len(lit) == 6
    assert max(abs(a - b) for a, b in zip(lit, loud, strict=True)) < IN_SYNC_S
    caption = next(iter(pictures.values()))
    assert caption.max() > 200  # words
    assert caption[:4].max() < 30


def test_boxes_are_drawn_where_the_face_is_also_between_two_looks(archive: Path, tmp_path: Path) -> None:
    first, _ = cut(archive, tmp_path / "out", "--boxes")
    for at_s, image in seen(tmp_path / "out" / first["file"]):
        time_s = at_s + first["start_s"]
        column = image[45:60, round(20 + 5 * time_s) - 1 : round(20 + 5 * time_s) + 3].reshape(-1, 3).astype(int)
        yellow = (column[:, 0] - column[:, 2] > 60).any()
        assert yellow == (1.39 <= time_s <= 3.01), time_s


def test_a_photograph_is_copied_and_said_to_be_one(tmp_path: Path) -> None:
    Image.fromarray(np.full((96, 160, 3), 90, np.uint8)).save(tmp_path / "still.png")
    archive = archive_of(tmp_path / "kept", [tmp_path / "still.png"], {"still.png": [(0.0, 0.0)]})
    (one,) = cut(archive, tmp_path / "out", "--joined")
    assert (one["how"], one["length_s"]) == ("still", 0.0)
    assert (tmp_path / "out" / one["file"]).read_bytes() == (tmp_path / "still.png").read_bytes()
    (framed,) = cut(archive, tmp_path / "framed", "--boxes")
    assert np.asarray(Image.open(tmp_path / "framed" / framed["file"])).max() == 255
    assert "Photographs are not cut" in clips(archive, tmp_path / "more").stdout


def test_an_original_that_was_moved_is_found_by_name_or_by_what_it_holds(tmp_path: Path) -> None:
    film = write_flashes(tmp_path / "a.mp4", seconds=2)
    archive = archive_of(tmp_path / "kept", [film], {"a.mp4": [(0.4, 1.0)]})
    (tmp_path / "elsewhere").mkdir()
    shutil.move(film, tmp_path / "elsewhere/renamed.mp4")
    done = clips(archive, tmp_path / "out")
    assert done.exit_code == 3
    assert "--footage DIR" in done.stderr
    assert not (tmp_path / "out").exists()
    assert len(cut(archive, tmp_path / "out", "--footage", tmp_path / "elsewhere")) == 1


def test_a_copy_that_was_scanned_serves_as_the_original(tmp_path: Path) -> None:
    film = write_flashes(tmp_path / "footage/a.mp4", seconds=2)
    archive = archive_of(tmp_path / "kept", [tmp_path / "footage"], {"a.mp4": [(0.4, 1.0)]})
    (tmp_path / "disk").mkdir()
    shutil.copy(film, tmp_path / "disk/b.mp4")
    archive_of(archive, [tmp_path / "disk"], {})
    film.unlink()
    assert len(cut(archive, tmp_path / "out")) == 1


def test_an_original_that_was_changed_is_refused(tmp_path: Path) -> None:
    film, other = write_flashes(tmp_path / "a.mp4", seconds=2), write_flashes(tmp_path / "b.mp4", seconds=3)
    shown = {"a.mp4": [(0.4, 1.0)], "b.mp4": [(0.4, 1.0)]}
    archive = archive_of(tmp_path / "kept", [film, other], shown)
    content = bytearray(film.read_bytes())
    content[-1] ^= 1  # same size, other bytes
    film.write_bytes(content)
    done = clips(archive, tmp_path / "out")
    assert done.exit_code == 6
    assert "its SHA-256 differs" in done.stdout
    assert [one["video"] for one in json.loads((tmp_path / "out/metadata.json").read_text())["clips"]] == ["b.mp4"]


def test_a_full_disk_leaves_no_half_clip(archive: Path, tmp_path: Path) -> None:
    code = (
        "import resource, runpy, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40000, 40000));"
        "sys.argv = ['crossid', *sys.argv[1:]]; runpy.run_module('crossid', run_name='__main__')"
    )
    words = ["clips", "P-000001", str(tmp_path / "out"), "--archive", str(archive), "--handles", "30"]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, cwd=ROOT, check=False, timeout=120
    )
    assert done.returncode == 1, done.stderr
    assert "cannot be written" in done.stderr
    assert not (tmp_path / "out").exists()


def test_who_is_nobody_or_has_no_appearance_is_refused(archive: Path, tmp_path: Path) -> None:
    words = ["clips", "P-000009", str(tmp_path / "out"), "--archive", str(archive)]
    assert CliRunner().invoke(app, words).exit_code == 5
    empty = archive_of(tmp_path / "kept", [], {})
    done = clips(empty, tmp_path / "out")
    assert done.exit_code == 5
    assert "has no appearance" in done.stderr


def test_a_folder_with_files_and_the_archive_itself_are_refused(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert clips(archive, tmp_path).exit_code == 2
    assert clips(archive, archive / "clips").exit_code == 2
    assert clips(archive, tmp_path / "out", "--fast", "--boxes").exit_code == 2


def test_a_fast_clip_of_matroska_holds_every_picture_of_its_time(tmp_path: Path) -> None:
    """Matroska does not say when pictures are decoded, and stores some behind those that are shown later."""
    film = write_flashes(tmp_path / "day.mkv", seconds=6)
    archive = archive_of(tmp_path / "kept", [film], {"day.mkv": [(2.0, 2.6)]})
    (one,) = cut(archive, tmp_path / "out", "--fast")
    numbers = [number_of(image) for _, image in seen(tmp_path / "out" / one["file"])]
    assert numbers == list(range(numbers[0], numbers[0] + one["pictures"]))
    assert numbers[0] <= 25 <= 89 <= numbers[-1] <= 94
    in_sync(tmp_path / "out" / one["file"])


def test_an_original_that_cannot_be_copied_is_named_and_the_others_are(tmp_path: Path) -> None:
    gif, film = tmp_path / "a.gif", write_flashes(tmp_path / "b.mp4", seconds=2)
    pictures = [Image.fromarray(np.full((96, 160, 3), shade, np.uint8)) for shade in (10, 90, 200)]
    pictures[0].save(gif, save_all=True, append_images=pictures[1:], duration=400)
    shown = {"a.gif": [(0.0, 0.4)], "b.mp4": [(0.4, 1.0)]}
    archive = archive_of(tmp_path / "kept", [gif, film], shown)
    (one,) = cut(archive, tmp_path / "out", "--fast", code=6)
    assert one["video"] == "b.mp4"
    assert "Leave out --fast" in clips(archive, tmp_path / "again", "--fast").stdout
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".mp4", ".json"}
