"""Opening a film and taking frames out of it, whatever state it is in."""

from __future__ import annotations

from contextlib import contextmanager
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING

import av
from av.container import Flags
from av.stream import Disposition

from crossid.footage.hardware import NONE, accelerator
from crossid.footage.refusing import damaged, too_large, undecodable, without_pictures
from crossid.footage.sniffing import AVI, HEICS, MP4, format_of
from crossid.footage.timing import Clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from crossid.footage.sniffing import Format

MAX_FAILURES = 1000
"""Packets in a row that may fail to decode before the rest is given up: half a minute of bad reception."""

MAX_RATE = 1000
"""Pictures per second that a camera can have taken; some containers give the ticks of their clock instead."""

STEPS_BACK_S = (0.0, 1.0, 10.0)
"""How much earlier to look for a key picture, where the one an index promises is shown too late."""

SEQUENCE = "a sequence of HEIC photographs"

_COVERS = Disposition.attached_pic | Disposition.timed_thumbnails
"""Pictures that are not the film: a record's cover, a player's previews."""


class Film:
    """An open file and the stream of pictures in it.

    Attributes:
        form: What the file is.
        container: FFmpeg's view of it.
        stream: Its stream of pictures.
        failures_s: When packets failed, about; seconds from the start of the video.
    """

    def __init__(
        self, path: Path, form: Format, container: av.container.InputContainer, max_pixels: int, threads: int
    ) -> None:
        self.form, self.container = form, container
        self.stream = _stream_of_pictures(path, container)
        self.failures_s: list[float] = []
        context = self.stream.codec_context
        if context.width * context.height > max_pixels:
            raise too_large(path, max_pixels)
        context.options = {"max_pixels": str(max_pixels)}
        self.stream.thread_type, context.thread_count = "AUTO", threads
        self._reorder_depth = context.reorder_depth  # a jump makes the decoder forget it, and B-pictures are lost
        self._read_to = self._failed_in_a_row = 0

    @property
    def rate(self) -> Fraction:
        """Pictures per second as the container claims; 0 if it claims nothing, or the ticks of its clock."""
        rate = Fraction(self.stream.average_rate or self.stream.guessed_rate or 0)
        return rate if 0 < rate <= MAX_RATE else Fraction(0)

    @property
    def start(self) -> int | None:
        """Where the stream starts, in ticks of its time base; None if it does not say."""
        start: int | None = self.stream.start_time
        return start

    @property
    def zero_s(self) -> float:
        """Where the clock of all its streams stands when the first picture is shown, in seconds.

        AVI counts sound and pictures from 0, and its stamps of pictures are of when they are decoded.
        """
        return 0.0 if self.form is AVI else float((self.start or 0) * self.stream.time_base)

    def clock(self) -> Clock:
        """A clock for frames of this film, in display order.

        AVI stamps pictures when they are decoded, some time before they are shown: there the first one is 0.
        """
        start = None if self.form is AVI else self.start
        return Clock(start, self.stream.time_base, self.rate, restarts=not self.form.seeks)

    def frames(self) -> Iterator[av.VideoFrame]:
        """Frames in display order from where the film stands; packets that fail are noted and passed over."""
        return self.decoded(chain(self.packets(), [None]))

    def decoded(self, packets: Iterable[av.Packet | None]) -> Iterator[av.VideoFrame]:
        """Frames of packets, in display order as they become known; after None, the end, there are no more of them.

        Packets that fail are noted and passed over.
        """
        for packet in packets:
            if self._failed_in_a_row > MAX_FAILURES:
                return
            try:
                frames = self.stream.codec_context.decode(packet)
            except av.FFmpegError:
                self._failed_in_a_row += 1
                self.failures_s.append(self.read_to_s)
                continue
            self._failed_in_a_row = 0 if frames else self._failed_in_a_row
            yield from frames

    def frames_from(self, start_s: float) -> Iterator[av.VideoFrame]:
        """Frames in display order, the first of them a key picture not later than `start_s`.

        None, where the file breaks off before.
        """
        for back_s in STEPS_BACK_S:
            if start_s <= back_s:
                break
            self._seek(start_s - back_s)
            frames = self.frames()
            first = next((frame for frame in frames if frame.key_frame or self._seconds(frame.pts) > start_s), None)
            if first is None:
                return
            if self._seconds(first.pts) <= start_s:
                yield first
                yield from frames
                return
        self._seek(0.0)
        yield from self.frames()

    def go_before(self, start_s: float) -> None:
        """Go to a key picture that is shown not later than `start_s`, the last one that the index knows."""
        for back_s in STEPS_BACK_S:
            if start_s <= back_s:
                break
            self._seek(start_s - back_s)
            first = next((packet for packet in self.packets() if packet.is_keyframe), None)
            if first is None or self._seconds(first.pts) <= start_s:
                self._seek(start_s - back_s)
                return
        self._seek(0.0)

    def packets(self) -> Iterator[av.Packet]:
        """Packets of the stream of pictures; where the file breaks off they end, and that is noted.

        Empty ones are left out: a decoder takes them for the end.
        """
        try:
            for packet in self.container.demux(self.stream):
                if packet.size:
                    self._advance(packet)
                    yield packet
        except av.FFmpegError:
            self.failures_s.append(self.read_to_s)

    @property
    def read_to_s(self) -> float:
        """Seconds from the start of the video to the end of the last packet that was read."""
        return float(self._read_to * self.stream.time_base)

    def _advance(self, packet: av.Packet) -> None:
        stamp = packet.pts if packet.pts is not None else packet.dts
        start = self._read_to if stamp is None else stamp - (self.start or 0)
        self._read_to = max(self._read_to, start + (packet.duration or 0))

    def begin_anew(self) -> None:
        """Make the decoder ready for a key picture that does not follow what it had."""
        self.stream.codec_context.flush_buffers()
        self.stream.codec_context.reorder_depth = self._reorder_depth

    def seconds_between(self, first: av.Packet, second: av.Packet) -> float:
        """Seconds from one packet to a later one; 0 where a packet says nothing of its time."""
        stamps = [packet.dts if packet.dts is not None else packet.pts for packet in (first, second)]
        if stamps[0] is None or stamps[1] is None:
            return 0.0
        return float((stamps[1] - stamps[0]) * self.stream.time_base)

    def _seek(self, seconds: float) -> None:
        """Go to the key picture that the index has before `seconds`."""
        self.failures_s.clear()
        self._read_to = self._failed_in_a_row = 0
        ticks = (self.start or 0) + int(seconds / self.stream.time_base)
        self.container.seek(ticks, stream=self.stream)
        self.stream.codec_context.reorder_depth = self._reorder_depth

    def _seconds(self, stamp: int | None) -> float:
        """Seconds from the start of the video to a stamp of the container; 0 without one."""
        return 0.0 if stamp is None else float((stamp - (self.start or 0)) * self.stream.time_base)


