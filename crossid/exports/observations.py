"""`export observations`: one row per face seen, the raw material for everybody else's programs."""

from __future__ import annotations

import csv
from codecs import BOM_UTF8
from typing import TYPE_CHECKING, BinaryIO

from crossid.exports.files import opened
from crossid.wording import sheet_cell

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crossid.types import Observation

COLUMNS = (
    "video",
    "video_sha256",
    "time_s",
    "pts",
    "frame",
    "left",
    "top",
    "right",
    "bottom",
    "score",
    "quality",
    "seen_by",
    "track_id",
    "appearance_id",
    "person_id",
)
"""Columns may be added at the end, never renamed or moved."""


def write_observations(rows: Iterable[Observation], out: Path) -> int:
    """Write CSV (RFC 4180, UTF-8 with a byte order mark), row by row, however many there are.

    Args:
        rows: What to write.
        out: A file, which is there whole or not at all; `-` for stdout.

    Returns:
        How many rows were written.

    Raises:
        CrossidError: the file cannot be written.
    """
    with opened(out, BOM_UTF8 + COLUMNS[0].encode()) as file:
        return _write(rows, file)


def _write(rows: Iterable[Observation], file: BinaryIO) -> int:
    file.write(BOM_UTF8)
    writer = csv.writer(_Encoding(file), lineterminator="\r\n")
    writer.writerow(COLUMNS)
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 -- counted for the caller
        writer.writerow(_cells(row))
    return count


class _Encoding:
    """Text goes in, bytes come out; unlike a text stream it does not close the file when writing to it failed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Write it; a file's name that is no text is shown with its odd bytes escaped."""
        return self._file.write(text.encode("utf-8", "backslashreplace"))


def _cells(row: Observation) -> tuple[str | int, ...]:
    where = [f"{edge:.1f}" for edge in row.box]
    sure = [f"{row.score:.4f}", f"{row.quality:.4f}"]
    who = [row.track_id, row.appearance_id, row.person_id]
    return (
        sheet_cell(row.video),
        row.video_sha256,
        f"{row.time_s:.3f}",
        row.pts,
        row.frame,
        *where,
        *sure,
        sheet_cell(row.seen_by),
        *who,
    )
