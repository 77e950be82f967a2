"""Between two searches only the places are looked at where faces were, and nobody who is expected is lost by it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from crossid.faces import FaceSettings, finder
from crossid.types import Box, Decision, Detection, Frame, Moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crossid.types import Image, Reason

SETTINGS = FaceSettings(search_every_s=1.0)
SIDE = 60.0


class Bright:
    """Finds bright squares of 60 px: anywhere in a picture, or within 15 px of where it is sent."""

    name = "bright"

    def __init__(self) -> None:
        self.searches = 0

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        self.searches += len(images)
        return [squares(image) for image in images]

    def confirm(self, image: Image, boxes: NDArray[np.float32]) -> list[Detection]:
        return [one for one in squares(image) if (np.abs(boxes[:, 0] - one.box.left) <= 15).any()]


def squares(image: Image) -> list[Detection]:
    starts = np.flatnonzero(np.diff(image[50, :, 0].astype(int), prepend=0) > 100)
    return [square(float(left)) for left in starts]


def square(left: float) -> Detection:
    points = np.array([[15, 20], [45, 20], [30, 35], [18, 48], [42, 48]], np.float32) + np.float32([left, 20])
    box = Box(left=left, top=20, right=left + SIDE, bottom=20 + SIDE)
    return Detection(box=box, landmarks=points, score=0.99, seen_by=("bright",))


def frame(seconds: float, *lefts: int, reason: Reason = "motion") -> Frame:
    image = np.zeros((120, 640, 3), np.uint8)
    for left in lefts:
        image[20:80, left : left + 60] = 255
    moment = Moment(video="v", pts=round(1000 * seconds), time_base=Fraction(1, 1000))
    decision = Decision(moment=moment, number=0, reason=reason, motion=0.5, brightness=0.5)
    return Frame(decision=decision, image=image)


def found(frames: Sequence[Frame], settings: FaceSettings = SETTINGS) -> tuple[list[int], int]:
    """How many faces in each frame, and how many searches that took."""
    part = Bright()
    each = finder(part, settings).find(frames)
    return [len(crops) for crops in each], part.searches


def test_a_face_that_stays_is_searched_for_now_and_then_only() -> None:
    frames = [frame(0.2 * n, 100, reason="motion" if n else "first") for n in range(11)]
    assert found(frames) == ([1] * 11, 3)


def test_a_face_that_moves_steadily_is_not_lost() -> None:
    frames = [frame(0.2 * n, 100 + 12 * n, reason="motion" if n else "first") for n in range(6)]
    assert found(frames) == ([1] * 6, 2)


def test_where_a_face_is_no_longer_all_of_the_frame_is_searched() -> None:
    frames = [frame(0, 100, reason="first"), frame(0.2, 100), frame(0.4, 400), frame(0.6, 400)]
    assert found(frames) == ([1] * 4, 2)


def test_a_new_shot_is_searched() -> None:
    frames = [frame(0, 100, reason="first"), frame(0.2, 100, 300, reason="shot")]
    assert found(frames) == ([1, 2], 2)


def test_who_comes_is_found_with_the_next_search() -> None:
    frames = [frame(0, 100, reason="first"), *(frame(0.2 * n, 100, 300) for n in range(1, 7))]
    assert found(frames) == ([1, 1, 1, 1, 1, 2, 2], 2)


def test_without_an_interval_every_frame_is_searched() -> None:
    frames = [frame(0.2 * n, 100, reason="motion" if n else "first") for n in range(5)]
    assert found(frames, replace(SETTINGS, search_every_s=0.0)) == ([1] * 5, 5)


def test_a_detector_that_can_only_search_always_does() -> None:
    class Plain:
        name = "plain"
        detect = Bright.detect
        searches = 0

    part = Plain()
    finder(part, SETTINGS).find([frame(0.2 * n, 100, reason="motion" if n else "first") for n in range(5)])
    assert part.searches == 5
