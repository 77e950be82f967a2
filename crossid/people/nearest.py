"""Of each appearance, the others that are surest to be the same person: bounded lists, filled pair by pair.

Which pairs a list ends with depends on nothing but the set of pairs that it was offered: pairs of one value rank by
the two appearances' marks. So it does not matter in which order they come, nor in how many runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crossid.people import LEAST
from crossid.people.calibration import needed_evidence
from crossid.types import Neighbours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crossid.people.lattice import Rows

MOST = 200
"""Others that an appearance's list holds."""
FLOOR = np.float32(needed_evidence(1000) + LEAST)
"""Evidence that no graph asks less than, however large the archive is."""
BLOCK = 4096
"""Lists that are cut at once."""
UPPER = np.uint64(32)
NONE = np.uint64(0)


class Nearest:
    """Lists of the nearest, open to be filled.

    Args:
        rows: Whom the lists are of.
    """

    def __init__(self, rows: Rows) -> None:
        size = len(rows)
        self._ties = (rows.marks >> UPPER).astype(np.uint32)
        self._width = max(1, min(2 * MOST, size))
        self._columns = np.zeros((size, self._width), np.int32)
        self._evidence = np.full((size, self._width), -np.inf, np.float32)
        self._held = np.zeros(size, np.int64)
        self.floors = np.full(size, FLOOR)
        """Evidence (N,) float32 that another needs to get into each list."""
        self._last = np.full(size, NONE)

    def offer(self, rows: NDArray[np.intp], columns: NDArray[np.intp], evidence: NDArray[np.float32]) -> None:
        """Let lists have pairs that were not offered before.

        Args:
            rows: (P,) whose list; pairs of one list come together.
            columns: (P,) who may get into it.
            evidence: (P,) log-likelihood ratios.
        """
        while len(rows):
            wanted = evidence >= self.floors[rows]
            wanted[wanted] = self._keys(rows[wanted], columns[wanted], evidence[wanted]) > self._last[rows[wanted]]
            rows, columns, evidence = rows[wanted], columns[wanted], evidence[wanted]
            if not len(rows):
                return
            starts = np.flatnonzero(np.diff(rows, prepend=-1))
            counts = np.diff(starts, append=len(rows))
            places = self._held[rows] + np.arange(len(rows)) - np.repeat(starts, counts)
            fits = places < self._width
            self._columns[rows[fits], places[fits]] = columns[fits]
            self._evidence[rows[fits], places[fits]] = evidence[fits]
            owners = rows[starts]
            self._held[owners] = np.minimum(self._held[owners] + counts, self._width)
            self._cut(owners[self._held[owners] == self._width])
            rows, columns, evidence = rows[~fits], columns[~fits], evidence[~fits]

    def take_over(self, kept: Neighbours, marks: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Begin with lists of an earlier search, of those who are still there.

        Args:
            kept: The earlier search.
            marks: (N,) of the rows.

        Returns:
            Whose lists (N,) are known, as far as it goes among them. All others are still to meet everybody: they are
            new, or have lost somebody who kept others out of their list.
        """
        known = np.zeros(len(marks), bool)
        if not len(marks) or not len(kept):
            return known
        order = np.argsort(marks)
        place = order[np.minimum(np.searchsorted(marks[order], kept.marks), len(marks) - 1)]
        now = np.where(marks[place] == kept.marks, place, -1)
        rows, columns = np.repeat(now, kept.counts), now[kept.columns]
        known[now[now >= 0]] = True
        full = np.repeat(kept.counts >= MOST, kept.counts)
        known[rows[full & (rows >= 0) & (columns < 0)]] = False
        both = (rows >= 0) & (columns >= 0)
        both[both] = known[rows[both]] & known[columns[both]]
        self.offer(rows[both], columns[both], kept.evidence[both])
        self._cut(np.flatnonzero(self._held >= MOST))
        return known

    def lists(self, mark: str, marks: NDArray[np.uint64]) -> Neighbours:
        """What came of it, the surest first."""
        counts = np.minimum(self._held, MOST)
        columns = np.empty(int(counts.sum()), np.int32)
        evidence = np.empty(len(columns), np.float32)
        ends = np.cumsum(counts)
        for start in range(0, len(counts), BLOCK):
            rows = np.arange(start, min(start + BLOCK, len(counts)))
            keys = self._keys(rows[:, None], self._columns[rows], self._evidence[rows])
            order = np.argsort(~keys, axis=1)[:, :MOST]
            held = np.arange(order.shape[1]) < counts[rows, None]
            part = slice(ends[rows[0]] - counts[rows[0]], ends[rows[-1]])
            columns[part] = np.take_along_axis(self._columns[rows], order, 1)[held]
            evidence[part] = np.take_along_axis(self._evidence[rows], order, 1)[held]
        return Neighbours(mark=mark, marks=marks, counts=counts, columns=columns, evidence=evidence)

    def _cut(self, rows: NDArray[np.intp]) -> None:
        """Leave the surest `MOST` in lists that are full."""
        if self._width <= MOST:
            return
        drop = self._width - MOST
        for start in range(0, len(rows), BLOCK):
            some = rows[start : start + BLOCK]
            columns, evidence = self._columns[some], self._evidence[some]
            keys = self._keys(some[:, None], columns, evidence)
            order = np.argpartition(keys, drop, axis=1)[:, drop:]
            last = np.take_along_axis(keys, order[:, :1], 1)[:, 0]
            evidence = np.take_along_axis(evidence, order, 1)
            self._columns[some, :MOST] = np.take_along_axis(columns, order, 1)
            self._evidence[some, :MOST] = evidence
            self._evidence[some, MOST:] = -np.inf
            self._held[some], self._last[some], self.floors[some] = MOST, last, evidence[:, 0]

    def _keys(
        self, rows: NDArray[np.intp], columns: NDArray[np.integer], evidence: NDArray[np.float32]
    ) -> NDArray[np.uint64]:
        """Numbers that rank pairs: by evidence, and by their marks where that is equal; the same from either end."""
        bits = evidence.view(np.uint32)
        rising = np.where(bits >> np.uint32(31), ~bits, bits | np.uint32(1 << 31)).astype(np.uint64) << UPPER
        return np.asarray(rising | ~(self._ties[rows] ^ self._ties[columns]))
