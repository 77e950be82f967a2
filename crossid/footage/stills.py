"""Photographs: one picture, upright, 8-bit RGB, whatever it was stored as."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from crossid.footage.refusing import damaged, too_large, undecodable, unreadable
from crossid.footage.sniffing import recognise

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossid.types import Image

Pillow.MAX_IMAGE_PIXELS = None  # `max_pixels` is asked before anything is decoded


@contextmanager
def opened(path: Path, max_pixels: int) -> Iterator[Pillow.Image]:
    """A photograph whose pixels are not decoded yet.

    Raises:
        FootageError: it cannot be read, not be decoded here, or has too many pixels.
    """
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")  # Pillow warns of metadata that nobody here relies on
            with Pillow.open(file) as picture:
                if picture.width * picture.height > max_pixels:
                    raise too_large(path, picture.width, picture.height, max_pixels)
                yield picture
    except UnidentifiedImageError:
        form = recognise(path.open("rb").read(64))
        raise (
            undecodable(path, form.name)
            if form and form.name in ("heic", "avif")
            else damaged(path, "no picture can be made out in it")
        ) from None
    except (SyntaxError, ValueError, EOFError, Pillow.DecompressionBombError) as error:
        raise damaged(path, str(error) or "it breaks off") from None
    except OSError as error:
        raise (unreadable(path, error) if error.errno else damaged(path, str(error))) from None


def pixels(path: Path, max_pixels: int) -> Image:
    """The upright picture (h, w, 3) uint8 RGB; transparency is shown on black, 16 bits become 8.

    Raises:
        FootageError: as `opened`, and where the pixels cannot be decoded.
    """
    with opened(path, max_pixels) as picture:
        upright = ImageOps.exif_transpose(picture)
        return np.ascontiguousarray(_eight_bit(upright).convert("RGB"))


def _eight_bit(picture: Pillow.Image) -> Pillow.Image:
    if picture.mode.startswith("I") or picture.mode == "F":
        values = np.asarray(picture, dtype=np.float64)
        top = 65535.0 if picture.mode.startswith("I") else max(float(np.nanmax(values, initial=0)), 1.0)
        return Pillow.fromarray(np.nan_to_num(values * (255 / top)).clip(0, 255).astype(np.uint8))
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        shown = picture.convert("RGBA")
        return Pillow.alpha_composite(Pillow.new("RGBA", shown.size, (0, 0, 0, 255)), shown)
    return picture
