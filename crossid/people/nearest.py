"""Of each appearance, the others that are surest to be the same person: bounded lists, filled pair by pair.

Which pairs a list ends with depends on nothing but the set of pairs that it was offered: pairs of one value rank by
the two appearances' marks. So it does not matter in which order they come, nor in how many runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

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
Number = TypeVar("Number", np.int32, np.float32)
UPPER = np.uint64(32)
NONE = np.uint64(0)
CLOSED = -1


class Nearest:
    """Lists of the nearest, open to be filled.

    Args:
        rows: Whom the lists are of.
    """

    def __init__(self, rows: Rows) -> None:
        size = len(rows)
        self.most = MOST
        """Others that a list holds."""
        self._ties = (rows.marks >> UPPER).astype(np.uint32)
        self._width = max(1, min(MOST + MOST // 2, size))
        self.floors = np.full(size, FLOOR)
        """Evidence (N,) float32 that another needs to get into each list."""
        self._last = np.full(size, NONE)
        self._kept = _Kept(np.zeros(size, np.int64), np.empty(0, np.int32), np.empty(0, np.float32))
        self._places = np.full(size, CLOSED)
        """Where the list of each row (N,) lies among those that were opened."""
        self._open = 0
        self._columns, self._evidence = self._room(0)
        self._held = np.zeros(size, np.int64)

    def offer(self, rows: NDArray[np.intp], columns: NDArray[np.intp], evidence: NDArray[np.float32]) -> None:
        """Let lists have pairs that were not offered before.

        Args:
            rows: (P,) whose list; pairs of one list come together.
            columns: (P,) who may get into it.
            evidence: (P,) log-likelihood ratios.
        """
        while len(rows):
            wanted = self._wanted(rows, columns, evidence)
            rows, columns, evidence = rows[wanted], columns[wanted], evidence[wanted]
            if not len(rows):
                return
            starts = np.flatnonzero(np.diff(rows, prepend=-1))
            counts, owners = np.diff(starts, append=len(rows)), rows[starts]
            self._ensure_open(owners)
            places = self._held[rows] + np.arange(len(rows)) - np.repeat(starts, counts)
            fits = places < self._width
            into = self._places[rows[fits]] * self._width + places[fits]
            self._columns.ravel()[into], self._evidence.ravel()[into] = columns[fits], evidence[fits]
            self._held[owners] = np.minimum(self._held[owners] + counts, self._width)
            self._cut(owners[self._held[owners] == self._width])
            rows, columns, evidence = rows[~fits], columns[~fits], evidence[~fits]

    def _wanted(
        self, rows: NDArray[np.intp], columns: NDArray[np.intp], evidence: NDArray[np.float32]
    ) -> NDArray[np.bool_]:
        """Which pairs (P,) get into their lists as they are."""
        floors = self.floors[rows]
        wanted = np.asarray(evidence > floors)
        tied = np.flatnonzero(evidence == floors)
        wanted[tied] = self._keys(rows[tied], columns[tied], evidence[tied]) > self._last[rows[tied]]
        return wanted

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
        now = np.where(marks[place] == kept.marks, place, -1).astype(np.int32)
        known[now[now >= 0]] = True
        here = _Kept(kept.counts, kept.columns, kept.evidence).moved(now, known)
        full = np.flatnonzero(here.counts >= MOST)
        last = np.cumsum(here.counts)[full] - 1
        self.floors[full] = here.evidence[last]
        self._last[full] = self._keys(full, here.columns[last], here.evidence[last])
        self._kept, self._held = here, np.minimum(here.counts, self._width)
        return known

    def lists(self, mark: str, marks: NDArray[np.uint64]) -> Neighbours:
        """What came of it, the surest first; the lists are given up for it."""
        counts = np.minimum(self._held, MOST)
        self._sort()
        columns = self._together(counts, self._columns, self._kept.columns)
        self._columns = self._columns[:0]  # of a million, each of these is more than a gigabyte
        evidence = self._together(counts, self._evidence, self._kept.evidence)
        self._evidence = self._evidence[:0]
        return Neighbours(mark=mark, marks=marks, counts=counts, columns=columns, evidence=evidence)

    def _sort(self) -> None:
        """Put the surest of each list first."""
        opened = np.flatnonzero(self._places != CLOSED)
        for start in range(0, len(opened), BLOCK):
            rows = opened[start : start + BLOCK]
            places = self._places[rows]
            mine = self._columns[places], self._evidence[places]
            order = np.argsort(~self._keys(rows[:, None], *mine), axis=1)
            self._columns[places] = np.take_along_axis(mine[0], order, 1)
            self._evidence[places] = np.take_along_axis(mine[1], order, 1)

    def _together(self, counts: NDArray[np.int64], own: NDArray[Number], kept: NDArray[Number]) -> NDArray[Number]:
        """One column of what the lists hold, row after row: of those that were opened, and of those as they were."""
        ends = np.cumsum(counts)
        whole = np.empty(int(counts.sum()), own.dtype)
        there = np.flatnonzero(self._kept.counts)
        moved = (ends - counts - self._kept.ends + self._kept.counts)[there]
        for run in np.split(there, np.flatnonzero(np.diff(moved)) + 1) if len(there) else []:
            start, end = self._kept.ends[run[0]] - self._kept.counts[run[0]], self._kept.ends[run[-1]]
            into = ends[run[0]] - counts[run[0]]
            whole[into : into + end - start] = kept[start:end]
        opened = np.flatnonzero(self._places != CLOSED)
        for start in range(0, len(opened), BLOCK):
            rows = opened[start : start + BLOCK]
            rank = np.arange(min(MOST, self._width))
            held = rank < counts[rows, None]
            whole[((ends - counts)[rows, None] + rank)[held]] = own[self._places[rows], : len(rank)][held]
        return whole

    def _room(self, lists: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Others and evidence, both (L, W), of lists that are empty."""
        return np.zeros((lists, self._width), np.int32), np.full((lists, self._width), -np.inf, np.float32)

    def _ensure_open(self, rows: NDArray[np.intp]) -> None:
        """Give lists (distinct ones) that something is to be put in a place, and what they were kept with."""
        new = rows[self._places[rows] == CLOSED]
        if self._open + len(new) > len(self._columns):
            wanted = min(2 * (self._open + len(new)), len(self._places)) if len(self._kept.columns) else len(self._held)
            more = self._room(wanted - len(self._columns))
            self._columns = np.concatenate([self._columns, more[0]])
            self._evidence = np.concatenate([self._evidence, more[1]])
        self._places[new] = np.arange(self._open, self._open + len(new))
        self._open += len(new)
        counts = self._kept.counts[new]
        rank = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        into = np.repeat(self._places[new], counts), rank
        of = np.repeat(self._kept.ends[new] - counts, counts) + rank
        self._columns[into], self._evidence[into] = self._kept.columns[of], self._kept.evidence[of]

    def _cut(self, rows: NDArray[np.intp]) -> None:
        """Leave the surest `MOST` in lists that are full."""
        if self._width <= MOST:
            return
        drop = self._width - MOST
        for start in range(0, len(rows), BLOCK):
            some = rows[start : start + BLOCK]
            places = self._places[some]
            columns, evidence = self._columns[places], self._evidence[places]
            keys = self._keys(some[:, None], columns, evidence)
            order = np.argpartition(keys, drop, axis=1)[:, drop:]
            last = np.take_along_axis(keys, order[:, :1], 1)[:, 0]
            evidence = np.take_along_axis(evidence, order, 1)
            self._columns[places, :MOST] = np.take_along_axis(columns, order, 1)
            self._evidence[places, :MOST] = evidence
            self._evidence[places, MOST:] = -np.inf
            self._held[some], self._last[some], self.floors[some] = MOST, last, evidence[:, 0]

    def _keys(
        self, rows: NDArray[np.intp], columns: NDArray[np.integer], evidence: NDArray[np.float32]
    ) -> NDArray[np.uint64]:
        """Numbers that rank pairs: by evidence, and by their marks where that is equal; the same from either end."""
        bits = evidence.view(np.uint32)
        rising = np.where(bits >> np.uint32(31), ~bits, bits | np.uint32(1 << 31)).astype(np.uint64) << UPPER
        return np.asarray(rising | ~(self._ties[rows] ^ self._ties[columns]))


