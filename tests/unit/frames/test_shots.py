"""Hard cuts are found; light and motion are not taken for cuts."""

import cv2
import numpy as np
import pytest

from crossid.frames.shots import ShotDetector


def scene(seed: int, size: tuple[int, int] = (180, 320)) -> np.ndarray:
    """A structured grey picture."""
    coarse = np.random.default_rng(seed).integers(20, 230, (9, 16), dtype=np.uint8)
    return cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC)


def cuts(pictures: list[np.ndarray]) -> list[int]:
    detector = ShotDetector(6.0)
    return [place for place, picture in enumerate(pictures) if detector.begins(picture)]


def test_a_cut_is_found_at_its_picture() -> None:
    assert cuts([scene(1)] * 5 + [scene(2)] * 5 + [scene(3)] * 3) == [5, 10]


def test_the_first_picture_is_no_cut() -> None:
    assert cuts([scene(1)]) == []


def test_a_flash_is_no_cut() -> None:
    lit = np.clip(scene(1).astype(int) + 60, 0, 255).astype(np.uint8)
    assert cuts([scene(1)] * 4 + [lit] + [scene(1)] * 4) == []


def test_a_pan_is_no_cut() -> None:
    wide = scene(1, (180, 960))
    assert cuts([np.ascontiguousarray(wide[:, 6 * step : 6 * step + 320]) for step in range(60)]) == []


def test_noise_is_no_cut() -> None:
    random = np.random.default_rng(0)
    noisy = [np.clip(scene(1) + random.normal(0, 8, (180, 320)), 0, 255).astype(np.uint8) for _ in range(20)]
    assert cuts(noisy) == []


def test_a_cut_in_the_middle_of_a_pan_is_found() -> None:
    wide, other = scene(1, (180, 960)), scene(2, (180, 960))
    pan = [np.ascontiguousarray(wide[:, 6 * step : 6 * step + 320]) for step in range(20)]
    on = [np.ascontiguousarray(other[:, 6 * step : 6 * step + 320]) for step in range(20, 40)]
    assert cuts(pan + on) == [20]


@pytest.mark.parametrize("side", [1, 2, 15])
def test_tiny_pictures_are_judged_too(side: int) -> None:
    black, white = np.zeros((side, side), np.uint8), np.full((side, side), 255, np.uint8)
    assert cuts([black, black, white, white]) == [2]


def test_another_size_begins_a_shot() -> None:
    assert cuts([scene(1), scene(1, (320, 180))]) == [1]
