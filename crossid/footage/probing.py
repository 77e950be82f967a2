"""What a file says of itself, before it is watched."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from crossid.footage import FootageSettings, metadata, opening, stills
from crossid.footage.refusing import damaged, no_footage, unreadable
from crossid.footage.sniffing import sniff
from crossid.footage.turning import of_frame, of_orientation
from crossid.types import Video

if TYPE_CHECKING:
    import av

    from crossid.footage import FoundFile
    from crossid.footage.opening import Film

ORIENTATION = 0x0112
"""EXIF tag that says how a photograph lies."""
MICROSECONDS = 1_000_000
MAX_PIXELS = FootageSettings().max_pixels


def probe_file(found: FoundFile, video_id: str, *, max_pixels: int = MAX_PIXELS) -> Video:
    """What a file claims; its first picture is decoded, so that nothing without one is called a video.

    Raises:
        FootageError: it cannot be read or decoded, or holds no picture or one that is too large.
    """
    try:
        form = sniff(found.path)
    except OSError as error:
        raise unreadable(found.path, error) from None
    if form is None:
        raise no_footage(found.path, found.size_bytes)
    if form.photograph and not (form.demuxer and _moves(found, max_pixels)):
        return _still(found, video_id, form.name, max_pixels)
    with opening.opened(found.path, max_pixels) as film:
        return _film(found, video_id, film)


def _moves(found: FoundFile, max_pixels: int) -> bool:
    with stills.opened(found.path, max_pixels) as picture:
        return int(getattr(picture, "n_frames", 1)) > 1


def _still(found: FoundFile, video_id: str, codec: str, max_pixels: int) -> Video:
    with stills.opened(found.path, max_pixels) as picture:
        width, height = of_orientation(picture.getexif().get(ORIENTATION)).size(*picture.size)
    claims, tags = metadata.of_photograph(found.path, found.name)
    return Video(
        id=video_id,
        path=found.path,
        name=found.name,
        kind="still",
        size_bytes=found.size_bytes,
        width=width,
        height=height,
        duration_s=0.0,
        rate=Fraction(0),
        codec=codec,
        tags=tags,
        **claims._asdict(),
    )


def _film(found: FoundFile, video_id: str, film: Film) -> Video:
    first = next(film.frames(), None)
    if first is None:
        raise damaged(found.path, "not one picture in it can be decoded")
    width, height = of_frame(first).size(first.width, first.height)
    tags = metadata.sane({**film.stream.metadata, **film.container.metadata})
    claims = metadata.of_film(tags, found.name)
    return Video(
        id=video_id,
        path=found.path,
        name=found.name,
        kind="video",
        size_bytes=found.size_bytes,
        width=width,
        height=height,
        duration_s=_duration_s(film, first),
        rate=film.rate,
        codec=film.stream.codec_context.name,
        tags=tags,
        **claims._asdict(),
    )


def _duration_s(film: Film, first: av.VideoFrame) -> float:
    """What the stream states, else the container, else where the last packet ends."""
    stream = film.stream
    if stream.duration and stream.duration > 0:
        return float(stream.duration * stream.time_base)
    if film.container.duration and film.container.duration > 0:
        return film.container.duration / MICROSECONDS
    start = film.start if film.start is not None else first.pts or 0
    ends = [packet.pts + (packet.duration or 0) for packet in film.packets() if packet.pts is not None]
    return max(0.0, float((max(ends, default=start) - start) * stream.time_base))
