"""What a file says of itself, before it is watched."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from crossid.footage import FootageSettings, opening, stills
from crossid.footage.exif import claims_of_photograph
from crossid.footage.metadata import claims_of_film, tidy
from crossid.footage.refusing import damaged
from crossid.footage.sniffing import CONTAINER, format_of
from crossid.footage.turning import of_frame
from crossid.types import Video

if TYPE_CHECKING:
    from crossid.footage import FoundFile
    from crossid.footage.metadata import Claims, Tags
    from crossid.footage.opening import Film

MAX_PIXELS = FootageSettings().max_pixels
MICROSECONDS = 1_000_000

_CLOCK_TIME = re.compile(r"(\d{1,4}):(\d\d):(\d\d(?:\.\d{1,9})?)")
"""How Matroska writes the length of a stream into its tags."""


def probe_file(found: FoundFile, video_id: str, *, max_pixels: int = MAX_PIXELS) -> Video:
    """What a file claims. Its first picture is decoded, so that nothing without one is called a video.

    `rate` is 0 where none is claimed, as in photographs, whose `duration_s` is 0 too.

    Raises:
        FootageError: it cannot be read or decoded, or holds no picture, or one with more pixels than are read.
    """
    form = format_of(found.path)
    if form.photograph and not (form.animates and stills.count(found.path, max_pixels) > 1):
        return _photograph(found, video_id, form.name, max_pixels)
    with opening.opened(found.path, max_pixels) as film:
        return _film(found, video_id, film)


def _photograph(found: FoundFile, video_id: str, codec: str, max_pixels: int) -> Video:
    width, height = stills.size(found.path, max_pixels)
    claims, tags = claims_of_photograph(found.path, found.name)
    return Video(
        kind="still",
        width=width,
        height=height,
        duration_s=0.0,
        rate=Fraction(0),
        codec=codec,
        **_common(found, video_id, claims, tags),
    )


def _film(found: FoundFile, video_id: str, film: Film) -> Video:
    first = next(film.frames(), None)
    if first is None:
        raise damaged(found.path, "not one picture in it can be decoded")
    width, height = of_frame(first).size(first.width, first.height)
    raw = {f"stream:{key}": value for key, value in film.stream.metadata.items()} | film.container.metadata
    claims = claims_of_film(film.stream.metadata | film.container.metadata, found.name)
    return Video(
        kind="video",
        width=width,
        height=height,
        duration_s=_duration_s(film),
        rate=film.rate,
        codec=film.stream.codec_context.codec.canonical_name,
        **_common(found, video_id, claims, tidy(raw | {CONTAINER: film.form.name})),
    )


def _common(found: FoundFile, video_id: str, claims: Claims, tags: Tags) -> dict[str, Any]:
    return {
        "id": video_id,
        "path": found.path,
        "name": found.name,
        "size_bytes": found.size_bytes,
        "recorded_at": claims.recorded_at,
        "clock": claims.clock,
        "device": claims.device,
        "place": claims.place,
        "tags": tags,
    }


def _duration_s(film: Film) -> float:
    """Seconds the pictures last: as the stream states, else its tags or the container, else by reading all of it."""
    stream = film.stream
    if (stream.duration or 0) > 0:
        return float(stream.duration * stream.time_base)
    stated_s = _tagged_s(stream.metadata) or (film.container.duration or 0) / MICROSECONDS
    stated_s -= float((film.start or 0) * stream.time_base)  # what is stated is when the last picture ends
    if stated_s > 0:
        return stated_s
    for _ in film.packets():
        pass
    return film.read_to_s


def _tagged_s(tags: dict[str, str]) -> float:
    for key, value in tags.items():
        found = _CLOCK_TIME.fullmatch(value) if key.upper().startswith("DURATION") else None
        if found:
            return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])
    return 0.0
