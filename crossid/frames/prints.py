"""Perceptual hashes of pictures: what survives another encoding, another size and another rate.

The signs of the 256 lowest frequencies of the picture's cosine transform about their median (pHash: Zauner
2010). What is nearly of one grey has none: its frequencies are noise, and all dark pictures look alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from crossid.types import Print

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crossid.types import Luma, Picture

EVERY_S = 0.25
"""Pictures are hashed this often, at most."""
EARLY_S = 0.002
"""Pictures come at whole ticks: one this much early counts as on time."""
SIDE_PX = 64
FREQUENCIES = 16
"""In each direction."""
PLAIN_LUMA = 8.0
"""Standard deviation of luma, 0..255, under which a picture has no hash."""


def printed(pictures: Iterable[Picture], prints: list[Print]) -> Iterator[Picture]:
    """Pass pictures on, and add the hash of one every `EVERY_S` to `prints`; on a grid from the start of the video."""
    due = -1
    for picture in pictures:
        slot = int((picture.moment.seconds + EARLY_S) / EVERY_S)
        if slot != due:
            due = slot
            bits = picture_hash(picture.luma)
            if bits is not None:
                prints.append(Print(at_s=picture.moment.seconds, bits=bits))
        yield picture


def picture_hash(luma: Luma) -> bytes | None:
    """32 bytes, None for a picture that is nearly of one grey.

    Args:
        luma: (h, w) uint8, any size.
    """
    small = cv2.resize(luma, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
    if float(small.std()) < PLAIN_LUMA:
        return None
    low = cv2.dct(small.astype(np.float32))[:FREQUENCIES, :FREQUENCIES].ravel()
    middle = np.median(low[1:])  # the first one is the mean, which says nothing of what is shown
    low[0] = middle
    return np.packbits(low > middle).tobytes()
