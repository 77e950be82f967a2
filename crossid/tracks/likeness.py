"""How alike two faces look a moment apart: correlation of small aligned grey faces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from crossid.geometry import similarity_transform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crossid.types import Crop

SIDE_PX = 32
_SMALL_PX = 96
"""Portraits are averaged down to this before they are warped, so that fine grain does not alias."""
_ONTO = np.array([(9.7, 11.5), (22.3, 11.5), (16.0, 18.0), (11.0, 23.5), (21.0, 23.5)], dtype=np.float32)
"""Where the five landmarks go: the inner face fills the patch, background stays out."""


def patch_of(crop: Crop) -> NDArray[np.float32]:
    """The face as a vector (SIDE_PX²,) of zero mean and unit length: a dot product is a correlation in [-1, 1].

    Zero where the face is of a single grey.
    """
    shrink = min(1.0, _SMALL_PX / crop.portrait.shape[0])
    small = cv2.resize(crop.portrait, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    matrix = similarity_transform(crop.landmarks * np.float32(shrink), _ONTO)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    patch = cv2.warpAffine(grey, matrix, (SIDE_PX, SIDE_PX), borderMode=cv2.BORDER_REPLICATE)
    vector = patch.astype(np.float32).ravel()
    vector -= vector.mean()
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length if length > 1e-6 else vector * 0, dtype=np.float32)
