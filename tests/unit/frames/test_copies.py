"""Footage that is there twice is recognised; what only looks alike is not."""

from collections.abc import Callable, Iterator
from fractions import Fraction

import cv2
import numpy as np
import pytest

from crossid.frames.copies import find_copies
from crossid.frames.prints import picture_hash, printed
from crossid.types import Copy, Moment, Picture, Print

Scene = Callable[[float], np.ndarray]


def scene(seed: int, *, speed: float = 1.0, cut_s: float = 3.0) -> Scene:
    """A camera that pans over something new after every cut: luma (180, 320) at a time."""

    def at(seconds: float) -> np.ndarray:
        shot, since = divmod(seconds, cut_s)
        random = np.random.default_rng([seed, int(shot)])
        wide = cv2.resize(random.integers(0, 255, (9, 24), np.uint8), (640, 180), interpolation=cv2.INTER_CUBIC)
        left = int(since * 25 * speed) % 320
        return wide[:, left : left + 320]

    return at


def prints(
    show: Scene, length_s: float, *, start_s: float = 0.0, rate: float = 25.0, late_s: float = 0.0
) -> list[Print]:
    """Hashes of a clip that begins `start_s` into a scene."""
    base = Fraction(1, 90000)

    def pictures() -> Iterator[Picture]:
        for number in range(int(length_s * rate)):
            at = late_s + number / rate
            moment = Moment(video="v", pts=round(at / base), time_base=base)
            yield Picture(moment=moment, number=number, luma=show(start_s + number / rate), render=lambda: None)

    found: list[Print] = []
    assert sum(1 for _ in printed(pictures(), found)) == int(length_s * rate)
    return found


def poorer(show: Scene) -> Scene:
    """The same, smaller, darker, packed hard."""

    def at(seconds: float) -> np.ndarray:
        small = cv2.resize(show(seconds), (160, 90), interpolation=cv2.INTER_AREA)
        dark = np.clip(small * 0.8 + np.random.default_rng(int(seconds * 100)).normal(0, 3, small.shape), 0, 255)
        packed = cv2.imencode(".jpg", dark.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 20])[1]
        return cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE)

    return at


def between(one: list[Print], other: list[Print]) -> list[Copy]:
    return find_copies({"a": one, "b": other}, ["a", "b"])


def test_a_poorer_copy_of_another_rate_is_recognised() -> None:
    (copy,) = between(prints(scene(1), 12), prints(poorer(scene(1)), 12, rate=15))
    assert (copy.video, copy.other) == ("a", "b")
    assert copy.offset_s == pytest.approx(0, abs=0.25)
    assert (copy.start_s, copy.end_s) == pytest.approx((0, 12), abs=0.5)


def test_a_part_that_was_cut_out_is_put_to_its_place() -> None:
    (copy,) = between(prints(scene(1), 20), prints(poorer(scene(1)), 6, start_s=8.13))
    assert copy.offset_s == pytest.approx(8.13, abs=0.25)
    assert (copy.start_s, copy.end_s) == pytest.approx((8.13, 14.13), abs=0.75)


def test_footage_inside_other_footage_is_found_where_it_is() -> None:
    around = [*prints(scene(7), 6), *prints(scene(1), 6, late_s=6.0), *prints(scene(8), 6, late_s=12.0)]
    (copy,) = between(around, prints(scene(1), 6))
    assert copy.offset_s == pytest.approx(6, abs=0.25)
    assert (copy.start_s, copy.end_s) == pytest.approx((6, 12), abs=0.75)


def test_other_footage_is_no_copy() -> None:
    assert between(prints(scene(1), 20), prints(scene(2), 20)) == []


def test_what_is_dark_or_of_one_grey_has_no_hash() -> None:
    assert picture_hash(np.full((180, 320), 90, np.uint8)) is None
    noise = np.random.default_rng(1).normal(12, 3, (180, 320)).clip(0, 255).astype(np.uint8)
    assert picture_hash(noise) is None
    assert prints(lambda _: noise, 10) == []


def test_a_static_camera_makes_no_copies_of_different_moments() -> None:
    """Nothing in two pictures of an empty room says when they were taken."""
    room = scene(1, speed=0.0, cut_s=1e9)
    assert between(prints(room, 20), prints(poorer(room), 20)) == []


def test_two_before_one_wall_are_no_copies() -> None:
    """The wall is the same; what moves before it is not."""
    wall = scene(1, speed=0.0, cut_s=1e9)

    def before(seed: int) -> Scene:
        def at(seconds: float) -> np.ndarray:
            x, y = np.random.default_rng([seed, int(seconds * 2)]).integers((90, 60), (230, 120))
            return cv2.circle(wall(seconds).copy(), (int(x), int(y)), 35, 220, -1)

        return at

    assert between(prints(before(1), 20), prints(before(2), 20)) == []
    assert len(between(prints(before(1), 20), prints(poorer(before(1)), 20))) == 1


def test_only_fresh_videos_are_compared_and_nothing_of_a_video_with_itself() -> None:
    same = prints(scene(1), 10)
    found = find_copies({"a": same, "b": same, "c": same}, ["c"])
    assert [(copy.video, copy.other, copy.offset_s) for copy in found] == [("a", "c", 0.0), ("b", "c", 0.0)]
    assert find_copies({"a": same}, ["a"]) == []
    assert find_copies({}, []) == []


def test_a_moment_is_too_short_to_be_a_copy() -> None:
    assert between(prints(scene(1), 20), prints(scene(1), 1, start_s=4)) == []
