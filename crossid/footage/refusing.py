"""The one place where what FFmpeg, Pillow and the system raise becomes a sentence and a remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossid.errors import FootageError
from crossid.wording import printable

if TYPE_CHECKING:
    from pathlib import Path

COPY_AGAIN = "Copy it from its source again; if that is cut off too, a repair program may still save it."


def unreadable(path: Path, error: OSError) -> FootageError:
    """The system did not let us read a file."""
    name = printable(path.name)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return FootageError(f"{name} is not there.", remedy="Check its name, and that its drive is connected.")
    if isinstance(error, PermissionError):
        return FootageError(f"{name} may not be read.", remedy="Give yourself permission to read it.")
    return FootageError(
        f"{name} cannot be read: {error.strerror or error}.", remedy="Copy it to a drive that works and scan that."
    )


def altered(path: Path) -> FootageError:
    """It is no longer the file that was identified."""
    return FootageError(
        f"{printable(path.name)} was changed while it was scanned.",
        remedy="Scan again when nothing writes to it any more.",
    )


def no_footage(path: Path, size_bytes: int) -> FootageError:
    """The bytes are of no format that is known, or there are none."""
    if size_bytes == 0:
        return FootageError(f"{printable(path.name)} is empty.", remedy=COPY_AGAIN)
    return FootageError(
        f"{printable(path.name)} is neither a video nor a photograph.",
        remedy="Copy it from its source again if it should be one, else leave it out of the footage.",
    )


def damaged(path: Path, why: str) -> FootageError:
    """Nothing in it could be read."""
    return FootageError(f"{printable(path.name)} is damaged: {printable(why)}.", remedy=COPY_AGAIN)


def without_pictures(path: Path, *, sound: bool) -> FootageError:
    """There is no video stream."""
    what = "sound only" if sound else "no pictures"
    return FootageError(f"{printable(path.name)} holds {what}.", remedy="Leave it out of the footage.")


def undecodable(path: Path, codec: str) -> FootageError:
    """There is nothing here that decodes it."""
    return FootageError(
        f"{printable(path.name)} is stored as {printable(codec)}, which cannot be decoded here.",
        remedy="Convert it to H.264 in MP4, or a photograph to JPEG, and scan that.",
    )


def too_large(path: Path, max_pixels: int) -> FootageError:
    """A picture has more pixels than we are willing to hold in memory."""
    return FootageError(
        f"{printable(path.name)} has pictures of more than the {max_pixels:,} pixels that are read.",
        remedy="Scale it down, or raise footage.max_pixels.",
    )
