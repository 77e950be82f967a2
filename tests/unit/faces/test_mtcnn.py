"""MTCNN finds the faces that are there, and only those."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image as Pictures

from crossid.faces import FaceSettings, mtcnn
from crossid.faces.mtcnn import MtcnnDetector

if TYPE_CHECKING:
    from crossid.types import Detection, Image

SETTINGS = FaceSettings()


@pytest.fixture(scope="module")
def part() -> MtcnnDetector:
    return MtcnnDetector(SETTINGS)


@pytest.fixture(scope="module")
def group(six_people: Path) -> Image:
    return np.asarray(Pictures.open(six_people).convert("RGB"))


@pytest.fixture(scope="module")
def portrait(astronaut: Path) -> Image:
    return np.asarray(Pictures.open(astronaut).convert("RGB"))


def sure(found: list[Detection]) -> list[Detection]:
    return [detection for detection in found if detection.score >= SETTINGS.min_score]


def is_upright(detection: Detection) -> bool:
    """Image-left eye, image-right eye, nose, image-left and image-right corner of the mouth; all in the box."""
    left_eye, right_eye, nose, left_mouth, right_mouth = detection.landmarks
    box = detection.box
    inside = (detection.landmarks > [box.left, box.top]).all() and (detection.landmarks < [box.right, box.bottom]).all()
    in_order = left_eye[0] < right_eye[0] and left_mouth[0] < right_mouth[0]
    below = max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])
    return bool(inside and in_order and below)


def test_six_of_six_people_are_found_with_their_landmarks(part: MtcnnDetector, group: Image) -> None:
    found = sure(part.detect([group])[0])
    assert len(found) == 6
    assert all(is_upright(detection) for detection in found)
    assert all(detection.seen_by == ("mtcnn",) for detection in found)


def test_landmarks_lie_on_eyes_nose_and_mouth(part: MtcnnDetector, portrait: Image) -> None:
    """Those of the astronaut, read off the picture by eye."""
    (found,) = sure(part.detect([portrait])[0])
    by_eye = [[203, 101], [246, 103.5], [223, 127], [202, 139], [248, 140]]
    assert np.linalg.norm(found.landmarks - by_eye, axis=1).max() < 5


def test_channels_are_read_as_red_green_blue(part: MtcnnDetector, portrait: Image) -> None:
    """Skin that turns blue is less of a face."""
    (found,) = sure(part.detect([portrait])[0])
    blue = part.detect([np.ascontiguousarray(portrait[..., ::-1])])[0]
    assert found.score > max((detection.score for detection in blue), default=0)


@pytest.mark.parametrize("degrees", [-15, 15])
def test_a_head_that_leans_is_found(part: MtcnnDetector, portrait: Image, degrees: int) -> None:
    turn = cv2.getRotationMatrix2D((224, 130), degrees, 1.0)
    leaning = cv2.warpAffine(portrait, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    (found,) = sure(part.detect([leaning])[0])
    left_eye, right_eye = found.landmarks[:2]
    lean = np.degrees(np.arctan2(right_eye[1] - left_eye[1], right_eye[0] - left_eye[0]))
    assert lean == pytest.approx(3.4 - degrees, abs=5)


@pytest.mark.parametrize("light", [0.4, 1.4])
def test_faces_are_found_in_poor_light(part: MtcnnDetector, group: Image, light: float) -> None:
    lit = np.clip(group * light, 0, 255).astype(np.uint8)
    assert len(sure(part.detect([lit])[0])) >= 5


@pytest.mark.parametrize("scale", [0.6, 1.0, 2.5])
def test_boxes_are_in_pixels_of_the_picture(part: MtcnnDetector, portrait: Image, scale: float) -> None:
    side = round(512 * scale)
    (found,) = sure(part.detect([cv2.resize(portrait, (side, side), interpolation=cv2.INTER_AREA)])[0])
    (original,) = sure(part.detect([portrait])[0])
    assert np.array(found.box.centre) / scale == pytest.approx(np.array(original.box.centre), abs=6)


def test_faces_far_under_the_smallest_size_are_left_out(group: Image) -> None:
    coarse = MtcnnDetector(replace(SETTINGS, min_face_px=300))
    assert sure(coarse.detect([group])[0]) == []


def test_a_smallest_share_of_the_picture_counts_where_it_is_more(group: Image) -> None:
    coarse = MtcnnDetector(replace(SETTINGS, min_face_share=0.7))
    assert sure(coarse.detect([group])[0]) == []


def test_places_alone_bring_the_faces_that_a_search_brings(part: MtcnnDetector, group: Image) -> None:
    searched = sure(part.detect([group])[0])
    boxes = np.array([[one.box.left, one.box.top, one.box.right, one.box.bottom] for one in searched], np.float32)
    confirmed = sure(part.confirm(group, boxes + np.float32(5)))
    assert len(confirmed) == len(searched)
    for one in confirmed:
        apart = min(np.abs(one.landmarks - other.landmarks).max() for other in searched)
        assert apart < 0.1 * one.box.width


def test_places_without_a_face_are_not_confirmed(part: MtcnnDetector, group: Image) -> None:
    grey = np.full_like(group, 128)
    assert part.confirm(grey, np.array([[10, 10, 90, 90]], np.float32)) == []
    assert part.confirm(group, np.empty((0, 4), np.float32)) == []


@pytest.mark.parametrize("tone", [0, 127, 255])
def test_an_even_picture_has_no_faces(part: MtcnnDetector, tone: int) -> None:
    assert part.detect([np.full((300, 400, 3), tone, np.uint8)]) == [[]]


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (11, 11), (40, 40), (41, 39), (60, 40_000)])
def test_pictures_of_odd_shapes_are_survived(part: MtcnnDetector, shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert len(part.detect([noise])) == 1


def test_a_large_picture_in_bands_is_seen_as_a_whole(
    part: MtcnnDetector, group: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    level = cv2.resize(group, (501, 347))
    monkeypatch.setattr(mtcnn, "BAND_PIXELS", 1 << 30)
    whole = part._cells(level)
    monkeypatch.setattr(mtcnn, "BAND_PIXELS", 501 * 57)
    for one, other in zip(whole, part._cells(level), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_a_crowd_of_candidates_is_bounded(part: MtcnnDetector, group: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no more than 40 proposals a level the best ones still lead to all six."""
    monkeypatch.setattr(mtcnn, "CANDIDATES", 40)
    assert len(sure(part.detect([group])[0])) == 6
