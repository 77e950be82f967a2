"""Views cut from octaves show what lies in the picture, where it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from crossid.faces.octaves import Octaves

if TYPE_CHECKING:
    from crossid.types import Image


def ramp(height: int = 400, width: int = 600) -> Image:
    """Red grows to the right, green downwards, so that a pixel's colour tells where it is."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[..., 0] = np.linspace(0, 250, width)[None]
    picture[..., 1] = np.linspace(0, 250, height)[:, None]
    return picture


@pytest.mark.parametrize("size", [(600, 400), (311, 207), (120, 80), (37, 25)])
def test_a_smaller_view_shows_the_whole_picture(size: tuple[int, int]) -> None:
    expected = cv2.resize(ramp(), size, interpolation=cv2.INTER_AREA)
    assert np.abs(Octaves(ramp()).scaled(*size).astype(int) - expected).max() <= 4


@pytest.mark.parametrize("box", [(10, 20, 34, 44), (50.5, 60.25, 170.5, 180.25), (0, 0, 400, 400)])
def test_a_crop_shows_the_middle_of_its_box_in_its_middle(box: tuple[float, ...]) -> None:
    crop = Octaves(ramp()).crop(np.array(box, np.float32), 24)
    middle = crop[11:13, 11:13].reshape(-1, 3).mean(axis=0)
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    assert middle[0] == pytest.approx((x - 0.5) / 599 * 250, abs=1.5)
    assert middle[1] == pytest.approx((y - 0.5) / 399 * 250, abs=1.5)


def test_a_crop_of_a_fine_pattern_is_averaged_not_sampled() -> None:
    """One white row in two becomes grey: a view from the full picture would be stripes or all of one tone."""
    stripes = np.zeros((512, 512, 3), np.uint8)
    stripes[::2] = 255
    crop = Octaves(stripes).crop(np.array([0, 0, 512, 512], np.float32), 24)
    assert np.abs(crop[2:-2, 2:-2].astype(int) - 128).max() <= 2


def test_outside_the_picture_is_black() -> None:
    white = np.full((100, 100, 3), 255, np.uint8)
    crop = Octaves(white).crop(np.array([-100, -100, 100, 100], np.float32), 24)
    assert not crop[:11].any()
    assert not crop[:, :11].any()
    assert (crop[13:, 13:] == 255).all()


@pytest.mark.parametrize("box", [(5, 5, 5, 5), (9, 9, 3, 3), (-900, -900, -800, -800), (1e6, 1e6, 2e6, 2e6)])
def test_a_box_without_sense_gives_a_crop_all_the_same(box: tuple[float, ...]) -> None:
    assert Octaves(ramp()).crop(np.array(box, np.float32), 48).shape == (48, 48, 3)


def test_a_picture_of_one_pixel_has_octaves() -> None:
    one = np.full((1, 1, 3), 9, np.uint8)
    assert Octaves(one).scaled(1, 1).tolist() == one.tolist()
