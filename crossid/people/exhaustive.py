"""Exact search: everybody is compared with everybody, tile by tile, and most pairs are dismissed by their cosine alone.

Rows are taken in the order of their quality. The poorer quality of a pair in one tile is then nearly one number, and
so is the cosine that a pair needs there to get into a list: who is not even as alike as the least that any row of the
tile needs is dismissed in one comparison, and few pairs are left to be looked at one by one. The cores share the tiles.
What the lists end with does not depend on who offers what when (see `nearest`), so neither on the number of cores.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from crossid.people.lattice import COSINE
from crossid.people.nearest import FLOOR
from crossid.processes import cores

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from crossid.people.calibration import Calibration
    from crossid.people.lattice import Rows
    from crossid.people.nearest import Nearest

    Places = NDArray[np.intp]
    Floats = NDArray[np.float32]
    _Pairs = tuple[Places, Places, Floats]
    Progress = Callable[[int, int], None]

TILE = 4096
"""Rows that are compared with as many others at once: bounds memory to TILE² cosines a core."""
SLAB = 64
"""Rows of a tile whose pairs are looked at together: their cosines stay close to the processor."""
AT_ONCE = 1 << 20
"""Pairs, about, that are offered at once: bounds memory where all are alike."""
HAIR = np.float32(1e-4)
"""Cosine by which less is asked at first, as evidence is rounded."""


class Tile(NamedTuple):
    """Rows (R,) to be compared with others (C,): all pairs, or each once where both are the same rows."""

    rows: Places
    columns: Places
    inside: bool


class Comparison:
    """Compares rows with others, and offers what is alike to their lists.

    Args:
        rows: All of them.
        calibration: What cosines say.
        nearest: The lists.
        progress: Hears how many of how many tiles are compared; from several threads, one at a time.
    """

    def __init__(
        self, rows: Rows, calibration: Calibration, nearest: Nearest, progress: Progress | None = None
    ) -> None:
        self._rows, self._calibration, self._nearest, self._progress = rows, calibration, nearest, progress
        self._offering = Lock()

    def each_with_each(self, some: Places) -> None:
        """Offer each pair of `some` to the lists of both."""
        blocks = self._blocks(some)
        pairs = ((one, other) for one in range(len(blocks)) for other in range(one, len(blocks)))
        self._compare([Tile(blocks[one], blocks[other], one == other) for one, other in pairs])

    def with_others(self, some: Places, others: Places) -> None:
        """Offer each pair of one of `some` and one of `others`, who are different ones, to the lists of both."""
        beside = self._blocks(others)
        self._compare([Tile(block, other, inside=False) for block in self._blocks(some) for other in beside])

    def _blocks(self, some: Places) -> list[Places]:
        """Those of them who can be compared, by falling quality, `TILE` at a time."""
        some = some[self._rows.sound[some]]
        some = some[np.argsort(-self._rows.qualities[some], kind="stable")]
        return [some[start : start + TILE] for start in range(0, len(some), TILE)]

    def _compare(self, tiles: list[Tile]) -> None:
        """Compare all tiles on all cores, each of which multiplies one tile at a time."""
        left, workers = deque(tiles), min(cores(), len(tiles))
        if workers < 2:
            self._work(left, len(tiles))
            return
        with threadpool_limits(1, "blas"), ThreadPoolExecutor(workers) as pool:
            try:
                for worker in [pool.submit(self._work, left, len(tiles)) for _ in range(workers)]:
                    worker.result()
            finally:
                left.clear()  # whatever stops one of them stops all

    def _work(self, left: deque[Tile], of: int) -> None:
        """Take tiles until none is left."""
        desk = _Desk(self._rows)
        while left:
            try:
                tile = left.popleft()
            except IndexError:  # another worker was quicker
                return
            self._tile(tile, desk.products(tile))
            if self._progress is not None:
                with self._offering:
                    self._progress(of - len(left), of)

    def _tile(self, tile: Tile, products: Floats) -> None:
        self._raise(tile.rows, tile.columns, products)
        if not tile.inside:
            self._raise(tile.columns, tile.rows, products.T)
        low, among = self._needed(tile.rows, tile.columns), self._needed(tile.columns, tile.rows)
        found: list[_Pairs] = []
        held = 0
        for start in range(0, len(tile.rows), SLAB):
            part = slice(start, start + SLAB)
            row, column, values = _alike(products[part], low[part], among)
            row += start
            if tile.inside:
                once = column > row
                row, column, values = row[once], column[once], values[once]
            found.append((row, column, values))
            held += len(row)
            if held >= AT_ONCE or start + SLAB >= len(tile.rows):
                row, column, values = (np.concatenate(one) for one in zip(*found, strict=True))
                self._offer(tile.rows[row], tile.columns[column], values, column)
                found, held = [], 0

    def _offer(self, one: Places, other: Places, products: Floats, column: Places) -> None:
        """Offer pairs, that are sorted by `one`, to the lists of both; `column`: places of the others in their tile."""
        poorer = np.minimum(self._rows.qualities[one], self._rows.qualities[other])
        evidence = self._calibration.evidence(products * COSINE, poorer)
        floors = self._nearest.floors  # others may raise them meanwhile, and never lower them
        mine, theirs = evidence >= floors[one], np.flatnonzero(evidence >= floors[other])
        theirs = theirs[np.argsort(column[theirs].astype(np.uint16), kind="stable")]  # by counting: TILE fits into it
        with self._offering:
            self._nearest.offer(one[mine], other[mine], evidence[mine])
            self._nearest.offer(other[theirs], one[theirs], evidence[theirs])

    def _raise(self, rows: Places, others: Places, products: Floats) -> None:
        """Ask more of the first that lists are offered: as much as enough of the others (R, C) have for sure.

        Nearly all of the first would get in, only to be put out again by the next.
        """
        rank = products.shape[1] - self._nearest.most - 1  # one more, as one of the others may be the row itself
        if rank < products.shape[1] // 2 or (self._nearest.floors[rows] > FLOOR).mean() > 0.5:
            return
        enough = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), SLAB):
            part = slice(start, start + SLAB)
            enough[part] = np.partition(products[part], rank, axis=1)[:, rank]
        surely = least_evidence(self._calibration, enough * COSINE - HAIR, *self._poorer(rows, others))
        with self._offering:
            self._nearest.floors[rows] = np.maximum(self._nearest.floors[rows], surely)

    def _needed(self, rows: Places, others: Places) -> Floats:
        """Product (R,) under which none of `others` gets into a row's list."""
        cosines = least_cosines(self._calibration, self._nearest.floors[rows], *self._poorer(rows, others))
        return np.asarray(cosines / COSINE - HAIR, np.float32)

    def _poorer(self, rows: Places, others: Places) -> tuple[Floats, Floats]:
        """Between what (R,) the poorer quality of a row and one of the others lies."""
        qualities, among = self._rows.qualities[rows], self._rows.qualities[others]
        return np.minimum(qualities, among.min()), np.minimum(qualities, among.max())


