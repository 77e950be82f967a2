"""Who is near whom, kept between runs: a file beside the database, so that a run compares only what is new.

The file holds no ids and no vectors: numbers that stand for appearances, and how sure each is to be the same person as
those that are nearest to it. It is no part of what is true in an archive: it is not in the manifest, nothing breaks
when it is deleted, and it goes whenever somebody is erased. What became of appearances since it was written is for
its reader to find out, by their marks.
"""

from __future__ import annotations

import json
import os
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from crossid.errors import ArchiveError
from crossid.types import Neighbours

if TYPE_CHECKING:
    from io import BufferedReader


NEIGHBOURS = "crossid.neighbours"
MAGIC = b"crossid neighbours 1\n"
LONGEST = 1 << 16
"""Bytes of the line that says what is in the file."""
KINDS = {"marks": "<u8", "counts": "<i8", "columns": "<i4", "evidence": "<f4"}


class Neighbourhood:
    """The part of the store that keeps who is near whom."""

    folder: Path

    def neighbours(self) -> Neighbours | None:
        """See `Store`."""
        file = self.folder / NEIGHBOURS
        if not file.is_file():
            return None
        try:
            return _read(file)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ArchiveError(
                f"{file} is damaged.", remedy="Delete it: the next scan makes it anew, and nothing is lost."
            ) from error

    def keep_neighbours(self, neighbours: Neighbours) -> None:
        """See `Store`."""
        with suppress(OSError):  # a disk that is full costs the next run time, not this one its answer
            _write(self.folder / NEIGHBOURS, neighbours)

    def forget_neighbours(self) -> None:
        """See `Store`."""
        (self.folder / NEIGHBOURS).unlink(missing_ok=True)


def _read(file: Path) -> Neighbours:
    """What the file holds; ValueError for one that makes no sense."""
    with file.open("rb") as opened:
        if opened.readline(len(MAGIC)) != MAGIC:
            raise ValueError(file)
        header = json.loads(opened.readline(LONGEST))
        sizes = {
            "marks": header["rows"],
            "counts": header["rows"],
            "columns": header["pairs"],
            "evidence": header["pairs"],
        }
        if sum(np.dtype(KINDS[name]).itemsize * size for name, size in sizes.items()) != _left(opened):
            raise ValueError(file)
        columns = dict[str, Any]()
        crc = 0
        for name, kind in KINDS.items():
            columns[name] = np.fromfile(opened, kind, sizes[name])
            crc = zlib.crc32(columns[name].data, crc)
    made = Neighbours(mark=str(header["mark"]), **columns)
    sound = (
        crc == header["crc"]
        and made.counts.min(initial=0) >= 0
        and made.counts.sum() == len(made.columns)
        and made.columns.min(initial=0) >= 0
        and (made.columns < len(made)).all()
    )
    if not sound:
        raise ValueError(file)
    return made


def _left(opened: BufferedReader) -> int:
    """Bytes from here to the end of a file."""
    return os.fstat(opened.fileno()).st_size - opened.tell()


def _write(file: Path, made: Neighbours) -> None:
    """Put the file in its place whole; for the archive's owner only."""
    columns = [np.ascontiguousarray(getattr(made, name), kind) for name, kind in KINDS.items()]
    crc = 0
    for column in columns:
        crc = zlib.crc32(column.data, crc)
    header = {"mark": made.mark, "rows": len(made), "pairs": len(made.columns), "crc": crc}
    number, part = tempfile.mkstemp(prefix=f".{NEIGHBOURS}.", dir=file.parent)
    try:
        with os.fdopen(number, "wb") as opened:
            opened.write(MAGIC + json.dumps(header).encode() + b"\n")
            for column in columns:
                opened.write(column.data)
        Path(part).replace(file)
    except OSError:
        Path(part).unlink(missing_ok=True)
        raise
