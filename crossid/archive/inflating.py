"""What lies deflated in an archive, inflated no further than what crossid packs: it may come from anybody."""

from __future__ import annotations

import zlib

from crossid.errors import ArchiveError

MAX_BYTES = 64 * 2**20
"""More than the decisions or the prints of one span ever take; a few kilobytes could stand for gigabytes."""


def inflated(packed: bytes) -> bytes:
    """What was deflated.

    Raises:
        ArchiveError: it is damaged, or is more than `MAX_BYTES`.
    """
    inflating = zlib.decompressobj()
    try:
        raw = inflating.decompress(packed, MAX_BYTES)
    except zlib.error:
        raw = b""
    if not inflating.eof or inflating.unused_data:
        raise ArchiveError(
            "The database holds columns that cannot be unpacked: damaged ones, or larger than crossid makes.",
            remedy="See what else is wrong with crossid verify, and bring back a copy of the archive.",
        )
    return raw