class _Desk:
    """Where one worker multiplies: memory that is used again, as fetching and clearing it takes time."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._room = np.empty(0, np.float32)
        self._block, self._vectors = np.empty(0, np.intp), np.empty((0, 0), np.float32)

    def products(self, tile: Tile) -> Floats:
        """Products (R, C) of a tile, until the next is asked for."""
        if self._block is not tile.rows:
            self._block, self._vectors = tile.rows, self._rows.full(tile.rows)
        shape = len(tile.rows), len(tile.columns)
        if shape[0] * shape[1] > len(self._room):
            self._room = np.empty(shape[0] * shape[1], np.float32)
        out = self._room[: shape[0] * shape[1]].reshape(shape)
        others = self._vectors if tile.inside else self._rows.full(tile.columns)
        return np.matmul(self._vectors, others.T, out=out)


def _alike(products: Floats, low: Floats, among: Floats) -> _Pairs:
    """Rows, columns and values, all (P,), of the products (R, C) that a row (R,) or a column (C,) has use for."""
    alike = products > low[:, None]
    alike |= products > among
    found = np.flatnonzero(alike)
    row = found // len(among)
    return row, found - row * len(among), products.ravel()[found]


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


def least_evidence(calibration: Calibration, cosines: Floats, low: Floats, high: Floats) -> Floats:
    """Evidence (N,) that a pair of at least these cosines has at least, if its poorer quality is in [low, high].

    As a function of the quality q it is a parabola: it is least at one of the ends, or at the vertex.
    """
    if min(calibration.cosine, calibration.cosine + calibration.cosine_quality) <= 0:
        return np.full(len(cosines), -np.inf, np.float32)  # more alike says less: no cosine is enough
    with np.errstate(all="ignore"):
        vertex = -calibration.quality / (2 * calibration.cosine_quality * (cosines - calibration.pivot))
    places = [low, high, np.clip(np.where(np.isfinite(vertex), vertex, low), low, high)]
    evidence = np.stack([calibration.evidence(cosines, place.astype(np.float32)) for place in places])
    return np.asarray(evidence.min(axis=0))
