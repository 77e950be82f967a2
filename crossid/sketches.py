"""Sketches of directions: 512 bits each, from which cosines can be estimated without reading the vectors.

Each bit says on which side of a plane through the mean of all a vector lies. Two directions that are an angle apart are
on different sides of a random plane with a probability of that angle over pi (Goemans & Williamson 1995; Charikar
2002), so the number of bits in which two sketches differ estimates the angle as seen from the mean. What all
have in common, and how far each is from the mean, is kept beside: faces have much in common, and poor pictures more.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from crossid.types import Sketches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

BITS = 512
WORD = 64
BLOCK = 32768
"""Rows that are best dealt with at once: their words stay close to the processor."""
WORTH = 50_000
"""Vectors from which reading all of them takes longer than estimating most of them away."""


def sketched(vectors: NDArray[np.float16]) -> Sketches:
    """Sketches of unit vectors (N, D); empty where there are fewer than `WORTH`."""
    size, dimensions = vectors.shape if len(vectors) >= WORTH else (0, vectors.shape[1])
    middle = np.zeros(dimensions, np.float64)
    for start in range(0, size, BLOCK):
        middle += _numbers(vectors[start : start + BLOCK]).sum(axis=0, dtype=np.float64)
    centre = (middle / max(size, 1)).astype(np.float32)
    bits = np.empty((BITS // WORD, size), np.uint64)
    along, away = np.empty(size, np.float32), np.empty(size, np.float32)
    planes = _planes(dimensions)
    for start in range(0, size, BLOCK):
        part = slice(start, start + BLOCK)
        block = _numbers(vectors[part])
        along[part] = block @ centre
        block -= centre
        away[part] = np.linalg.norm(block, axis=1)
        bits[:, part] = _words(block @ planes)
    return Sketches(centre=centre, bits=bits, along=along, away=away)


class Estimates:
    """Cosines of what is sketched with a unit vector (D,), give or take 0.07.

    Args:
        sketches: Of whom.
        vector: The one that they are compared with.
    """

    def __init__(self, sketches: Sketches, vector: Floats) -> None:
        apart = vector - sketches.centre
        self._sketches = sketches
        self._words = _words((apart @ _planes(len(vector)))[None].astype(np.float32))
        self._length = np.float32(np.linalg.norm(apart))
        self._shared = np.float32(vector @ sketches.centre - sketches.centre @ sketches.centre)

    def of(self, part: slice) -> Floats:
        """Those (P,) of some of the vectors."""
        theirs = self._sketches.bits[:, part]
        different = np.zeros(theirs.shape[1], np.uint16)
        for mine, word in zip(self._words, theirs, strict=True):
            different += np.bitwise_count(mine[0] ^ word)
        cosines = different.astype(np.float32)
        cosines *= np.float32(np.pi / BITS)
        np.cos(cosines, out=cosines)
        cosines *= self._length
        cosines *= self._sketches.away[part]
        cosines += self._sketches.along[part]
        cosines += self._shared
        return cosines


def _numbers(vectors: NDArray[np.float16]) -> Floats:
    """The vectors, without what is no number: one that was spoilt shall not spoil the mean."""
    return np.nan_to_num(vectors.astype(np.float32), posinf=0, neginf=0)


def _words(sides: Floats) -> NDArray[np.uint64]:
    """(W, N) bits of (N, BITS) numbers: whether each is above zero."""
    return np.packbits(sides > 0, axis=1).view(np.uint64).T


@cache
def _planes(dimensions: int) -> Floats:
    """Normals (D, BITS) of the planes, components +1 or -1: the same wherever sketches are made and read."""
    raw = np.random.PCG64(1).random_raw(dimensions * BITS // WORD)
    bits = np.unpackbits(raw.astype("<u8").view(np.uint8)).reshape(dimensions, BITS)
    return bits.astype(np.float32) * 2 - 1
