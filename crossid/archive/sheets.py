"""Contact sheets: one look at a person, with the video and the time under every face."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from crossid.archive.naming import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_FACES = 60
LAYOUT = "1"
"""Goes up when sheets would look different, so that old ones are made again."""
COLUMNS = 6
FACE_PX = 176
GAP_PX = 12
LINE_PX = 17
TITLE_PX = 34
FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial Unicode.ttf", "segoeui.ttf", "arial.ttf")
"""Fonts of common systems that know more scripts than the Latin one that Pillow brings along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """What stands under a face."""

    video: str
    time: str


def contact_sheet(title: str, faces: Sequence[tuple[bytes, Caption]]) -> bytes:
    """JPEG of faces in rows, in the order given; a white page with a title for none.

    Args:
        title: Whose faces these are.
        faces: JPEG portraits and what stands under them.
    """
    columns = min(COLUMNS, max(3, len(faces)))
    rows = -(-len(faces) // columns)
    cell = FACE_PX + 2 * LINE_PX + GAP_PX
    page = Image.new("RGB", (GAP_PX + columns * (FACE_PX + GAP_PX), TITLE_PX + GAP_PX + rows * cell), "white")
    draw = ImageDraw.Draw(page)
    _write(draw, (GAP_PX, GAP_PX), title, size=18, width=page.width - 2 * GAP_PX)
    for place, (portrait, caption) in enumerate(faces):
        left = GAP_PX + place % columns * (FACE_PX + GAP_PX)
        top = TITLE_PX + GAP_PX + place // columns * cell
        page.paste(_thumbnail(portrait), (left, top))
        _write(draw, (left, top + FACE_PX + 2), caption.video, size=13, width=FACE_PX)
        _write(draw, (left, top + FACE_PX + 2 + LINE_PX), caption.time, size=13, width=FACE_PX)
    out = BytesIO()
    page.save(out, "JPEG", quality=88)
    return out.getvalue()


def _thumbnail(portrait: bytes) -> Image.Image:
    with Image.open(BytesIO(portrait)) as picture:
        picture.draft("RGB", (FACE_PX, FACE_PX))
        return picture.convert("RGB").resize((FACE_PX, FACE_PX), Image.Resampling.LANCZOS)


def _write(draw: ImageDraw.ImageDraw, at: tuple[int, int], text: str, *, size: int, width: int) -> None:
    """Write one line, with an ellipsis in its middle where it is too long: names of files differ at their ends."""
    font, whole = _font(size), visible(text)
    line, kept = whole, len(whole)
    while kept > 1 and draw.textlength(line, font=font) > width:
        kept = min(kept - 1, int(kept * width / draw.textlength(line, font=font)) + 1)
        line = f"{whole[: kept - kept // 2]}…{whole[len(whole) - kept // 2 :]}"
    draw.text(at, line, fill="black", font=font)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)
