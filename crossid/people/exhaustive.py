"""Exact search: everybody is compared with everybody, tile by tile, and most pairs are dismissed by their cosine alone.

Rows are taken in the order of their quality. The poorer quality of a pair in one tile is then nearly one number, and
so is the cosine that a pair needs there to get into a list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crossid.people.lattice import COSINE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crossid.people.calibration import Calibration
    from crossid.people.lattice import Rows
    from crossid.people.nearest import Nearest

    Places = NDArray[np.intp]

TILE = 4096
"""Rows that are compared with as many others at once: bounds memory to TILE² cosines."""
HAIR = np.float32(1e-4)
"""Cosine by which less is asked at first, as evidence is rounded."""


class Comparison:
    """Compares rows with others, and offers what is alike to their lists.

    Args:
        rows: All of them.
        calibration: What cosines say.
        nearest: The lists.
    """

    def __init__(self, rows: Rows, calibration: Calibration, nearest: Nearest) -> None:
        self._rows, self._calibration, self._nearest = rows, calibration, nearest

    def each_with_each(self, some: Places) -> None:
        """Offer each pair of `some` to the lists of both."""
        some = self._in_order(some)
        for start in range(0, len(some), TILE):
            block = some[start : start + TILE]
            vectors = self._rows.full(block)
            self._tile(block, vectors, block, inside=True)
            for left in range(start + TILE, len(some), TILE):
                self._tile(block, vectors, some[left : left + TILE])

    def with_others(self, some: Places, others: Places) -> None:
        """Offer each pair of one of `some` and one of `others`, who are different ones, to the lists of both."""
        some, others = self._in_order(some), self._in_order(others)
        for start in range(0, len(some), TILE):
            block = some[start : start + TILE]
            vectors = self._rows.full(block)
            for left in range(0, len(others), TILE):
                self._tile(block, vectors, others[left : left + TILE])

    def _in_order(self, some: Places) -> Places:
        some = some[self._rows.sound[some]]
        return np.asarray(some[np.argsort(-self._rows.qualities[some], kind="stable")])

    def _tile(self, rows: Places, vectors: NDArray[np.float32], columns: Places, *, inside: bool = False) -> None:
        """Compare (R) rows with (C) columns; `inside`: they are the same, and each pair counts once."""
        products = vectors @ self._rows.full(columns).T
        alike = products > self._needed(rows, columns)[:, None]
        alike |= products > self._needed(columns, rows)
        if inside:
            alike = np.triu(alike, 1)
        row, column = np.divmod(np.flatnonzero(alike), len(columns))
        one, other = rows[row], columns[column]
        evidence = self._evidence(one, other, products[row, column])
        self._nearest.offer(one, other, evidence)
        turned = np.argsort(column.astype(np.uint16), kind="stable")  # by counting: TILE fits into 16 bits
        self._nearest.offer(other[turned], one[turned], evidence[turned])

    def _evidence(self, one: Places, other: Places, products: NDArray[np.float32]) -> NDArray[np.float32]:
        """Log-likelihood ratios (P,) of pairs, from their vectors' products."""
        poorer = np.minimum(self._rows.qualities[one], self._rows.qualities[other])
        return self._calibration.evidence(products * COSINE, poorer)

    def _needed(self, rows: Places, others: Places) -> NDArray[np.float32]:
        """Product (R,) under which none of `others` gets into a row's list."""
        qualities, among = self._rows.qualities[rows], self._rows.qualities[others]
        cosines = least_cosines(
            self._calibration,
            self._nearest.floors[rows],
            np.minimum(qualities, among.min()),
            np.minimum(qualities, among.max()),
        )
        return np.asarray(cosines / COSINE - HAIR, np.float32)


def least_cosines(
    calibration: Calibration, evidence: NDArray[np.float32], low: NDArray[np.float32], high: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Cosines (N,) under which a pair whose poorer quality is in [low, high] has less evidence than this, all (N,).

    The cosine needed, as a function of the quality q, is a line over a parabola: it is least at one of the ends, or
    where its slope is zero, the roots of a quadratic equation.
    """
    gain, more, slope = calibration.cosine, calibration.cosine_quality, calibration.quality
    asked = evidence.astype(np.float64) - calibration.bias
    if min(gain, gain + more) <= 0:
        return np.full(len(asked), -np.inf)  # more alike says less: no cosine rules anything out
    low, high = low.astype(np.float64), high.astype(np.float64)
    with np.errstate(all="ignore"):
        root = np.sqrt((more * asked) ** 2 + slope**2 * more * gain)
        turns = np.stack([(more * asked + root) / (slope * more), (more * asked - root) / (slope * more), 0 * low])
    places = [low, high, *np.clip(np.where(np.isfinite(turns), turns, low), low, high)]
    needed = [(asked - slope * q) / (gain + more * q**2) for q in places]
    return np.asarray(calibration.pivot + np.stack(needed).min(axis=0))
