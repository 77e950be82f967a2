"""A picture is looked at in levels: small faces and faces that fill it are each shown in a size that networks find."""

import numpy as np
import pytest

from crossid.faces.levels import DETAIL_PIXELS, LARGEST_PX, SMALLEST_PX, STEP, letterboxed, levels


def sizes(width: int, height: int, min_face_px: int = 40) -> list[tuple[int, int]]:
    return [level.shape[1::-1] for level in levels(np.zeros((height, width, 3), np.uint8), min_face_px)]


@pytest.mark.parametrize(("width", "height"), [(640, 360), (960, 540), (1920, 1080), (3840, 2160), (1080, 1920)])
@pytest.mark.parametrize("min_face_px", [40, 80])
def test_every_face_is_shown_at_a_size_that_is_found(width: int, height: int, min_face_px: int) -> None:
    """Of any size from the smallest wanted to that of the whole picture, in at least one level."""
    scales = [level_width / width for level_width, _ in sizes(width, height, min_face_px)]
    for face_px in np.geomspace(min_face_px, max(width, height), 200):
        assert any(0.95 * SMALLEST_PX <= face_px * scale <= 1.05 * LARGEST_PX for scale in scales)


def test_a_level_is_no_larger_than_the_picture_nor_than_memory_bears() -> None:
    assert sizes(200, 100, min_face_px=5) == [(200, 100)]
    for width, height in sizes(7680, 4320, min_face_px=20):
        assert width * height <= 1.01 * DETAIL_PIXELS


def test_each_level_is_a_fixed_step_smaller() -> None:
    assert sizes(3840, 2160) == [(1920, 1080), (1920 // STEP, 1080 // STEP)]


def test_letterboxing_adds_black_at_the_right_and_at_the_bottom_only() -> None:
    boxed = letterboxed([np.full((33, 64, 3), 200, np.uint8), np.full((33, 64, 3), 100, np.uint8)])
    assert boxed.shape == (2, 64, 64, 3)
    assert (boxed[0, :33] == 200).all()
    assert (boxed[1, :33] == 100).all()
    assert (boxed[:, 33:] == 0).all()
