"""Darkness from the luma histogram."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2

if TYPE_CHECKING:
    from crossid.types import Luma

LIT_SHARE = 0.01
"""A picture in which a smaller share than this is lit is dark: lone lamps in the night do not light a face."""


def brightness(luma: Luma) -> float:
    """Mean luma as a share of white, [0, 1]."""
    return float(cv2.mean(luma)[0]) / 255


def is_dark(luma: Luma, dark_luma: int) -> bool:
    """Whether all but `LIT_SHARE` of the picture is darker than `dark_luma` (0..255)."""
    histogram = cv2.calcHist([luma], [0], None, [256], [0, 256]).ravel()
    return bool(histogram[dark_luma:].sum() < LIT_SHARE * luma.size)
