"""Skimming decodes key pictures, and more only where something happens; it brings what a full read brings."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from media import probed, watched, write_film
from test_footage_decoding import SEEKABLE

from crossid import footage
from crossid.errors import FootageError
from crossid.footage import FootageSettings
from crossid.footage.opening import Film
from crossid.footage.skimming import Heed
from crossid.types import Picture

ALL, CHANGES = FootageSettings(span_s=1e6), FootageSettings(span_s=1e6, decode="changes")
SIZE = (192, 128)
NOISE = np.random.default_rng(7).integers(40, 215, (4, SIZE[1] // 4, SIZE[0] // 4, 3), np.uint8)
"""Textures: each a scene of its own."""
FIXED = {"g": "50", "keyint_min": "50", "sc_threshold": "0"}


def scene(which: int) -> np.ndarray:
    return np.kron(NOISE[which], np.ones((4, 4, 1), np.uint8))


def still(_number: int, _width: int, _height: int) -> np.ndarray:
    return scene(0)


def cut_at_70(number: int, _width: int, _height: int) -> np.ndarray:
    return scene(0 if number < 70 else 1)


def passer_by(number: int, _width: int, _height: int) -> np.ndarray:
    """Something crosses the picture from picture 110 to 130."""
    image = scene(0)
    if 110 <= number < 130:
        left = (number - 110) * 7
        image[40:104, left : left + 40] = scene(2)[40:104, :40]
    return image


def skimmed(path: Path, *, face_near: bool = False, seen_still: bool = False) -> list[Picture]:
    (span,) = footage.spans(probed(path), CHANGES)
    return list(footage.read(span, CHANGES, lambda: Heed(face_near=face_near, still=seen_still)))


def settled(seen: Iterable[int]) -> list[int]:
    """Without what has to be decoded after the first key picture until that comes out of the decoder."""
    return [number for number in seen if not 0 < number <= 4]


def numbers(pictures: Iterable[Picture]) -> list[int]:
    return [one.number for one in pictures]


def test_of_a_still_film_key_pictures_alone_are_decoded(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", frames=200, size=SIZE, options=FIXED, draw=still)
    assert settled(numbers(skimmed(path))) == [0, 50, 100, 150]


def test_a_cut_between_key_pictures_is_seen(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", frames=200, size=SIZE, options=FIXED, draw=cut_at_70)
    seen = numbers(skimmed(path))
    assert any(70 <= number <= 73 for number in seen)
    assert not any(100 < number < 150 for number in seen)


def test_a_stretch_in_which_something_moves_is_decoded(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", frames=200, size=SIZE, options=FIXED, draw=passer_by)
    seen = numbers(skimmed(path))
    assert sum(110 <= number < 130 for number in seen) >= 8
    assert settled(seen)[:3] == [0, 50, 100]
    assert max(seen) == 150


def test_while_a_face_is_near_the_beginning_of_every_group_is_decoded(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", frames=200, size=SIZE, options=FIXED | {"bf": "0"}, draw=still)
    seen = numbers(skimmed(path, face_near=True))
    assert set(range(100, 120)) <= set(seen)
    assert not any(130 <= number < 150 for number in seen)


@pytest.mark.parametrize(("name", "codec", "options", "muxer"), SEEKABLE.values(), ids=SEEKABLE.keys())
def test_what_is_skimmed_is_what_a_full_read_brings(
    tmp_path: Path, name: str, codec: str, options: dict[str, str], muxer: dict[str, str]
) -> None:
    pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = write_film(
        tmp_path / name,
        frames=130,
        size=SIZE,
        codec=codec,
        options=options,
        muxer=muxer,
        pix_fmt=pix_fmt,
        draw=passer_by,
    )
    every = {one.moment: one for one in watched(path, ALL)}
    pictures = skimmed(path)
    assert pictures
    assert [one.moment.pts for one in pictures] == sorted({one.moment.pts for one in pictures})
    for one in pictures:
        assert one.number == every[one.moment].number
        apart = np.abs(one.luma.astype(int) - every[one.moment].luma)
        assert apart.mean() < 2  # edges of blocks are not smoothed


def noisy_film(path: Path) -> Path:
    """Nothing moves, and noise takes as many bytes as motion."""
    random = np.random.default_rng(1)

    def noisy(_number: int, width: int, height: int) -> np.ndarray:
        return np.clip(scene(0) + random.normal(0, 25, (height, width, 1)), 0, 255).astype(np.uint8)

    return write_film(path, frames=200, size=SIZE, options=FIXED | {"crf": "30"}, draw=noisy)


def test_of_a_noisy_camera_whose_key_pictures_are_still_nothing_else_is_decoded(tmp_path: Path) -> None:
    assert numbers(skimmed(noisy_film(tmp_path / "a.mp4"), seen_still=True)) == [0, 50, 100, 150]


def test_where_key_pictures_show_motion_all_is_decoded(tmp_path: Path) -> None:
    assert len(skimmed(noisy_film(tmp_path / "a.mp4"), seen_still=False)) > 60


def test_a_key_picture_that_shows_motion_after_all_has_its_group_decoded_and_comes_once(tmp_path: Path) -> None:
    (span,) = footage.spans(probed(noisy_film(tmp_path / "a.mp4")), CHANGES)
    seen: list[int] = []
    read = footage.read(span, CHANGES, lambda: Heed(still=not seen or seen[-1] < 100))
    for picture in read:
        seen.append(picture.number)  # noqa: PERF401 -- while it is read, what was seen decides what comes
    assert [number for number in seen if number < 100] == [0, 50]
    assert len([number for number in seen if 100 <= number < 150]) > 20
    assert len(seen) == len(set(seen))


def test_no_packet_is_decoded_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, taken = write_film(tmp_path / "a.mp4", frames=200, size=SIZE, options=FIXED, draw=passer_by), []
    real = Film.decoded

    def noting(film: Film, packets: Iterable[av.Packet | None]) -> Iterable[av.VideoFrame]:
        packets = list(packets)
        taken.extend(packet.pts for packet in packets if packet is not None)
        return real(film, packets)

    film = probed(path)
    monkeypatch.setattr(Film, "decoded", noting)
    list(footage.read(footage.spans(film, CHANGES)[0], CHANGES))
    assert len(taken) == len(set(taken))


def test_a_film_whose_end_was_not_worth_decoding_is_not_called_broken(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", frames=240, size=SIZE, options={"g": "1000"}, draw=still)
    assert settled(numbers(skimmed(path))) == [0]


def test_a_film_that_breaks_off_is_called_so(tmp_path: Path) -> None:
    path = write_film(
        tmp_path / "a.mp4", frames=240, size=SIZE, options=FIXED, draw=cut_at_70, muxer={"movflags": "faststart"}
    )
    (span,) = footage.spans(probed(path), CHANGES)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 6 // 10])
    with pytest.raises(FootageError, match="breaks off"):
        list(footage.read(span, CHANGES))


def test_spans_of_a_still_film_bring_its_key_pictures_once(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", frames=200, size=SIZE, options=FIXED, draw=still)
    cut = replace(CHANGES, span_s=3.0)
    assert len(footage.spans(probed(path), cut)) == 4
    assert [number for number in numbers(watched(path, cut)) if number % 50 == 0] == [0, 50, 100, 150]


def test_where_pictures_have_to_be_counted_all_are_decoded(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.h264", frames=60, size=SIZE, options=FIXED, draw=still)
    assert numbers(skimmed(path)) == list(range(60))


def restless_film(path: Path) -> Path:
    """Something happens all the time; a cut at picture 83."""
    random = np.random.default_rng(2)

    def restless(number: int, width: int, height: int) -> np.ndarray:
        image = scene(0 if number < 83 else 1) + random.normal(0, 25, (height, width, 1))
        return np.clip(image, 0, 255).astype(np.uint8)

    return write_film(path, frames=200, size=SIZE, options=FIXED | {"bf": "0", "crf": "30"}, draw=restless)


def seen_by_whoever_looks_every(path: Path, every_s: float) -> tuple[list[int], list[int]]:
    """Numbers of the pictures that come, and of those that are looked at."""
    (span,) = footage.spans(probed(path), CHANGES)
    came: list[Picture] = []
    looks: list[Picture] = []

    def heed() -> Heed:
        return Heed(rest_s=looks[-1].moment.seconds + every_s - came[-1].moment.seconds if looks else 0.0)

    for picture in footage.read(span, CHANGES, heed):
        came.append(picture)  # while it is read, what was seen decides what comes
        if not looks or picture.moment.seconds >= looks[-1].moment.seconds + every_s - 0.002:
            looks.append(picture)
    return numbers(came), numbers(looks)


def test_while_no_look_is_due_pictures_come_a_few_times_a_second_and_cuts_at_once(tmp_path: Path) -> None:
    path = restless_film(tmp_path / "a.mp4")
    came, looks = seen_by_whoever_looks_every(path, 1.0)
    assert 83 in came
    assert looks[:3] == [0, 25, 50]
    assert set(came) >= {0, 50, 100, 150}
    assert len(came) < 40


def test_a_group_is_decoded_no_further_than_to_the_last_look_at_it(tmp_path: Path) -> None:
    path = restless_film(tmp_path / "a.mp4")
    came, looks = seen_by_whoever_looks_every(path, 0.8)
    assert looks[:4] == [0, 20, 40, 60]
    assert not any(40 < number < 50 for number in came)
