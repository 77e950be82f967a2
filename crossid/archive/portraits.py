"""Pictures that lie in an archive, looked at before any decoder meets them: an archive may come from anybody.

crossid keeps faces as small JPEGs. What is something else, or says that it is large, never leaves the database: a
few kilobytes could stand for gigabytes of pixels, and decoders of other formats need not be reached at all.
"""

from __future__ import annotations

from crossid.errors import ArchiveError

MAX_SIDE_PX = 2048
"""Wider and higher than any portrait that crossid makes."""
START, SCAN = 0xD8, 0xDA
FRAMES = frozenset({0xC0, 0xC1, 0xC2})
"""Markers of the frames that are read: baseline, extended and progressive, all Huffman-coded."""
TABLES = frozenset({0xC4, 0xDB, 0xDD, *range(0xE0, 0xF0), 0xFE})
"""Markers of what else may stand before the pixels, all with a length: tables, what programs add, comments (ITU T.81).

Whatever is neither, fill bytes too, is refused: what this walk took for a segment, a decoder could take for a frame.
"""


def checked(jpeg: bytes, face: str) -> bytes:
    """A picture as it was kept, if it is one that can be decoded without harm; nothing at all is none, and passes.

    Args:
        jpeg: What the database holds.
        face: Id of the face, for the sentence.

    Raises:
        ArchiveError: it is no JPEG, or one of more than `MAX_SIDE_PX` a side.
    """
    fault = fault_of(jpeg) if jpeg else ""
    if fault:
        raise ArchiveError(
            f"The picture of face {face[:80]!a} {fault}: crossid never made it, and it was not opened.",
            remedy="Ask whoever gave you the archive, or bring back a copy; crossid verify says what else is wrong.",
        )
    return jpeg


def fault_of(jpeg: bytes) -> str:
    """What is wrong with a picture, as the rest of a sentence about it; "" for one that crossid may have made."""
    size = size_of(jpeg)
    if size is None:
        return "is no JPEG"
    return f"has {size[0]:,} x {size[1]:,} pixels" if max(size) > MAX_SIDE_PX else ""


def size_of(jpeg: bytes) -> tuple[int, int] | None:
    """(width, height) in pixels, as the only frame before the pixels says; None for all that is not a plain JPEG."""
    if jpeg[:2] != bytes([0xFF, START]):
        return None
    size, at = None, 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4])
        if marker == SCAN:
            return size if size and all(size) else None
        if marker in FRAMES and size is None and length >= 8:
            height, width = (int.from_bytes(jpeg[at + place : at + place + 2]) for place in (5, 7))
            size = width, height
        elif marker not in TABLES or length < 2:
            return None
        at += 2 + length
    return None