class _Kept:
    """Lists of an earlier search: `counts` (N,) of `columns` and `evidence`, row after row."""

    def __init__(self, counts: NDArray[np.int64], columns: NDArray[np.int32], evidence: NDArray[np.float32]) -> None:
        self.counts, self.columns, self.evidence = counts, columns, evidence
        self.ends = np.cumsum(counts)

    def moved(self, now: NDArray[np.int32], known: NDArray[np.bool_]) -> _Kept:
        """The same where row i is row `now[i]` now, -1 where it is gone; who lost somebody is `known` no longer."""
        if known.sum() == len(now) and (np.diff(now) > 0).all():  # nobody is gone, and all are in the same order
            counts = np.zeros(len(known), np.int64)
            counts[now] = self.counts
            return _Kept(counts, self.columns if now[-1] == len(now) - 1 else now[self.columns], self.evidence)
        columns, evidence = now[self.columns], self.evidence
        gone = columns < 0
        if gone.any():
            robbed = np.unique(np.repeat(now, self.counts)[gone & np.repeat(self.counts >= MOST, self.counts)])
            known[robbed[robbed >= 0]] = False
        rows = np.repeat(now, self.counts)
        stay = (rows >= 0) & ~gone
        stay &= known[rows] & known[columns]
        rows, columns, evidence = rows[stay], columns[stay], evidence[stay]
        if (np.diff(rows) < 0).any():
            order = np.argsort(rows, kind="stable")
            rows, columns, evidence = rows[order], columns[order], evidence[order]
        return _Kept(np.bincount(rows, minlength=len(known)), columns, evidence)
