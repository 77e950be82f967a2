"""Words for people: numbers in words, and other people's texts made harmless before they are shown.

A file or a person may have any name: `printable` makes control characters and bidi overrides visible
instead of obeyed, `sheet_cell` keeps a spreadsheet from running a text.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMULA_STARTS = ("=", "+", "-", "@", "\t")
"""A spreadsheet would run a text that begins so."""
_JOINERS = "\u200c\u200d"
"""Format characters that belong to ordinary words and emoji; all other ones are shown escaped."""


def duration(seconds: float) -> str:
    """How long something takes: "0.8 s", "45 s", "3 min 20 s", "2 h 05 min"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02} min"


def roughly(seconds: float) -> str:
    """How long something will take, no finer than it can be known: "under 10 s", "about 40 s", "about 1 h 20 min"."""
    if seconds < 10:
        return "under 10 s"
    if seconds < 55:
        return f"about {10 * round(seconds / 10)} s"
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"about {minutes} min"
    hours, rest = divmod(10 * round(minutes / 10), 60)
    return f"about {hours} h {rest} min" if rest else f"about {hours} h"


def clock(seconds: float) -> str:
    """A place in a video: "0:07", "12:40", "1:02:03"; what precedes the start is shown as the start."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size(count: float) -> str:
    """How many bytes: "812 B", "4.2 MB", "118 GB" (powers of 1000, as disks are sold)."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 999.5:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 99.95 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def count(number: int, noun: str, plural: str = "") -> str:
    """How many of what: "1 video", "1,204 videos", "2 people"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def asked(kind: str, people: Sequence[str], settles: int) -> str:
    """What a `types.Question` asks, in words, of ids of people and of how many appearances it settles."""
    words = {
        "same": "Are {0} and {1} one person?",
        "mixed": "Is {0} two people? ({n} would leave)",
        "member": "Is this {0}?",
    }
    return words[kind].format(*people, n=settles)


def by_chance(tracks: int, expected: float | None) -> str:
    """How many pairs of strangers an archive's bar may let through, in one sentence; "" where there is no pair.

    Args:
        tracks: How many the archive holds.
        expected: Of all their pairs, were they all strangers, so many would reach the bar; None: not known.
    """
    if tracks < 2:
        return ""
    if expected is None:
        return "How many strangers reach it is not known: the calibration is from before they were counted."
    pairs = count(tracks * (tracks - 1) // 2, "pair")
    some = f"{expected:,.0f}" if expected >= 1 else "less than one"
    return (
        f"Were all {pairs} of tracks strangers, {some} would be expected to reach it by chance; "
        "people are one only if they reach it all together."
    )


def printable(text: str) -> str:
    r"""The text with control characters, bidi overrides and undecodable bytes as `\n`, `\u202e`, `\xff`.

    What is left prints on one line, in the order in which it is written.
    """
    return "".join(_visible(character) for character in text)


def sheet_cell(text: str) -> str:
    """The text as a cell of a CSV file: one that a spreadsheet would run begins with `'`."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category not in ("Cc", "Cf", "Cs", "Zl", "Zp") or character in _JOINERS:
        return character
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    code = ord(character)
    if named or code < 0x80:
        return named or f"\\x{code:02x}"
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file name that is not UTF-8 (PEP 383)
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
