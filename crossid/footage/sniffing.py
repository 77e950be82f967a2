"""What a file is, by its first bytes: endings lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossid.footage.refusing import no_footage, unreadable

if TYPE_CHECKING:
    from pathlib import Path

HEAD_BYTES = 4096
"""Enough for the magic of every format below and for four packets of a transport stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A kind of file.

    Attributes:
        name: What people call it.
        demuxer: FFmpeg's name of what reads it; "" where only Pillow does. It is always named, never
            guessed by FFmpeg: a playlist dressed up as a film would be guessed, and followed to the network.
        photograph: Whether it may hold a single picture that Pillow reads.
        animates: Whether it is a film when it holds several; elsewhere they are previews or pages.
        seeks: Whether it has an index, so that a jump into it lands where it should.
        sound: Whether it commonly holds sound alone.
    """

    name: str
    demuxer: str = ""
    photograph: bool = False
    animates: bool = False
    seeks: bool = False
    sound: bool = False


MP4 = Format(name="mp4", demuxer="mov", seeks=True, sound=True)
MATROSKA = Format(name="matroska", demuxer="matroska", seeks=True, sound=True)
HEIC = Format(name="heic", photograph=True)
HEICS = Format(name="heics", demuxer="mov", seeks=True)
AVIF = Format(name="avif", photograph=True, animates=True)
AVI = Format(name="avi", demuxer="avi")
WEBP = Format(name="webp", photograph=True, animates=True)
GIF = Format(name="gif", demuxer="gif", photograph=True, animates=True)
BMP = Format(name="bmp", photograph=True)
TIFF = Format(name="tiff", photograph=True)
MPEG_TS = Format(name="mpeg-ts", demuxer="mpegts")
OGG = Format(name="ogg", demuxer="ogg", sound=True)

CONTAINER = "container"
"""The tag under which a probe notes the name of a video's format."""

SEEKABLE = frozenset(form.name for form in (MP4, HEICS, MATROSKA) if form.seeks)

_BEGINNINGS: tuple[tuple[bytes, Format], ...] = (
    (b"\xff\xd8\xff", Format(name="jpeg", photograph=True)),
    (b"\x89PNG\r\n\x1a\n", Format(name="png", demuxer="apng", photograph=True, animates=True)),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"\x1a\x45\xdf\xa3", MATROSKA),
    (b"FLV\x01", Format(name="flv", demuxer="flv")),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Format(name="asf", demuxer="asf", sound=True)),
    (b"\x00\x00\x01\xba", Format(name="mpeg-ps", demuxer="mpeg")),
    (b"\x00\x00\x01\xb3", Format(name="mpeg", demuxer="mpegvideo")),
    (b"\x00\x00\x00\x01\x67", Format(name="h264", demuxer="h264")),
    (b"\x00\x00\x00\x01\x09", Format(name="h264", demuxer="h264")),
    (b"\x00\x00\x00\x01\x40\x01", Format(name="hevc", demuxer="hevc")),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02", Format(name="mxf", demuxer="mxf")),
    (b"YUV4MPEG2 ", Format(name="y4m", demuxer="yuv4mpegpipe")),
    (b"DHAV", Format(name="dahua", demuxer="dhav")),
    (b"DKIF", Format(name="ivf", demuxer="ivf")),
    (b".RMF\0\0\0", Format(name="realmedia", demuxer="rm")),
)
_QUICKTIME_ATOMS = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_SOUND_BRANDS = frozenset({b"M4A ", b"M4B ", b"M4P "})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"})
_SEQUENCE_BRANDS = frozenset({b"hevc", b"hevx", b"hevm", b"hevs"})
"""Of bursts and live photographs (ISO/IEC 23008-12, B.3): some hold a film that FFmpeg reads, others do not."""
_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})
"""Lengths of the second header of a bitmap, from OS/2's to version 5."""


def sniff(path: Path) -> Format | None:
    """What the file is, None if it is no footage; raises OSError where it cannot be read."""
    with path.open("rb") as file:
        return recognise(file.read(HEAD_BYTES))


def format_of(path: Path) -> Format:
    """What the file is.

    Raises:
        FootageError: it is no footage, or cannot be read.
    """
    try:
        form = sniff(path)
        size_bytes = path.stat().st_size
    except OSError as error:
        raise unreadable(path, error) from None
    if form is None:
        raise no_footage(path, size_bytes)
    return form


def recognise(head: bytes) -> Format | None:
    """What a file that begins so is, None if it is no footage."""
    for beginning, form in _BEGINNINGS:
        if head.startswith(beginning):
            return form
    return _boxes(head) or _riff(head) or _ogg(head) or _bitmap(head) or _transport_stream(head)


def _boxes(head: bytes) -> Format | None:
    """MP4, QuickTime and what shares their boxes: a length, then four letters."""
    if head[4:8] == b"ftyp":
        return _brand(head[8:12], head[16 : int.from_bytes(head[:4], "big")])
    return MP4 if head[4:8] in _QUICKTIME_ATOMS else None


def _brand(major: bytes, compatible: bytes) -> Format | None:
    if major in _SOUND_BRANDS or major in (b"crx ", b"jp2 ", b"jpx "):
        return None
    if major in (b"avif", b"avis") or (major in _HEIC_BRANDS and b"avif" in compatible):
        return AVIF
    if major in _SEQUENCE_BRANDS:
        return HEICS
    return HEIC if major in _HEIC_BRANDS else MP4


def _riff(head: bytes) -> Format | None:
    return {b"AVI ": AVI, b"WEBP": WEBP}.get(head[8:12]) if head.startswith(b"RIFF") else None


def _ogg(head: bytes) -> Format | None:
    """The first pages of an Ogg file name all its streams: without one of pictures it is sound."""
    return OGG if head.startswith(b"OggS") and (b"\x80theora" in head or b"BBCD\0" in head) else None


def _bitmap(head: bytes) -> Format | None:
    return BMP if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADERS else None


def _transport_stream(head: bytes) -> Format | None:
    """Packets of 188 bytes that begin with 0x47; on discs four bytes of time stand before each."""
    for first, length in ((0, 188), (4, 192)):
        if len(head) > first + 3 * length and all(head[first + n * length] == 0x47 for n in range(4)):
            return MPEG_TS
    return None