@contextmanager
def opened(path: Path, max_pixels: int, hardware: str = NONE, threads: int = 0) -> Iterator[Film]:
    """A film, open as long as the context lasts, decoded on so many threads (0: one per core).

    FFmpeg is told what the file is and kept to the file itself: nothing in hostile bytes makes it open
    another file or an address.

    Raises:
        FootageError: it cannot be opened, holds no pictures, or more pixels than are read.
    """
    form = format_of(path)
    if not form.demuxer:
        raise undecodable(path, f"animated {form.name.upper()}")
    try:
        with av.open(
            str(path.absolute()),
            format=form.demuxer,
            options={"max_pixels": str(max_pixels)},
            container_options={"protocol_whitelist": "file"},
            metadata_errors="replace",
            hwaccel=accelerator(hardware),
        ) as container:
            # Stamps that FFmpeg makes up where a container has none count B-pictures in the wrong order.
            container.flags &= ~Flags.gen_pts.value
            yield Film(path, form, container, max_pixels, threads)
    except av.FFmpegError as error:
        raise undecodable(path, SEQUENCE) if form is HEICS else damaged(path, _reason(form, error)) from None


def _stream_of_pictures(path: Path, container: av.container.InputContainer) -> av.VideoStream:
    """The film itself: the one to be shown by default, else the largest."""
    streams = [stream for stream in container.streams.video if not stream.disposition & _COVERS]
    if not streams:
        raise without_pictures(path, sound=bool(container.streams.audio))
    decodable = [stream for stream in streams if stream.codec_context is not None]
    if not decodable:
        raise undecodable(path, "something unknown")
    return max(decodable, key=_rank)


def _rank(stream: av.VideoStream) -> tuple[bool, int]:
    return bool(stream.disposition & Disposition.default), stream.codec_context.width * stream.codec_context.height


def _reason(form: Format, error: av.FFmpegError) -> str:
    """Why FFmpeg gave up, in words."""
    if not isinstance(error, av.InvalidDataError):
        return error.strerror or "it cannot be opened"
    if form is MP4:
        return "its index is missing, as when a recording was cut off before it was finished"
    return "nothing in it can be read"
