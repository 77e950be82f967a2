"""Several detectors are one: boxes are fused, the surest member's landmarks kept, and who saw a face is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossid.errors import UnknownNameError
from crossid.faces import FaceSettings, detector
from crossid.faces.ensemble import SURE, EnsembleDetector, fused
from crossid.faces.mtcnn import MtcnnDetector
from crossid.types import Box, Detection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossid.types import Image


def seen(name: str, left: float, score: float, *, side: float = 100, top: float = 0) -> Detection:
    box = Box(left=left, top=top, right=left + side, bottom=top + side)
    return Detection(box=box, landmarks=np.full((5, 2), left, np.float32), score=score, seen_by=(name,))


class Told:
    """A detector that says of a picture what it was told, by the picture's first pixel."""

    def __init__(self, name: str, *pictures: list[Detection]) -> None:
        self.name = name
        self.asked: list[int] = []
        self._pictures = pictures

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        places = [int(image[0, 0, 0]) for image in images]
        self.asked += places
        return [self._pictures[place] for place in places]


def pictures(count: int) -> list[Image]:
    return [np.full((8, 8, 3), place, np.uint8) for place in range(count)]


def test_boxes_are_weighted_by_score_and_landmarks_are_the_surest_ones() -> None:
    (face,) = fused([[seen("a", 100, 0.6)], [seen("b", 110, 0.9)]], votes=1)
    assert face.box.left == pytest.approx((100 * 0.6 + 110 * 0.9) / 1.5)
    assert (face.landmarks == 110).all()
    assert face.seen_by == ("b", "a")


@pytest.mark.parametrize(("votes", "score"), [(1, 0.9), (2, 0.8), (3, 0.6)])
def test_a_face_is_as_sure_as_the_member_whose_vote_it_needs(votes: int, score: float) -> None:
    (face,) = fused([[seen("a", 100, 0.8)], [seen("b", 104, 0.9)], [seen("c", 96, 0.6)]], votes=votes)
    assert face.score == score


def test_what_too_few_members_see_is_no_face() -> None:
    assert fused([[seen("a", 100, 0.99)], [], [seen("c", 400, 0.99)]], votes=2) == []


def test_faces_side_by_side_stay_two() -> None:
    first, second = fused([[seen("a", 100, 0.9), seen("a", 150, 0.8)], [seen("b", 152, 0.95)]], votes=1)
    assert first.seen_by == ("b", "a")
    assert second.seen_by == ("a",)


def test_one_member_cannot_vote_twice() -> None:
    """Two boxes of one detector are two faces, however near."""
    assert fused([[seen("a", 100, 0.9), seen("a", 101, 0.8)], []], votes=2) == []


def test_a_part_of_a_face_is_no_second_face() -> None:
    (face,) = fused([[seen("a", 100, 0.9)], [seen("b", 130, 0.8, side=30, top=30)]], votes=1)
    assert face.seen_by == ("a",)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 500), st.floats(0.01, 1), st.floats(20, 200)), max_size=12),
    st.integers(1, 3),
)
def test_faces_come_by_falling_score_and_each_has_its_votes(
    told: list[tuple[str, float, float, float]], votes: int
) -> None:
    members = [[seen(*each[:3], side=each[3]) for each in told if each[0] == name] for name in "abc"]
    faces = fused([sorted(member, key=lambda each: -each.score) for member in members], votes)
    scores = [face.score for face in faces]
    assert scores == sorted(scores, reverse=True)
    assert all(len(set(face.seen_by)) == len(face.seen_by) >= votes for face in faces)


@pytest.mark.parametrize(("mode", "found"), [("any", 2), ("majority", 1)])
def test_a_mode_says_how_many_members_it_takes(mode: str, found: int) -> None:
    first = Told("a", [seen("a", 100, 0.9), seen("a", 400, 0.9)])
    others = [Told("b", [seen("b", 101, 0.9)]), Told("c", [])]
    assert len(EnsembleDetector([first, *others], mode).detect(pictures(1))[0]) == found


def test_a_cascade_asks_the_others_only_where_the_first_is_unsure() -> None:
    first = Told("a", [seen("a", 100, 0.99)], [seen("a", 100, SURE - 0.01)], [])
    others = [Told("b", [], [], []), Told("c", [], [seen("c", 101, 0.9)], [])]
    faces = EnsembleDetector([first, *others], "cascade").detect(pictures(3))
    assert [len(found) for found in faces] == [1, 1, 0]
    assert [member.asked for member in others] == [[1], [1]]
    assert faces[1][0].seen_by == ("a", "c")


def test_a_cascade_drops_what_only_the_unsure_one_sees() -> None:
    members = [Told("a", [seen("a", 100, 0.8)]), Told("b", []), Told("c", [])]
    assert EnsembleDetector(members, "cascade").detect(pictures(1)) == [[]]


@pytest.mark.parametrize("mode", ["any", "majority", "cascade"])
def test_no_pictures_have_no_faces(mode: str) -> None:
    assert EnsembleDetector([Told("a"), Told("b")], mode).detect([]) == []


def test_an_unknown_mode_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as refusal:
        EnsembleDetector([Told("a")], "majorty")
    assert "majority" in refusal.value.remedy


def test_one_name_is_no_ensemble_and_several_are() -> None:
    assert isinstance(detector(FaceSettings(detectors=("mtcnn",))), MtcnnDetector)
    assert isinstance(detector(FaceSettings(detectors=("mtcnn", "mtcnn"))), EnsembleDetector)
