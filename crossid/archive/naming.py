"""Names of files that are painted: any text becomes one that every system, shell and checksum tool can take."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

STEM_BYTES = 80
"""UTF-8 bytes kept of a video's or person's name: paths stay within what Windows and eCryptfs allow."""
FORBIDDEN = str.maketrans(dict.fromkeys('<>:"/\\|?*', "_"))
JOINERS = "\u200c\u200d"
"""Invisible, but without them Persian words and family emoji fall apart."""
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)


def safe_name(text: str, limit_bytes: int = STEM_BYTES) -> str:
    """`text` as (part of) a file's name: no separators, no control or direction characters, no leading or trailing dot.

    Letters of all scripts stay. "_" when nothing is left.
    """
    whole = visible(text).translate(FORBIDDEN).strip(" .")
    name = whole.encode()[:limit_bytes].decode(errors="ignore").strip(" .")
    if RESERVED.match(name):
        return f"_{name}"
    return name or "_"


def hash_name(video: str, video_id: str) -> str:
    """`<video-stem>_<hash 8>` of a video's name and id."""
    return f"{video_stem(video)}_{video_id[:8]}"


def video_stem(video: str) -> str:
    """A video's name without folders and ending, fit for a file's name."""
    return safe_name(PurePosixPath(video).stem)


def visible(text: str) -> str:
    """One line without control and direction characters, in composed form (NFC)."""
    return "".join(map(_visible, unicodedata.normalize("NFC", text)))


def _visible(one: str) -> str:
    """A space for a kind of space, nothing for what cannot be seen or is no character, else itself."""
    category = unicodedata.category(one)
    if category[0] == "Z" or one in "\t\n\r":
        return " "
    return "" if category[0] == "C" and one not in JOINERS else one
