"""Photographs: one picture, upright, 8-bit RGB, whatever it was stored as."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from crossid.errors import FootageError
from crossid.footage.refusing import damaged, too_large, undecodable, unreadable
from crossid.footage.sniffing import HEIC, format_of
from crossid.footage.turning import of_orientation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossid.footage.turning import Turn
    from crossid.types import Image

ORIENTATION = 0x0112
"""The EXIF tag that says how a photograph lies."""

WITH_ALPHA = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
BLACK = (0, 0, 0, 255)


@contextmanager
def opened(path: Path, max_pixels: int) -> Iterator[Pillow.Image]:
    """A photograph, its pixels not decoded yet.

    Raises:
        FootageError: it cannot be read, cannot be decoded here, or has more pixels than are read.
    """
    if format_of(path) is HEIC:
        raise undecodable(path, "HEIC")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of size, which is asked below, and of metadata, which is not needed
            with Pillow.open(path) as picture:
                _refuse_large(path, picture, max_pixels)
                yield picture
    except (FootageError, MemoryError):
        raise
    except Pillow.DecompressionBombError:
        raise too_large(path, max_pixels) from None
    except UnidentifiedImageError:
        raise damaged(path, "no picture can be made out in it") from None
    except OSError as error:
        raise (unreadable(path, error) if error.errno else damaged(path, str(error))) from None
    except Exception as error:  # noqa: BLE001 - hostile bytes make Pillow raise anything
        raise damaged(path, str(error) or "it cannot be decoded") from None


def _refuse_large(path: Path, picture: Pillow.Image, max_pixels: int) -> None:
    if picture.width * picture.height > max_pixels:
        raise too_large(path, max_pixels)


def count(path: Path, max_pixels: int) -> int:
    """How many pictures there are in an animation; 1 for a photograph."""
    with opened(path, max_pixels) as picture:
        return int(getattr(picture, "n_frames", 1))


def size(path: Path, max_pixels: int) -> tuple[int, int]:
    """(width, height) of the upright picture."""
    with opened(path, max_pixels) as picture:
        return _turn(picture).size(*picture.size)


def pixels(path: Path, max_pixels: int) -> Image:
    """The upright picture (h, w, 3); what is transparent is black, 16 bits become the upper 8."""
    with opened(path, max_pixels) as picture:
        turn = _turn(picture)
        return turn.upright(np.asarray(_opaque(_eight_bit(picture)).convert("RGB")))


def _turn(picture: Pillow.Image) -> Turn:
    return of_orientation(picture.getexif().get(ORIENTATION))


def _eight_bit(picture: Pillow.Image) -> Pillow.Image:
    """Grey of 16 bits, or of 32 in which 16 are used, scaled down; Pillow would cut it off at 255."""
    if not picture.mode.startswith("I"):
        return picture
    return Pillow.fromarray((np.asarray(picture).clip(0, 0xFFFF) >> 8).astype(np.uint8))


def _opaque(picture: Pillow.Image) -> Pillow.Image:
    if picture.mode not in WITH_ALPHA and "transparency" not in picture.info:
        return picture
    shown = picture.convert("RGBA")
    return Pillow.alpha_composite(Pillow.new("RGBA", shown.size, BLACK), shown)
