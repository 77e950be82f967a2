"""Faces are covered from picture to picture: followed, lingering, and not to be made out."""

import numpy as np
import pytest

from crossid.exports.covering import HOWS, LINGER_S, Look, cover, covered_at, paths


def look(at_s: float, *lefts: float, cut: bool = False) -> Look:
    """Faces of 40 by 50 pixels."""
    return Look(at_s=at_s, boxes=tuple((left, 10.0, left + 40, 60.0) for left in lefts), cut=cut)


def holds(looks: list[Look], at_s: float, left: float, margin: float = 0.0) -> bool:
    """Whether the face at `left` is under a cover at a moment."""
    return any(
        a <= left and b <= 10 and c >= left + 40 and d >= 60 for a, b, c, d in covered_at(paths(looks), at_s, margin)
    )


def test_a_face_is_covered_between_two_looks_wherever_it_moves() -> None:
    looks = [look(0, 100), look(0.5, 120), look(1.0, 165)]
    assert len(paths(looks)) == 1
    assert holds(looks, 0.25, 110)
    assert holds(looks, 0.75, 142, margin=0.1)


def test_a_face_that_is_missed_for_a_second_is_covered_all_the_time() -> None:
    looks = [look(0, 100), look(0.5), look(1.0), look(1.5, 110)]
    assert all(holds(looks, at_s, 105) for at_s in np.arange(0, 1.5, 0.05))


def test_a_face_is_covered_before_it_was_seen_first_and_after_it_was_seen_last() -> None:
    looks = [look(0), look(2.0, 100), look(4.0)]
    assert holds(looks, 2.0 - LINGER_S, 100)
    assert holds(looks, 2.0 + LINGER_S, 100 + 20)  # it may have moved: the cover grows
    assert not holds(looks, 3.5, 100)


def test_faces_side_by_side_keep_apart() -> None:
    looks = [look(0, 100, 200), look(0.2, 205, 104), look(0.4, 210, 108)]
    assert sorted([box[0] for _, box in path.looks] for path in paths(looks)) == [[100, 104, 108], [200, 205, 210]]


def test_nobody_is_followed_across_a_cut() -> None:
    """In the same place somebody else may stand now: who is to stay must not take them along."""
    looks = [look(0, 100), look(0.04, 100, cut=True), look(0.08, 100)]
    before, after = sorted(paths(looks), key=lambda path: path.looks[0])
    assert (len(before.looks), len(after.looks)) == (1, 2)
    assert before.at(0.2) is not None  # the cut may have been found a picture early
    assert before.at(0.5) is None
    assert after.at(0.0) is not None


@pytest.mark.parametrize("how", HOWS)
def test_what_is_covered_cannot_be_told_apart_from_another_face(how: str) -> None:
    """Two faces that differ in all pixels, and have the same light on average, look the same afterwards."""
    random = np.random.default_rng(1)
    one, other = (random.integers(0, 256, (96, 96, 3), np.uint8) for _ in range(2))
    hidden = [cover(image, [(0, 0, 96, 96)], how).astype(int) for image in (one, other)]
    assert np.abs(one.astype(int) - other).mean() > 80
    assert np.abs(hidden[0] - hidden[1]).mean() < 8
    assert one.any()  # the picture that was given is left as it is


def test_a_face_at_the_edge_or_beyond_is_no_mishap() -> None:
    image = np.full((50, 50, 3), 200, np.uint8)
    boxes = [(-20.0, -20.0, 10.0, 10.0), (48.0, 48.0, 90.0, 90.0), (60.0, 60.0, 70.0, 70.0), (20.0, 20.0, 20.0, 20.0)]
    covered = cover(image, boxes, "box")
    assert not covered[:10, :10].any()
    assert not covered[48:, 48:].any()
    assert (covered[15:40, 15:40] == 200).all()
