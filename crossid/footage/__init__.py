"""Footage: folders come in, videos with their pictures go out.

`discover` walks folders, `identify` hashes a file, `probe` reads what it says of itself, `spans`
cuts it into stretches that are watched one by one, `read` decodes one of them with exact times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from crossid.types import Mishap, Picture, Span, Video


@dataclass(frozen=True, slots=True, kw_only=True)
class FootageSettings:
    """How footage is read.

    Attributes:
        span_s: Long videos are watched in stretches of this many seconds, each a checkpoint.
        decode: "all" pictures, or "changes": key pictures, and further only where something happens; see `skimming`.
        luma_width_px: Width of the small grey picture that the selector looks at.
        max_pixels: A picture with more pixels than this is refused (8K is 33 million).
    """

    span_s: float = 120.0
    decode: str = "all"
    luma_width_px: int = 320
    max_pixels: int = 70_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file that may be footage: where it is, and its name relative to its footage folder."""

    path: Path
    name: str
    size_bytes: int
    modified_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What a walk through footage folders brought; files in order of name."""

    files: tuple[FoundFile, ...]
    mishaps: tuple[Mishap, ...]


def discover(places: Sequence[Path], *, leave_out: Sequence[Path] = ()) -> Discovery:
    """Find videos and photographs below `places` (folders or single files); see `discovery`."""
    from crossid.footage.discovery import walk

    return walk(places, leave_out=leave_out)


def is_photograph(path: Path) -> bool:
    """Whether a file may hold a single picture, by its first bytes (an animation may, too); see `sniffing`."""
    from crossid.footage.sniffing import format_of

    return format_of(path).photograph


def identify(path: Path) -> str:
    """SHA-256 of a file's bytes, 64 hex digits; see `identity`."""
    from crossid.footage.identity import sha256_of

    return sha256_of(path)


def check_unaltered(video: Video) -> None:
    """Raise FootageError if a video is no longer the file that was identified; see `identity`."""
    from crossid.footage.identity import check_unaltered as check

    check(video)


def probe(found: FoundFile, video_id: str, settings: FootageSettings) -> Video:
    """What a file says of itself; raises FootageError when it cannot be read; see `probing`."""
    from crossid.footage.probing import probe_file

    return probe_file(found, video_id, max_pixels=settings.max_pixels)


def spans(video: Video, settings: FootageSettings) -> tuple[Span, ...]:
    """The stretches in which a video is watched: they cover it without overlap; see `spanning`."""
    from crossid.footage.spanning import cut

    return cut(video, settings)


def read(span: Span, settings: FootageSettings, face_near: Callable[[], bool] = lambda: False) -> Iterator[Picture]:
    """Pictures of a span in display order; raises FootageError where decoding breaks off; see `decoding`.

    Where only changes are decoded, `face_near` says whether a face was seen in the last picture that was looked at.
    """
    from crossid.footage.decoding import pictures

    return pictures(span, settings, face_near)
