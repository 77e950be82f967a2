"""Turning pictures upright: what a display matrix or an EXIF orientation says, done to pixels."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    import av
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Turn:
    """One of the eight ways in which a picture can lie: transposed first, then mirrored.

    Attributes:
        transposed: Rows become columns.
        left_right: Mirrored at the vertical axis.
        up_down: Mirrored at the horizontal axis.
    """

    transposed: bool = False
    left_right: bool = False
    up_down: bool = False

    def size(self, width: int, height: int) -> tuple[int, int]:
        """(width, height) of the upright picture; the same turn leads back."""
        return (height, width) if self.transposed else (width, height)

    def upright(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The picture (h, w) or (h, w, 3), upright and contiguous."""
        if self.transposed:
            image = cv2.transpose(image)
        if self.left_right or self.up_down:
            image = cv2.flip(image, _FLIPS[self.left_right, self.up_down])
        return np.ascontiguousarray(image)


UPRIGHT = Turn()

_FLIPS = {(True, False): 1, (False, True): 0, (True, True): -1}
"""(left_right, up_down) -> OpenCV's code for it."""

_ORIENTATIONS = {
    2: Turn(left_right=True),
    3: Turn(left_right=True, up_down=True),
    4: Turn(up_down=True),
    5: Turn(transposed=True),
    6: Turn(transposed=True, left_right=True),
    7: Turn(transposed=True, left_right=True, up_down=True),
    8: Turn(transposed=True, up_down=True),
}


def of_orientation(orientation: object) -> Turn:
    """The turn an EXIF orientation (tag 0x0112, 1 to 8) asks for; upright for anything else."""
    return _ORIENTATIONS.get(orientation, UPRIGHT) if isinstance(orientation, int) else UPRIGHT


def of_frame(frame: av.VideoFrame) -> Turn:
    """The turn a decoded frame's display matrix asks for, to the nearest quarter; upright without one."""
    from av.sidedata.sidedata import Type  # photographs are turned without FFmpeg

    data = frame.side_data.get(Type.DISPLAYMATRIX)
    return of_matrix(bytes(data)) if data is not None else UPRIGHT


def of_matrix(matrix: bytes) -> Turn:
    """The turn of a display matrix: nine native 32-bit integers (a, b, u, c, d, v, x, y, w).

    A point (p, q) goes to (a·p + c·q + x, b·p + d·q + y); libavutil/display.h.
    """
    a, b, _, c, d, *_ = struct.unpack("=9i", matrix[:36])
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Turn(transposed=True, left_right=c < 0, up_down=b < 0)
    return Turn(left_right=a < 0, up_down=d < 0)
