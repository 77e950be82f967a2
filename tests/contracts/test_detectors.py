"""What every detector must do; a part is tested by being named in the registry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image as Pictures

from crossid.errors import ModelError
from crossid.faces import DETECTORS, Detector, FaceSettings

if TYPE_CHECKING:
    from pathlib import Path

    from crossid.types import Detection, Image


@pytest.fixture(scope="module", params=DETECTORS.names())
def part(request: pytest.FixtureRequest, models_here: None) -> Detector:
    try:
        return DETECTORS.load(request.param)(FaceSettings(detectors=(request.param,)))
    except ModelError as refusal:
        if not re.search("are not there|did not come", str(refusal)):
            raise
        return pytest.skip(str(refusal))


@pytest.fixture(scope="module")
def pictures(six_people: Path, astronaut: Path) -> list[Image]:
    """Pictures of several sizes: six people, one person, one person upside down, nobody."""
    group = np.asarray(Pictures.open(six_people).convert("RGB"))
    one = np.asarray(Pictures.open(astronaut).convert("RGB"))
    nobody = np.full((200, 333, 3), 90, np.uint8)
    return [group, one, np.ascontiguousarray(one[::-1]), nobody, group[:, 600:]]


def told(found: list[Detection]) -> list[tuple[object, ...]]:
    """All that is said of the faces of one picture, exactly."""
    return [(each.box, each.landmarks.tolist(), each.score, each.seen_by) for each in found]


def test_it_has_the_name_it_is_registered_under(part: Detector) -> None:
    assert part.name in DETECTORS.names()


def test_it_finds_six_of_six_people_and_nobody_where_nobody_is(part: Detector, pictures: list[Image]) -> None:
    group, one, _, nobody, _ = part.detect(pictures)
    minimum = FaceSettings().min_score
    assert [sum(each.score >= minimum for each in found) for found in (group, one, nobody)] == [6, 1, 0]


def test_the_size_of_a_batch_cannot_change_an_answer(part: Detector, pictures: list[Image]) -> None:
    alone = [told(part.detect([picture])[0]) for picture in pictures]
    assert [told(found) for found in part.detect(pictures)] == alone
    assert [told(found) for found in part.detect(pictures[::-1])] == alone[::-1]


def test_the_same_picture_gets_the_same_answer_twice(part: Detector, pictures: list[Image]) -> None:
    assert told(part.detect(pictures[:1])[0]) == told(part.detect(pictures[:1])[0])


def test_faces_come_by_falling_score(part: Detector, pictures: list[Image]) -> None:
    for found in part.detect(pictures):
        scores = [each.score for each in found]
        assert scores == sorted(scores, reverse=True)


def test_what_it_says_is_in_the_units_of_the_types(part: Detector, pictures: list[Image]) -> None:
    for each in part.detect(pictures[:1])[0]:
        assert each.landmarks.shape == (5, 2)
        assert each.landmarks.dtype == np.float32
        assert 0 <= each.score <= 1
        assert each.box.width > 0
        assert each.box.height > 0
        assert part.name in each.seen_by


def test_no_pictures_have_no_faces(part: Detector) -> None:
    assert part.detect([]) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (400, 1), (17, 23)])
def test_pictures_too_small_for_a_face_are_survived(part: Detector, shape: tuple[int, int]) -> None:
    assert part.detect([np.zeros((*shape, 3), np.uint8)]) == [[]]


def test_pictures_are_not_changed(part: Detector, pictures: list[Image]) -> None:
    before = pictures[1].copy()
    part.detect([pictures[1]])
    np.testing.assert_array_equal(pictures[1], before)
