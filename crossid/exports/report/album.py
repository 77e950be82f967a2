"""Faces as small pictures inside the page."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import TYPE_CHECKING

from markupsafe import Markup
from PIL import Image, UnidentifiedImageError

if TYPE_CHECKING:
    from collections.abc import Callable

COVER_PX = 176
THUMB_PX = 104
QUALITY = 70


class Album:
    """Makes pictures of faces; each is made once.

    Args:
        portrait: Face id -> JPEG; KeyError for a face without one.
    """

    def __init__(self, portrait: Callable[[str], bytes]) -> None:
        self._portrait = portrait
        self._made: dict[tuple[str, int], Markup] = {}

    def thumb(self, face: str) -> Markup:
        """A small square as a data URI; "" where no picture was kept."""
        return self._picture(face, THUMB_PX)

    def cover(self, face: str) -> Markup:
        """A larger one."""
        return self._picture(face, COVER_PX)

    def _picture(self, face: str, side_px: int) -> Markup:
        key = face, side_px
        if key not in self._made:
            self._made[key] = self._make(face, side_px)
        return self._made[key]

    def _make(self, face: str, side_px: int) -> Markup:
        try:
            with Image.open(BytesIO(self._portrait(face))) as picture:
                picture.draft("RGB", (side_px, side_px))
                small = picture.convert("RGB").resize((side_px, side_px), Image.Resampling.LANCZOS)
        except (KeyError, UnidentifiedImageError):
            return Markup()
        out = BytesIO()
        small.save(out, "WEBP", quality=QUALITY, method=2)
        # Base64 holds nothing that HTML would read, and is too long to be looked through again.
        return Markup("data:image/webp;base64," + base64.b64encode(out.getvalue()).decode())  # noqa: S704
