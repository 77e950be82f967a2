"""The same footage twice: stretches of two videos whose pictures are alike, one after the other.

Candidates are pairs of pictures with a quarter of their coarsest bits in common; each votes for the time by which
one video is late. The offsets with most votes are looked at closely: along the overlap the pictures must be
alike, and must be much less alike when shifted. So a static camera, or two who speak before one wall, make no
copies: nothing in them says that it is the same moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from crossid.frames.prints import EVERY_S, FREQUENCIES
from crossid.types import Copy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from crossid.types import Print

ALIKE = 0.12
"""Share of bits by which two pictures of one moment differ at most; those of strangers before one wall more."""
MOVED = 2.0
"""Shifted by a second, the pictures must differ this many times as much, and by `MOVED_BY` more."""
MOVED_BY = 0.02
LEAST_S = 2.0
"""A shorter stretch is no copy."""
GAP_S = 2.0
"""Pictures that differ for longer than this end a stretch; darkness, which has no hash, does not."""
VOTES = 4
"""Pairs of pictures that must agree on an offset before it is looked at."""
OFFSETS = 3
"""Offsets of each pair of videos that are looked at."""
CROWD = 400
"""Pictures with the same coarse bits: in more than this many they tell nothing apart."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Reel:
    """A video's hashes: `at` (N,) seconds, `bits` (N, 32) uint8."""

    video: str
    at: NDArray[np.float64]
    bits: NDArray[np.uint8]


def find_copies(prints: Mapping[str, Sequence[Print]], fresh: Iterable[str]) -> list[Copy]:
    """Copies between `fresh` videos and all others, each pair once, in order of ids.

    Args:
        prints: Video id -> hashes in order of time.
        fresh: Ids of videos that were not compared yet.
    """
    reels = [_reel(video, some) for video, some in sorted(prints.items()) if some]
    new = set(fresh)
    found = []
    for (one, other), offsets in _candidates(reels, new).items():
        copies = (_copy(reels[one], reels[other], offset) for offset in offsets)
        found += [copy for copy in copies if copy is not None][:1]
    return sorted(found, key=lambda copy: (copy.video, copy.other))


def _reel(video: str, prints: Sequence[Print]) -> _Reel:
    bits = np.frombuffer(b"".join(one.bits for one in prints), np.uint8).reshape(len(prints), -1)
    return _Reel(video=video, at=np.array([one.at_s for one in prints]), bits=bits)


def _candidates(reels: Sequence[_Reel], new: set[str]) -> dict[tuple[int, int], list[float]]:
    """(reel, later reel) -> offsets in seconds, most votes first."""
    if not reels:
        return {}
    who = np.repeat(np.arange(len(reels)), [len(reel.at) for reel in reels])
    at = np.concatenate([reel.at for reel in reels])
    is_new = np.isin(who, [place for place, reel in enumerate(reels) if reel.video in new])
    bands = _coarse(np.concatenate([reel.bits for reel in reels]))
    votes = [np.empty((0, 3), np.int64)]
    for band in bands.T:
        order = np.argsort(band, kind="stable")
        edges = np.flatnonzero(np.r_[True, np.diff(band[order]) != 0, True])
        for start, end in pairwise(edges.tolist()):
            rows = order[start:end]
            if 1 < len(rows) <= CROWD and is_new[rows].any():
                votes.append(_votes(rows, who, at, is_new))
    voted, counts = np.unique(np.concatenate(votes), axis=0, return_counts=True)
    found: dict[tuple[int, int], list[float]] = {}
    for place in np.argsort(-counts, kind="stable"):
        one, other, steps = voted[place].tolist()
        offsets = found.setdefault((one, other), [])
        if counts[place] >= VOTES and len(offsets) < OFFSETS:
            offsets.append(steps * EVERY_S)
    return found


def _coarse(bits: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """(N, 4): sixteen bits each of the 64 lowest frequencies; two pictures of one moment share at least one."""
    square = np.unpackbits(bits, axis=1).reshape(-1, FREQUENCIES, FREQUENCIES)[:, :8, :8].reshape(-1, 4, 16)
    return np.asarray(square.astype(np.uint32) @ (1 << np.arange(16, dtype=np.uint32)))


def _votes(
    rows: NDArray[np.intp], who: NDArray[np.intp], at: NDArray[np.float64], is_new: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """(reel, later reel, offset in steps) of all pairs of pictures in two videos, of which one is new."""
    first, second = (side.ravel() for side in np.meshgrid(rows, rows, indexing="ij"))
    held = (who[first] < who[second]) & (is_new[first] | is_new[second])
    first, second = first[held], second[held]
    steps = np.rint((at[first] - at[second]) / EVERY_S).astype(np.int64)
    return np.stack([who[first], who[second], steps], axis=1)


def _copy(one: _Reel, other: _Reel, offset_s: float) -> Copy | None:
    """The longest stretch of `one` that shows what `other` shows `offset_s` earlier on its own clock, or None."""
    differ = _differences(one, other, offset_s)
    alike = np.flatnonzero(differ <= ALIKE)
    if len(alike) < 2:
        return None
    runs = np.split(alike, np.flatnonzero(np.diff(alike) > GAP_S / EVERY_S) + 1)
    run = max(runs, key=len)
    start_s, end_s = float(one.at[run[0]]), float(one.at[run[-1]]) + EVERY_S
    inside = np.arange(run[0], run[-1] + 1)
    if end_s - start_s < LEAST_S or len(run) < VOTES or len(run) * 2 < len(inside):
        return None
    here = float(np.median(differ[inside]))
    shifted = [_differences(one, other, offset_s + by)[inside] for by in (-1.0, 1.0)]
    elsewhere = min(float(np.median(values[np.isfinite(values)])) for values in shifted if np.isfinite(values).any())
    if elsewhere < MOVED * here + MOVED_BY:
        return None
    return Copy(video=one.video, other=other.video, offset_s=offset_s, start_s=start_s, end_s=end_s)


def _differences(one: _Reel, other: _Reel, offset_s: float) -> NDArray[np.float64]:
    """Share of bits (N,) by which each picture differs from that of the same moment; infinite where there is none."""
    wanted = one.at - offset_s
    after = np.minimum(np.searchsorted(other.at, wanted), len(other.at) - 1)
    before = np.maximum(after - 1, 0)
    nearest = np.where(np.abs(other.at[before] - wanted) <= np.abs(other.at[after] - wanted), before, after)
    differ = np.unpackbits(one.bits ^ other.bits[nearest], axis=1).mean(axis=1)
    return np.where(np.abs(other.at[nearest] - wanted) <= EVERY_S, differ, np.inf)
