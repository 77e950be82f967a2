"""Pictures small enough for a terminal, as plain bytes."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, UnidentifiedImageError

MIDDLE = 0.76
"""A portrait has a margin around the face; in so few pixels the face needs them all."""


def pixels(jpeg: bytes, width: int, height: int) -> bytes:
    """The middle of a portrait, scaled to `width` by `height`: red, green, blue of each pixel, row by row.

    Returns:
        `width * height * 3` bytes, or none for what is no picture.
    """
    try:
        with Image.open(BytesIO(jpeg)) as picture:
            picture.draft("RGB", (2 * width, 2 * height))
            edges = [size * share for share in ((1 - MIDDLE) / 2, (1 + MIDDLE) / 2) for size in picture.size]
            middle = (edges[0], edges[1], edges[2], edges[3])
            return picture.convert("RGB").resize((width, height), Image.Resampling.BOX, box=middle).tobytes()
    except (UnidentifiedImageError, OSError):
        return b""
