"""A face is cut out as a square portrait that lands where the face was."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from crossid.faces import FaceSettings
from crossid.faces.cutting import cut
from crossid.types import PORTRAIT_PX, Box, Decision, Detection, Frame, Moment

SETTINGS = FaceSettings(min_face_px=40, min_score=0.9)
SHARES = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]])


def frame(height: int = 480, width: int = 640, pts: int = 7) -> Frame:
    """A grey frame whose red grows to the right and green downwards."""
    image = np.full((height, width, 3), 90, np.uint8)
    image[..., 0] = np.linspace(20, 250, width)[None]
    image[..., 1] = np.linspace(20, 250, height)[:, None]
    moment = Moment(video="v" * 64, pts=pts, time_base=Fraction(1, 25))
    return Frame(decision=Decision(moment=moment, number=3, reason="first", motion=0, brightness=0.5), image=image)


def detection(left: float, top: float, width: float, height: float, score: float = 0.99) -> Detection:
    landmarks = ([left, top] + SHARES * [width, height]).astype(np.float32)
    box = Box(left=left, top=top, right=left + width, bottom=top + height)
    return Detection(box=box, landmarks=landmarks, score=score, seen_by=("drawn",))


def test_the_portrait_is_a_square_half_again_as_long_as_the_longer_side() -> None:
    (crop,) = cut(frame(), [detection(200, 150, 60, 80)], SETTINGS)
    assert crop.portrait.shape == (120, 120, 3)
    np.testing.assert_array_equal(crop.portrait, frame().image[130:250, 170:290])


def test_landmarks_point_at_the_same_pixels_in_the_portrait_and_in_the_frame() -> None:
    (crop,) = cut(frame(), [detection(200, 150, 60, 80)], SETTINGS)
    for inside, outside in zip(
        crop.landmarks.round().astype(int), crop.face.landmarks.round().astype(int), strict=True
    ):
        assert crop.portrait[inside[1], inside[0]].tolist() == frame().image[outside[1], outside[0]].tolist()


def test_a_large_face_is_scaled_down_with_its_landmarks() -> None:
    (crop,) = cut(frame(1080, 1920), [detection(600, 200, 500, 640)], SETTINGS)
    assert crop.portrait.shape == (PORTRAIT_PX, PORTRAIT_PX, 3)
    np.testing.assert_allclose(crop.landmarks, (crop.face.landmarks - [370, 40]) / 3, atol=0.01)


def test_what_lies_outside_the_frame_is_black() -> None:
    (crop,) = cut(frame(), [detection(-20, -20, 80, 80)], SETTINGS)
    assert crop.portrait.shape == (120, 120, 3)
    assert not crop.portrait[:40].any()
    assert not crop.portrait[:, :40].any()
    np.testing.assert_array_equal(crop.portrait[40:, 40:], frame().image[:80, :80])


def test_a_face_wholly_outside_the_frame_gives_a_black_portrait() -> None:
    (crop,) = cut(frame(), [detection(-900, -900, 80, 80)], SETTINGS)
    assert not crop.portrait.any()
    assert crop.face.quality < 0.1


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        (detection(100, 100, 32, 50), 1),
        (detection(100, 100, 31, 50), 0),
        (detection(100, 100, 50, 31), 0),
        (detection(100, 100, 60, 60, score=0.9), 1),
        (detection(100, 100, 60, 60, score=0.89), 0),
    ],
)
def test_faces_too_small_or_too_doubtful_are_dropped(found: Detection, kept: int) -> None:
    assert len(cut(frame(), [found], SETTINGS)) == kept


@pytest.mark.parametrize(
    "landmarks",
    [
        np.full((5, 2), np.nan),
        np.full((5, 2), np.inf),
        np.full((5, 2), 130.0),
        np.array([[110, 120], [150, 120], [130, 140], [115, 150], [900, 150]]),
    ],
    ids=["nan", "endless", "all in one point", "a mouth far away"],
)
def test_landmarks_that_make_no_face_are_dropped(landmarks: np.ndarray) -> None:
    broken = replace(detection(100, 100, 60, 60), landmarks=landmarks.astype(np.float32))
    assert cut(frame(), [broken], SETTINGS) == []


@pytest.mark.parametrize("edge", ["left", "top", "right", "bottom"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_box_that_is_not_finite_is_dropped(edge: str, value: float) -> None:
    edges = {"left": 100.0, "top": 100.0, "right": 160.0, "bottom": 160.0, edge: value}
    broken = replace(detection(100, 100, 60, 60), box=Box(**edges))
    assert cut(frame(), [broken], SETTINGS) == []


def test_the_same_face_has_the_same_id_and_another_moment_another() -> None:
    here = detection(100, 100, 60, 60)
    (first,), (again,) = cut(frame(), [here], SETTINGS), cut(frame(), [here], SETTINGS)
    (later,) = cut(frame(pts=8), [here], SETTINGS)
    (beside,) = cut(frame(), [detection(180, 100, 60, 60)], SETTINGS)
    assert first.face.id == again.face.id
    assert len({first.face.id, later.face.id, beside.face.id}) == 3


def test_the_order_of_detections_stays() -> None:
    crops = cut(frame(), [detection(x, 100, 60, 60) for x in (300, 100, 200)], SETTINGS)
    assert [crop.face.box.left for crop in crops] == [300, 100, 200]


def test_no_detections_make_no_crops() -> None:
    assert cut(frame(), [], SETTINGS) == []
