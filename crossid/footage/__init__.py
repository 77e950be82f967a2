"""Footage: folders come in, videos with their pictures go out.

`discover` walks folders, `identify` hashes a file, `probe` reads what it says of itself, `spans`
cuts it into stretches that are watched one by one, `read` decodes one of them with exact times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from crossid.footage.opening import Film
    from crossid.footage.skimming import Heed
    from crossid.types import Image, Mishap, Picture, Sound, Span, Video


@dataclass(frozen=True, slots=True, kw_only=True)
class FootageSettings:
    """How footage is read.

    Attributes:
        span_s: Long videos are watched in stretches of this many seconds, each a checkpoint.
        decode: "all" pictures, or "changes": key pictures, and further only where something happens; see `skimming`.
        luma_width_px: Width of the small grey picture that the selector looks at.
        max_pixels: A picture with more pixels than this is refused (8K is 33 million).
        hardware: What decodes: "none" but the processor, "auto": what works here, or a name of `hardware.DEVICES`.
    """

    span_s: float = 120.0
    decode: str = "all"
    luma_width_px: int = 320
    max_pixels: int = 70_000_000
    hardware: str = "none"


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


def photograph(path: Path, settings: FootageSettings) -> Image:
    """The upright picture (h, w, 3) of a photograph, the first one of an animation; see `stills`.

    Raises:
        FootageError: it cannot be read or decoded, or has more pixels than are read.
    """
    from crossid.footage import stills

    return stills.pixels(path, settings.max_pixels)


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


def read(span: Span, settings: FootageSettings, heed: Callable[[], Heed] | None = None) -> Iterator[Picture]:
    """Pictures of a span in display order; raises FootageError where decoding breaks off; see `decoding`.

    Where only changes are decoded, `heed` says what was made of the pictures up to now.
    """
    from crossid.footage.decoding import pictures
    from crossid.footage.skimming import Heed

    return pictures(span, settings, heed or Heed)


def get_ready(settings: FootageSettings) -> None:
    """Load what decodes besides the processor, if anything, while nothing is open; see `hardware`."""
    if settings.hardware != "none":
        from crossid.footage.hardware import accelerator

        accelerator(settings.hardware)


def listen(video: Video, start_s: float, end_s: float, settings: FootageSettings) -> Iterator[Sound]:
    """Sound of a stretch of a video, in order and from a little before to a little after; see `listening`."""
    from crossid.footage.listening import sounds

    return sounds(video, start_s, end_s, settings)


def show(video: Video, start_s: float, end_s: float, settings: FootageSettings) -> Iterator[Picture]:
    """The picture that is on show at `start_s`, and those that follow until `end_s`; see `showing`."""
    from crossid.footage.showing import shown

    return shown(video, start_s, end_s, settings)


def film_of(video: Video, settings: FootageSettings) -> AbstractContextManager[Film]:
    """A video opened for whoever copies packets out of it; see `opening`."""
    from crossid.footage.opening import opened

    return opened(video.path, settings.max_pixels)
