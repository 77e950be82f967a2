"""The arithmetic of boxes and alignment holds for any input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from crossid.geometry import iou, similarity_transform, suppress

Boxes = NDArray[np.float32]
edges = st.integers(-50, 50)
sides = st.integers(0, 40)
box_lists = st.lists(st.tuples(edges, edges, sides, sides), max_size=25).map(
    lambda rows: np.array([[x, y, x + w, y + h] for x, y, w, h in rows], np.float32).reshape(-1, 4)
)


def overlap(a: Boxes, b: Boxes, *, by_smaller: bool = False) -> float:
    """Intersection over union (or over the smaller area) of two boxes; 0 where nothing has area."""
    shared = max(min(a[2], b[2]) - max(a[0], b[0]), 0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0)
    areas = [float((box[2] - box[0]) * (box[3] - box[1])) for box in (a, b)]
    base = min(areas) if by_smaller else sum(areas) - shared
    return float(shared / base) if base > 0 else 0.0


def suppressed_plainly(boxes: Boxes, scores: NDArray[np.float32], limit: float, *, by_smaller: bool) -> list[int]:
    stay: list[int] = []
    for index in np.argsort(-scores, kind="stable"):
        if all(overlap(boxes[index], boxes[better], by_smaller=by_smaller) <= limit for better in stay):
            stay.append(int(index))
    return stay


@given(box_lists, box_lists)
def test_iou_is_the_share_of_the_union_that_two_boxes_have_in_common(a: Boxes, b: Boxes) -> None:
    expected = np.array([[overlap(one, other) for other in b] for one in a]).reshape(len(a), len(b))
    np.testing.assert_allclose(iou(a, b), expected, atol=1e-6)


@given(box_lists)
def test_a_box_with_area_overlaps_itself_wholly(boxes: Boxes) -> None:
    has_area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) > 0
    np.testing.assert_array_equal(np.diag(iou(boxes, boxes)), has_area.astype(np.float32))


@given(box_lists, st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.3, 0.5, 0.7]), st.booleans())
def test_suppression_equals_the_plain_double_loop(boxes: Boxes, seed: int, limit: float, by_smaller: bool) -> None:
    scores = np.random.default_rng(seed).integers(0, 8, len(boxes)).astype(np.float32) / 8
    stay = suppress(boxes, scores, limit, by_smaller=by_smaller)
    assert stay.tolist() == suppressed_plainly(boxes, scores, limit, by_smaller=by_smaller)


def test_nothing_suppresses_to_nothing() -> None:
    assert suppress(np.empty((0, 4), np.float32), np.empty(0, np.float32), 0.5).tolist() == []


@given(
    st.integers(0, 2**32 - 1),
    st.floats(-np.pi, np.pi),
    st.floats(0.05, 20),
    st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
)
def test_a_similarity_is_recovered_from_points_it_moved(
    seed: int, angle: float, scale: float, shift: tuple[float, float]
) -> None:
    points = np.random.default_rng(seed).uniform(-100, 100, (5, 2)).astype(np.float32)
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    matrix = np.array([[cos, -sin, shift[0]], [sin, cos, shift[1]]])
    moved = (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    np.testing.assert_allclose(similarity_transform(points, moved), matrix, rtol=1e-3, atol=1e-2)


def test_a_mirrored_shape_is_not_fitted_by_mirroring() -> None:
    points = np.array([[0, 0], [10, 0], [3, 7], [1, 9], [8, 9]], np.float32)
    matrix = similarity_transform(points, points * [-1, 1])
    assert np.linalg.det(matrix[:, :2]) > 0


def test_points_that_coincide_are_only_shifted() -> None:
    points, onto = np.full((5, 2), 3, np.float32), np.arange(10, dtype=np.float32).reshape(5, 2)
    np.testing.assert_allclose(similarity_transform(points, onto), [[1, 0, 1], [0, 1, 2]])


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_no_other_similarity_brings_the_points_closer(scale: float) -> None:
    """Least squares: small changes of the matrix only make the fit worse."""
    generator = np.random.default_rng(1)
    points, onto = (generator.uniform(0, scale, (5, 2)).astype(np.float32) for _ in range(2))
    best = similarity_transform(points, onto).astype(np.float64)

    def squares(turn: complex, shift: complex) -> float:
        moved = (points[:, 0] + 1j * points[:, 1]) * turn + shift
        return float((np.abs(moved - (onto[:, 0] + 1j * onto[:, 1])) ** 2).sum())

    turn, shift = complex(best[0, 0], best[1, 0]), complex(best[0, 2], best[1, 2])
    for nudge in (0.01, -0.01, 0.01j, -0.01j):
        assert squares(turn, shift) <= squares(turn + nudge, shift)
        assert squares(turn, shift) <= squares(turn, shift + nudge * scale)
