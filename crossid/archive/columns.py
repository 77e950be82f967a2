"""Files of columns beside the database: what is only kept because it is quicker to read than to work out again.

Such a file is no part of what is true in an archive: it is not in the manifest, and nothing breaks when it is
deleted. It is put in its place whole, and every byte of it is under its checksum or told by its first line.

A line says what it is, a line has the checksum of all that follows, a line of JSON says what is in the columns, and
these lie there as a processor takes them. Whoever gave the archive away may have made the file up: the checksum
keeps out damage, not malice, so that what is read must still be sound.
"""

from __future__ import annotations

import json
import os
import tempfile
import zlib
from itertools import accumulate
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

MAGIC = b"crossid columns 1\n"
BEFORE = (b"crossid vectors 1\n", b"crossid vectors 2\n", b"crossid neighbours 1\n")
"""First lines of files that earlier versions wrote: they are made anew, and nobody is told that they are damaged."""
CRC = len(f"{0:08x}\n")
LONGEST = 1 << 16
"""Bytes of the line that says what is in the columns."""
ALIGNED_BYTES = 64


class Kind(NamedTuple):
    """What sort of file: its `name` and `version`, and column -> type, in the order in which they lie there."""

    name: str
    version: int
    columns: Mapping[str, str]


class Columns:
    """A file that is there, as its header has it; nothing but the header was read, and nothing was checked yet.

    `said`: what whoever wrote it said of it.
    """

    def __init__(self, data: NDArray[np.uint8], kind: Kind, header: dict[str, Any], start: int) -> None:
        self.said: dict[str, Any] = header["said"]
        self._data, self._kind, self._start = data, kind, start
        self._shapes: dict[str, list[int]] = header["shapes"]
        self._sizes = {name: _size(dtype, self._shapes[name]) for name, dtype in kind.columns.items()}

    def read(self) -> dict[str, NDArray[Any]]:
        """Columns by name, which stay in the file until they are used.

        Raises:
            ValueError: the file is damaged.
        """
        after = len(MAGIC) + CRC
        if self._data[len(MAGIC) : after].tobytes() != _sum_line(zlib.crc32(self._data[after:].data)):
            raise ValueError("checksum")
        sizes = self._sizes
        starts = accumulate(map(_padded, sizes.values()), initial=self._start)
        if self._start + sum(map(_padded, sizes.values())) != len(self._data):
            raise ValueError("length")
        return {
            name: self._data[at : at + sizes[name]].view(dtype).reshape(self._shapes[name])
            for at, (name, dtype) in zip(starts, self._kind.columns.items(), strict=False)
        }


def open_columns(file: Path, kind: Kind) -> Columns | None:
    """A file of columns, opened; None if there is none, or one of another version.

    Raises:
        ValueError: it is damaged, or another file.
        OSError: it cannot be read.
    """
    if not file.is_file():
        return None
    data = np.memmap(file, np.uint8, "r")  # an empty one is a ValueError
    top = data[:LONGEST].tobytes()
    if top.startswith(BEFORE):
        return None
    after = len(MAGIC) + CRC
    end = top.find(b"\n", after) + 1
    if not top.startswith(MAGIC) or not end:
        raise ValueError("first lines")
    try:
        header = json.loads(top[after:end])
        if header["kind"] != kind.name:
            raise ValueError("kind")
        if header["version"] == kind.version:
            return Columns(data, kind, header, end)
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("header") from error
    # A version that was flipped is damage: what another version wrote is whole.
    if top[len(MAGIC) : after] != _sum_line(zlib.crc32(data[after:].data)):
        raise ValueError("checksum")
    return None


def write_columns(file: Path, kind: Kind, said: Mapping[str, Any], columns: Mapping[str, NDArray[Any]]) -> None:
    """Put a file in its place whole, whoever else does the same; for the archive's owner only.

    Args:
        file: Where it goes.
        kind: What sort of file it is.
        said: What its reader wants to know of it; little.
        columns: All that `kind` names.

    Raises:
        OSError: it cannot be written; what was there stays.
    """
    body = [np.ascontiguousarray(columns[name], dtype) for name, dtype in kind.columns.items()]
    shapes = {name: column.shape for name, column in zip(kind.columns, body, strict=True)}
    head = json.dumps({"kind": kind.name, "version": kind.version, "said": said, "shapes": shapes}).encode()
    head += b" " * (-(len(MAGIC) + CRC + len(head) + 1) % ALIGNED_BYTES) + b"\n"
    chunks = [
        head,
        *(chunk for column in body for chunk in (column.data, bytes(_padded(column.nbytes) - column.nbytes))),
    ]
    crc = 0
    for chunk in chunks:
        crc = zlib.crc32(chunk, crc)
    number, part = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(number, "wb") as opened:
            opened.writelines([MAGIC, _sum_line(crc), *chunks])
        Path(part).replace(file)
    except OSError:
        Path(part).unlink(missing_ok=True)
        raise


def _sum_line(crc: int) -> bytes:
    return f"{crc:08x}\n".encode()


def _size(kind: str, shape: list[int]) -> int:
    """Bytes of a column."""
    if not all(isinstance(length, int) and length >= 0 for length in shape):
        raise ValueError("shape")
    return int(np.dtype(kind).itemsize) * prod(shape)


def _padded(size: int) -> int:
    return size + -size % ALIGNED_BYTES
