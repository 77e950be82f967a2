"""Vectors on a lattice, so that a cosine is the same number however it is computed.

A sum of rounded products depends on the order of summation: on the size of a block, the number of threads, the
make of the processor. So the components of unit vectors are rounded to whole multiples of 1/4096. Products are
then multiples of 2^-24, their sums are below one, and single precision holds each of them exactly: one pair
has one cosine, whether it is computed alone or with a million others, today or when the archive has grown. Half
precision holds them, too: from 0.5 on it knows only every other multiple, and what it rounds to lies on the lattice.
All of it moves a cosine by about 0.0001.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from crossid.processes import cores

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from crossid.types import Gallery

STEPS = 4096
LENGTH = 4032
"""Steps to which a vector is as long: so much less than `STEPS` that rounding makes none longer than that."""
COSINE = np.float32((STEPS / LENGTH) ** 2)
"""Cosine of two vectors whose product on the lattice is one."""
BLOCK = 1024
"""Rows that are rounded at once: they stay close to the processor."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Appearances as they are compared: row i of each column is one.

    `vectors` (N, D) float16 on the lattice; `qualities` (N,) float32; `marks` (N,) uint64 stand for id, vector and
    quality: whatever changes in one of them changes its mark. `sound` (N,): whether vector and quality are such;
    whoever has none is like nobody.
    """

    vectors: NDArray[np.float16]
    qualities: NDArray[np.float32]
    marks: NDArray[np.uint64]
    sound: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.marks)

    def full(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Vectors (R, D) of some rows, ready to be multiplied."""
        return _single(self.vectors[rows])


def rows_of(gallery: Gallery, faceless: Collection[str] = ()) -> Rows:
    """The rows of a gallery; vectors of any length, of which only the direction counts.

    Args:
        gallery: All appearances.
        faceless: Ids of those that are ruled to be no face: they are like nobody, and have other marks than faces.
    """
    size, dimensions = gallery.vectors.shape
    vectors = np.zeros((size, dimensions), np.float16)
    qualities = gallery.qualities.astype(np.float32)
    sound = np.isfinite(qualities)

    def round_off(start: int) -> None:
        part = slice(start, start + BLOCK)
        vectors[part], usable = _rounded(gallery.vectors[part])
        sound[part] &= usable

    with ThreadPoolExecutor(cores()) as pool:
        deque(pool.map(round_off, range(0, size, BLOCK)), maxlen=0)
    sound &= np.array([one not in faceless for one in gallery.ids], bool)
    return Rows(vectors, qualities, _marks(gallery.ids, vectors, qualities, faceless), sound)


def _rounded(vectors: NDArray[np.floating]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The nearest vectors (N, D) on the lattice, and which (N,) of them are such; the others become zero."""
    block = vectors.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        lengths = np.sqrt(np.einsum("ij,ij->i", block, block))
    usable = np.isfinite(lengths) & (lengths > 0)
    block[~usable], lengths[~usable] = 0, 1
    block *= (LENGTH / lengths)[:, None]
    np.rint(block, out=block)
    return block.astype(np.float32) / np.float32(STEPS), usable


def _marks(
    ids: tuple[str, ...], vectors: NDArray[np.float16], qualities: NDArray[np.float32], faceless: Collection[str]
) -> NDArray[np.uint64]:
    """A hash of 64 bits of each row."""
    width, numbers, told = vectors.shape[1] * 2, vectors.view(np.uint8).reshape(-1).data, qualities.tobytes()
    words = bytearray()
    for row, one in enumerate(ids):
        row_told = one.encode(), numbers[row * width : (row + 1) * width], told[4 * row : 4 * row + 4]
        words += blake2b(b"".join((*row_told, b"\1" if one in faceless else b"\0")), digest_size=8).digest()
    return np.frombuffer(words, "<u8").astype(np.uint64)


def _single(half: NDArray[np.float16]) -> NDArray[np.float32]:
    """The same numbers in single precision, of numbers on the lattice: a quarter of the time that numpy takes.

    The bits of half precision are those of single precision of another exponent, so one product with a power of two
    makes them right; that is not so of infinity and NaN, which are not on the lattice.
    """
    single = np.empty(half.shape, np.float32)
    bits = single.view(np.int32)
    bits[...] = half.view(np.int16)
    bits <<= 13
    bits &= np.int32(
        -0x70002000
    )  # the sign, which went along four times, once; and the 15 bits of exponent and fraction
    single *= np.float32(2.0**112)
    return single
