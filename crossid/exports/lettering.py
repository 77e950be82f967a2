"""Words in pictures: any text, on one line, in a font that knows more scripts than the Latin one."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from crossid.wording import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossid.types import Image

FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial Unicode.ttf", "segoeui.ttf", "arial.ttf")
MARGIN = 0.08
"""Share of a card's width that is left free at its sides."""


def card(lines: Sequence[str], width: int, height: int) -> Image:
    """White lines, the first one larger, in the middle of a black picture (height, width, 3)."""
    page = Pillow.new("RGB", (width, height))
    draw = ImageDraw.Draw(page)
    sizes = [max(10, round(min(height / 10, width / 16) * (1.0 if place == 0 else 0.6))) for place in range(len(lines))]
    top = (height - sum(size * 1.5 for size in sizes)) / 2
    for line, size in zip(lines, sizes, strict=True):
        text, font = _shortened(draw, line, size, width * (1 - 2 * MARGIN))
        draw.text(((width - draw.textlength(text, font=font)) / 2, top), text, fill="white", font=font)
        top += size * 1.5
    return np.asarray(page)


def _shortened(
    draw: ImageDraw.ImageDraw, line: str, size: int, width: float
) -> tuple[str, ImageFont.FreeTypeFont | ImageFont.ImageFont]:
    """The line, with an ellipsis in its middle where it is too long: names of files differ at their ends."""
    font, whole = _font(size), printable(line)[:1000]
    text, kept = whole, len(whole)
    while kept > 1 and draw.textlength(text, font=font) > width:
        kept -= 1 + kept // 20
        text = f"{whole[: kept - kept // 2]}…{whole[len(whole) - kept // 2 :]}"
    return text, font


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for name in [*FONTS, *_of_matplotlib()]:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def _of_matplotlib() -> list[str]:
    """Where no font is installed, there is the one that matplotlib brings along."""
    spec = find_spec("matplotlib")
    places = spec.submodule_search_locations if spec else None
    return [str(Path(place, "mpl-data", "fonts", "ttf", FONTS[0])) for place in places or ()]
