"""How alike two sets of views are: two sequences of one face each, or all appearances of two people.

A linkage takes unit vectors (V, D) and (W, D), both with a row or more, and says how alike the two sets
are: a cosine, or something that ranks as one does; more is more alike, and the order of the sets and
of their rows does not matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse.csgraph import shortest_path

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.float32] | NDArray[np.float64]

PARTIAL = 0.5
"""Share of a set that the partial Hausdorff distance listens to: the median (Huttenlocher et al. 1993)."""
CURVED = 1.1
"""Mean ratio of geodesic to straight distance from which a set is no linear patch (Wang et al. 2012)."""
NEIGHBOURS = 4
"""Nearest neighbours between which a geodesic steps."""
ENERGY = 0.9
"""Share of a patch's variance that its subspace holds."""


def mean(one: Rows, other: Rows) -> float:
    """Mean cosine of all pairs: average linkage."""
    return float(one.mean(axis=0) @ other.mean(axis=0))


def medoid(one: Rows, other: Rows) -> float:
    """Cosine of the two medoids: the views with the highest median cosine to their own set; one bad view is ignored."""
    return float(_medoid(one) @ _medoid(other))


def hausdorff(one: Rows, other: Rows) -> float:
    """Cosine of the view that has the poorest best match in the other set: everybody has to be matched."""
    cosines = one @ other.T
    return float(min(cosines.max(axis=1).min(), cosines.max(axis=0).min()))


def partial_hausdorff(one: Rows, other: Rows) -> float:
    """The same, of the better half of each set: the rest may be anybody."""
    cosines = one @ other.T
    return float(min(_quantile(cosines.max(axis=1)), _quantile(cosines.max(axis=0))))


def manifold(one: Rows, other: Rows) -> float:
    """One minus half the squared manifold-manifold distance (Wang, Shan, Chen & Gao 2012), nearest patches.

    Each set is divided into maximal linear patches. The distance of two patches is that of their means'
    directions and of their subspaces: d² = sin²θ₀ + mean sin²θₖ, over the principal angles θₖ.
    """
    squares = [_patch_distance(a, b) for a in _patches(one) for b in _patches(other)]
    return 1 - min(squares) / 2


def _medoid(views: Rows) -> Rows:
    cosines = views @ views.T
    middle = np.median(cosines, axis=1)
    chosen: Rows = views[np.flatnonzero(middle >= middle.max() - 1e-6)].mean(axis=0)
    return chosen  # of equals, the one between them


def _quantile(best: Rows) -> float:
    """The value that `PARTIAL` of the rows reach."""
    return float(np.sort(best)[::-1][int(np.ceil(PARTIAL * len(best))) - 1])


def _patches(views: Rows) -> list[Rows]:
    """Linear patches of a set, by dividing whichever is curved between its two ends (Wang & Chen 2009)."""
    views = np.asarray(views, np.float64)
    straight = np.sqrt(np.clip(2 - 2 * views @ views.T, 0, None))
    nearest = np.sort(straight, axis=1)[:, : NEIGHBOURS + 1].max(axis=1)
    steps = np.where((straight <= nearest[:, None]) | (straight <= nearest[None, :]), straight, 0)
    along = shortest_path(steps, directed=False)
    along = np.where(np.isfinite(along), along, CURVED**2 * straight)
    patches: list[Rows] = []
    rest = [np.arange(len(views))]
    while rest:
        rows = rest.pop()
        inside, direct = along[np.ix_(rows, rows)], straight[np.ix_(rows, rows)]
        apart = direct > 1e-6
        if len(rows) <= NEIGHBOURS or not apart.any() or (inside[apart] / direct[apart]).mean() < CURVED:
            patches.append(views[rows])
            continue
        first, last = np.unravel_index(np.argmax(inside), inside.shape)
        nearer = inside[first] <= inside[last]
        rest += [rows[nearer], rows[~nearer]]
    return patches


def _patch_distance(one: Rows, other: Rows) -> float:
    """Squared distance of two patches, [0, 2]."""
    means = [rows.mean(axis=0) for rows in (one, other)]
    cosine = means[0] @ means[1] / max(float(np.linalg.norm(means[0]) * np.linalg.norm(means[1])), 1e-12)
    angles = np.linalg.svd(_subspace(one) @ _subspace(other).T, compute_uv=False)
    varied = 1 - np.clip(angles, 0, 1) ** 2
    return float(1 - min(max(cosine, 0.0), 1.0) ** 2 + (varied.mean() if len(varied) else 0.0))


def _subspace(rows: Rows) -> Rows:
    """Orthonormal basis (R, D) of the directions in which a patch varies; none for a single view."""
    _, spread, basis = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    energy = np.cumsum(spread**2)
    if energy[-1] < 1e-9:
        return np.empty((0, rows.shape[1]))
    return basis[: int(np.searchsorted(energy, ENERGY * energy[-1])) + 1]
