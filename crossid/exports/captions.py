"""`export vtt`: who is seen, as WebVTT (W3C: The Web Video Text Tracks Format) that players show beside a video."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from crossid.wording import printable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crossid.types import LogRow

SIGNATURE = "WEBVTT\n\nNOTE made by crossid:"
"""How every file begins that may be replaced."""
MIN_CUE_S = 0.5
"""A cue must end after it began, and be there long enough to be read."""


def captions(rows: Iterable[LogRow]) -> str:
    """One video's people: a cue for each appearance, in order of start.

    Args:
        rows: Appearances in one video.
    """
    cues = [
        f"{_time(row.start_s)} --> {_time(max(row.end_s, row.start_s + MIN_CUE_S))}\n{_who(row)}\n"
        for row in sorted(rows, key=lambda row: (row.start_s, row.person_id))
    ]
    return "\n".join([f"{SIGNATURE} it proposes who is the same person, and never who somebody is\n", *cues])


def is_own(file: Path) -> bool:
    """Whether a file begins as those of `captions` do; False for one that cannot be read."""
    try:
        with file.open("rb") as start:
            return start.read(len(SIGNATURE)) == SIGNATURE.encode()
    except OSError:
        return False


def _who(row: LogRow) -> str:
    name = f"{row.person_id} {row.name}".strip()
    sure = "" if row.probability is None or row.status == "confirmed" else f" ({row.probability:.2f})"
    return escape(printable(name) + sure, quote=False)


def _time(seconds: float) -> str:
    """`hh:mm:ss.mmm`; hours may have more than two digits."""
    whole, thousandths = divmod(max(0, round(seconds * 1000)), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{thousandths:03d}"
