"""Decoded frames become pixels: a small grey picture for the selector, a full RGB one for whoever looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

if TYPE_CHECKING:
    import av

    from crossid.footage.turning import Turn
    from crossid.types import Image, Luma

_MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
"""`matrix_coefficients` of ITU-T H.273, table 4 -> what swscale calls them."""


class Renderer:
    """Makes the pictures of one video; keeps swscale's tables between frames.

    Args:
        width_px: Width of the upright grey pictures. Constant, even where the video changes its size
            midway: a selector compares pictures that follow each other.
        height_px: Their height.
    """

    def __init__(self, width_px: int, height_px: int) -> None:
        self._size = width_px, height_px
        self._grey, self._full = VideoReformatter(), VideoReformatter()

    def luma(self, frame: av.VideoFrame, turn: Turn) -> Luma:
        """The upright grey picture (height_px, width_px), black 0 and white 255 whatever the range of the video.

        Area averaging, so nothing flickers that stands still. BT.601 on both sides: swscale takes grey for that,
        and only where both sides agree it scales Y alone and leaves colour aside. One thread: it is too short
        to be shared.
        """
        width, height = turn.size(*self._size)
        grey = self._grey.reformat(
            frame,
            width,
            height,
            "gray",
            src_colorspace=Colorspace.ITU601,
            dst_colorspace=Colorspace.ITU601,
            dst_color_range=ColorRange.JPEG,
            interpolation=Interpolation.AREA,
            threads=1,
        )
        return turn.upright(np.asarray(grey.to_ndarray(), dtype=np.uint8))

    def rgb(self, frame: av.VideoFrame, turn: Turn) -> Image:
        """The upright picture in full size (h, w, 3), colours by the matrix and range that the frame states."""
        full = self._full.reformat(
            frame, format="rgb24", src_colorspace=_matrix(frame), dst_color_range=ColorRange.JPEG, threads=1
        )
        return turn.upright(np.asarray(full.to_ndarray(), dtype=np.uint8))


def luma_size(width: int, height: int, luma_width_px: int) -> tuple[int, int]:
    """(width, height) of the grey picture of one of (width, height): as wide as asked for, never wider than it is."""
    luma_width = min(width, luma_width_px)
    return luma_width, max(1, round(height * luma_width / width))


def _matrix(frame: av.VideoFrame) -> Colorspace:
    """How the frame's colours are coded; where it does not say, by its size, as players do (mpv, VLC)."""
    large = frame.width >= 1280 or frame.height > 576
    return _MATRICES.get(frame.colorspace, Colorspace.ITU709 if large else Colorspace.ITU601)
