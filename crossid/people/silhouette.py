"""Silhouette: whether an appearance lies nearer to its own person than to the next one (Rousseeuw 1987).

Distances are one minus cosine. Vectors have unit length, so the mean distance to a person is one minus
the product with the sum of the person's vectors over their number: N × people products, never N × N.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BLOCK = 4_000_000
"""Distances from appearances to people that are held at once: memory is bounded, however many people there are."""
STRONG, REASONABLE, WEAK = 0.7, 0.5, 0.25
"""Kaufman & Rousseeuw 1990, table 4 of chapter 2."""

Structure = Literal["strong", "reasonable", "weak", "none"]


def silhouettes(vectors: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Silhouette of each appearance, (N,) in [-1, 1].

    Whoever is alone has 0, as the definition says; NaN for rows of nobody (label below 0) and for all
    where there are fewer than two people.

    Args:
        vectors: (N, D), unit length.
        labels: (N,), -1 for nobody.
    """
    values = np.full(len(labels), np.nan)
    known = np.flatnonzero(labels >= 0)
    people, codes = np.unique(labels[known], return_inverse=True)
    if len(people) < 2:
        return values
    sizes = np.bincount(codes)
    sums = np.zeros((len(people), vectors.shape[1]), np.float64)
    np.add.at(sums, codes, vectors[known].astype(np.float64))
    step = max(1, BLOCK // len(people))
    for start in range(0, len(known), step):
        rows = slice(start, start + step)
        values[known[rows]] = _block(vectors[known[rows]].astype(np.float64), codes[rows], sums, sizes)
    return values


def _block(
    vectors: NDArray[np.float64], codes: NDArray[np.int64], sums: NDArray[np.float64], sizes: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Silhouettes (B,) of some rows, given everybody's sum of vectors (P, D) and number of appearances (P,)."""
    rows = np.arange(len(codes))
    products = vectors @ sums.T
    own, size = products[rows, codes], sizes[codes]
    with_itself = np.einsum("ij,ij->i", vectors, vectors)
    inside = 1 - np.divide(own - with_itself, size - 1, out=np.zeros(len(rows)), where=size > 1)
    distances = 1 - products / sizes
    distances[rows, codes] = np.inf
    nearest = distances.min(axis=1)
    larger = np.maximum(inside, nearest)
    between = np.divide(nearest - inside, larger, out=np.zeros(len(rows)), where=larger > 0)
    return np.asarray(np.where(size > 1, between, 0.0))


def person_silhouettes(values: NDArray[np.float64], labels: NDArray[np.int64]) -> dict[int, float]:
    """Label of each person -> mean silhouette of their appearances; empty where there is no silhouette."""
    known = (labels >= 0) & ~np.isnan(values)
    people, codes = np.unique(labels[known], return_inverse=True)
    means = np.bincount(codes, values[known]) / np.maximum(np.bincount(codes), 1)
    return dict(zip(people.tolist(), means.tolist(), strict=True))


def told(silhouette: float) -> str:
    """A silhouette as people read it: "0.62 (reasonable)"; the word is that of the figure shown."""
    return f"{silhouette:.2f} ({structure(round(silhouette, 2))})"


def of_people(vectors: NDArray[np.float32], people: Sequence[str]) -> dict[str, float]:
    """Person -> mean silhouette of those who have several appearances.

    Args:
        vectors: (N, D), unit length.
        people: Whose each row is, "" for nobody.
    """
    names, labels = np.unique(np.array(people, dtype=object), return_inverse=True)
    labels = labels.astype(np.int64)
    labels[[not person for person in people]] = -1
    several = np.bincount(labels[labels >= 0], minlength=len(names)) > 1
    means = person_silhouettes(silhouettes(vectors, labels), labels)
    return {names[label]: value for label, value in means.items() if several[label]}


def structure(silhouette: float) -> Structure:
    """What a silhouette is called."""
    if silhouette > STRONG:
        return "strong"
    if silhouette > REASONABLE:
        return "reasonable"
    return "weak" if silhouette > WEAK else "none"
