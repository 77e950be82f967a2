"""In a cascade all members look where the first one loses a face, so that a track does not break for its sake."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from crossid.faces import FaceSettings, finder
from crossid.faces.ensemble import EnsembleDetector
from unit.faces.test_face_finding import frame, squares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossid.types import Detection, Image

SETTINGS = FaceSettings(search_every_s=0.0)
STILL = [frame(0.2 * n, 100, 400, reason="motion" if n else "first") for n in range(6)]
"""Two faces that stay for a second."""


class Member:
    """Sees bright squares, but none at all in the looks that are named."""

    def __init__(self, name: str, *blind: int) -> None:
        self.name, self._blind, self.looks = name, blind, 0

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        return [self._look(image) for image in images]

    def _look(self, image: Image) -> list[Detection]:
        self.looks += 1
        if self.looks - 1 in self._blind:
            return []
        return [replace(one, seen_by=(self.name,)) for one in squares(image)]


def found(frames: list, *members: Member, mode: str = "cascade", at_once: int = 6) -> list[int]:
    look = finder(EnsembleDetector(members, mode), SETTINGS)
    batches = [frames[start : start + at_once] for start in range(0, len(frames), at_once)]
    return [len(crops) for some in batches for crops in look.find(some)]


@pytest.mark.parametrize("at_once", [1, 4, 6])
def test_where_the_first_member_loses_a_face_the_others_are_asked(at_once: int) -> None:
    first, second, third = Member("first", 2), Member("second"), Member("third")
    assert found(STILL, first, second, third, at_once=at_once) == [2] * 6
    assert (second.looks, third.looks) == (1, 1)


def test_where_nothing_is_lost_the_others_rest() -> None:
    first, second, third = Member("first"), Member("second"), Member("third")
    assert found(STILL, first, second, third) == [2] * 6
    assert second.looks == third.looks == 0


def test_who_leaves_is_asked_about_once() -> None:
    leaves = [*STILL[:3], *(frame(0.2 * n, 100) for n in range(3, 6))]
    first, second, third = Member("first"), Member("second"), Member("third")
    assert found(leaves, first, second, third) == [2, 2, 2, 1, 1, 1]
    assert second.looks == 1


def test_a_new_shot_loses_nobody() -> None:
    cut = [*STILL[:3], frame(0.6, 250, reason="shot"), frame(0.8, 250)]
    first, second, third = Member("first"), Member("second"), Member("third")
    assert found(cut, first, second, third) == [2, 2, 2, 1, 1]
    assert second.looks == 0


def test_other_modes_judge_each_frame_alone() -> None:
    first, second, third = Member("first", 2), Member("second"), Member("third")
    assert found(STILL, first, second, third, mode="majority") == [2] * 6
    assert second.looks == 6
