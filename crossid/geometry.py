"""Pure arithmetic on boxes, landmarks and similarity transforms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def iou(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of every box of `a` (N, 4) with every box of `b` (M, 4): (N, M) in [0, 1].

    Boxes are rows of (left, top, right, bottom); a box without area overlaps nothing.
    """
    left_top = np.maximum(a[:, None, :2], b[None, :, :2])
    right_bottom = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.prod(np.clip(right_bottom - left_top, 0, None), axis=2)
    union = _area(a)[:, None] + _area(b)[None, :] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0), dtype=np.float32)


def suppress(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], overlap: float, *, by_smaller: bool = False
) -> NDArray[np.intp]:
    """Greedy non-maximum suppression: indices that stay, by falling score.

    Args:
        boxes: (N, 4) left, top, right, bottom.
        scores: (N,).
        overlap: A box that overlaps a better one by more than this goes.
        by_smaller: Measure overlap as intersection over the smaller area (MTCNN's "Min") instead of
            over the union.
    """
    order = np.argsort(-scores, kind="stable")
    left, top, right, bottom = boxes[order].T
    areas = _area(boxes[order])
    alive = np.ones(len(order), dtype=bool)
    for best in range(len(order)):
        if not alive[best]:
            continue
        rest = slice(best + 1, None)
        across = np.minimum(right[best], right[rest]) - np.maximum(left[best], left[rest])
        down = np.minimum(bottom[best], bottom[rest]) - np.maximum(top[best], top[rest])
        shared = np.maximum(across, 0) * np.maximum(down, 0)
        base = np.minimum(areas[best], areas[rest]) if by_smaller else areas[best] + areas[rest] - shared
        alive[rest] &= shared <= overlap * base
    return order[alive]


def similarity_transform(points: NDArray[np.float32], onto: NDArray[np.float32]) -> NDArray[np.float32]:
    """Least-squares rotation, uniform scale and shift of `points` (K, 2) onto `onto` (K, 2).

    Returns:
        (2, 3) float32 matrix for `cv2.warpAffine`. Umeyama 1991, without reflection. Where all
        points coincide the scale is that of a point on a point: 1.
    """
    source, target = points.astype(np.float64), onto.astype(np.float64)
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    source_0, target_0 = source - source_mean, target - target_mean
    variance = (source_0**2).sum() / len(source)
    if variance <= np.finfo(np.float64).eps:
        return np.hstack([np.eye(2), (target_mean - source_mean)[:, None]]).astype(np.float32)
    u, singular, vt = np.linalg.svd(target_0.T @ source_0 / len(source))
    signs = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    rotation = u @ np.diag(signs) @ vt
    scale = (singular * signs).sum() / variance
    return np.hstack([scale * rotation, (target_mean - scale * rotation @ source_mean)[:, None]]).astype(np.float32)


def _area(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    sides = np.clip(boxes[:, 2:] - boxes[:, :2], 0, None)
    return np.asarray(sides[:, 0] * sides[:, 1], dtype=np.float32)
