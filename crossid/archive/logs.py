"""The appearance log as spreadsheets and programs read it: CSV and JSON with the same columns."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import TYPE_CHECKING, Any, TypeAlias

from crossid.archive.times import clock_time
from crossid.wording import sheet_cell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crossid.types import LogRow

Cell: TypeAlias = str | int | float | None

COLUMNS: dict[str, int | None] = {
    "person_id": None,
    "name": None,
    "video": None,
    "video_sha256": None,
    "appearance_id": None,
    "start_s": 3,
    "end_s": 3,
    "start": None,
    "end": None,
    "recorded_at": None,
    "clock": None,
    "faces": 0,
    "face": None,
    "left": 1,
    "top": 1,
    "right": 1,
    "bottom": 1,
    "probability": 4,
    "evidence": None,
    "status": None,
    "source_id": None,
}
"""Column -> decimals; None for text. Columns may be added at the end, never renamed or moved."""


def record(row: LogRow, picture: str) -> dict[str, Cell]:
    """One row, typed, by column.

    Args:
        row: What the store says.
        picture: Path of the best face's picture, relative to the archive.
    """
    left, top, right, bottom = row.box
    made: dict[str, Cell] = {
        "start": clock_time(row.start_s),
        "end": clock_time(row.end_s),
        "face": picture,
        "left": left,
        "top": top,
        "right": right,
        "bottom": bottom,
    }
    cells = ((column, made[column] if column in made else getattr(row, column)) for column in COLUMNS)
    return {column: rounded(cell, COLUMNS[column]) for column, cell in cells}


def log_csv(records: Iterable[dict[str, Cell]]) -> bytes:
    """`appearances.csv`."""
    return csv_bytes(COLUMNS, (record.values() for record in records))


def csv_bytes(columns: dict[str, int | None], rows: Iterable[Iterable[Cell]]) -> bytes:
    """RFC 4180 in UTF-8 with a byte order mark; texts that a spreadsheet would run begin with `'`.

    Args:
        columns: Column -> decimals.
        rows: Cells in the order of the columns; None is an empty cell.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    decimals = tuple(columns.values())
    writer.writerows([_shown(cell, places) for cell, places in zip(row, decimals, strict=True)] for row in rows)
    return _bytes("\ufeff" + text.getvalue())


def json_bytes(content: Any) -> bytes:
    """Indented JSON in UTF-8."""
    return _bytes(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def rounded(cell: Cell, decimals: int | None) -> Cell:
    """A number as it is shown; never minus zero."""
    return round(cell, decimals) + 0.0 if isinstance(cell, float) else cell


def _shown(cell: Cell, decimals: int | None) -> Cell:
    """A decimal number keeps its zeros and, being no text, its sign without an apostrophe."""
    if isinstance(cell, str):
        return sheet_cell(cell)
    return f"{rounded(cell, decimals):.{decimals}f}" if isinstance(cell, float) else cell


def _bytes(text: str) -> bytes:
    """UTF-8; bytes of a file's name that are no text are shown escaped, in the way that JSON reads."""
    return text.encode("utf-8", "backslashreplace")
