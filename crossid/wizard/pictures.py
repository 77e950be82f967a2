"""Pictures in a terminal: each character cell is a half block, its upper half one pixel and its lower half another."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.color import Color
from rich.style import Style
from rich.table import Table
from rich.text import Text

from crossid.exports import pixels
from crossid.wording import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

HALF_BLOCK = "▀"
SMALL, LARGE, LARGEST = 12, 24, 44
"""Columns of a face among many, and of one that is to be judged in a low window and a high one; half as many lines."""
ROOM = 12
"""Lines that are needed beside a face that is to be judged."""


def can_show(console: Console) -> bool:
    """Whether a console draws enough colours, and the half block."""
    colours = console.color_system in ("256", "truecolor") and not console.no_color
    return console.is_terminal and colours and console.encoding.lower().startswith("utf")


@lru_cache(maxsize=64)
def picture(jpeg: bytes, columns: int) -> Text:
    """A square picture, `columns` wide and half as many lines high; blank for what is no picture."""
    rgb = pixels(jpeg, columns, columns)
    if not rgb:
        return Text("\n".join([" " * columns] * (columns // 2)))
    text = Text(no_wrap=True)
    for line in range(columns // 2):
        if line:
            text.append("\n")
        for column in range(columns):
            upper, lower = (_colour(rgb, (2 * line + half) * columns + column) for half in (0, 1))
            text.append(HALF_BLOCK, Style(color=upper, bgcolor=lower))
    return text


def row_of(jpegs: Sequence[bytes], width: int) -> Table:
    """Faces beside each other, as many as fit `width` columns."""
    shown = list(jpegs)[: max(1, width // (SMALL + 1))]
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_row(*(picture(jpeg, SMALL) for jpeg in shown))
    return grid


def side_by_side(faces: Sequence[tuple[bytes, str]], height: int) -> Table:
    """Faces to be compared, what is known of each under it, in a window of so many lines."""
    columns = min(LARGEST, max(LARGE, (height - ROOM) * 2))
    grid = Table.grid(padding=(0, 4, 0, 0))
    for _ in faces:
        grid.add_column(width=columns + 6, overflow="fold")
    grid.add_row(*(picture(jpeg, columns) for jpeg, _ in faces))
    grid.add_row(*(Text(printable(caption), style="dim") for _, caption in faces))
    return grid


def _colour(rgb: bytes, place: int) -> Color:
    red, green, blue = rgb[3 * place : 3 * place + 3]
    return Color.from_rgb(red, green, blue)
