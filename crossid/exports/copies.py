"""Copies a stretch of a film without decoding it: quick and without loss, but it can begin at a key picture only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av

from crossid.errors import FootageError
from crossid.exports.files import opened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from av.container import InputContainer, OutputContainer
    from av.stream import Stream

MP4_ENDINGS = frozenset({".mp4", ".m4v", ".mov"})


def ending(path: Path) -> str:
    """What a copy of this film is written as: MP4 out of MP4, else Matroska, which takes every codec."""
    return ".mp4" if path.suffix.lower() in MP4_ENDINGS else ".mkv"


def copy_stretch(
    source: InputContainer, pictures: Stream, out: Path, *, zero_s: float, seeks: bool, start_s: float, end_s: float
) -> tuple[float, float, int]:
    """Copy packets from the last key picture that is not later than `start_s` until `end_s`, sound included.

    Args:
        source: The open original.
        pictures: Its stream of pictures.
        out: Where to; there whole or not at all.
        zero_s: When its first picture is shown, on the container's clock.
        seeks: Whether the container's index can be trusted; else it is read from its beginning.
        start_s: Seconds of the video.
        end_s: Seconds of the video.

    Returns:
        When the copy begins and ends, in seconds of the video, and how many pictures it has.

    Raises:
        CrossidError: it cannot be written.
        FootageError: this format cannot be copied from.
    """
    sound = next(iter(source.streams.audio), None)
    streams = [stream for stream in (pictures, sound) if stream is not None]
    with opened(out) as file:
        try:
            with av.open(file, "w", format="mp4" if out.suffix == ".mp4" else "matroska") as target:
                copy = _Copy(source, target, streams, zero_s)
                if seeks and start_s > 0:
                    copy.seek(start_s)
                return copy.run(start_s, end_s)
        except (av.FFmpegError, ValueError) as error:
            raise FootageError(
                f"This original cannot be copied from without decoding it: {error}.",
                remedy="Leave out --fast: the clip is encoded anew then.",
            ) from error


class _Copy:
    def __init__(self, source: InputContainer, target: OutputContainer, streams: list[Stream], zero_s: float) -> None:
        self._source, self._streams, self._zero_s = source, streams, zero_s
        self._target = target
        self._to = {stream.index: target.add_stream_from_template(stream) for stream in streams}
        self._pictures = streams[0]
        self._from_s: float | None = None
        self._until_s, self._count = 0.0, 0

    def run(self, start_s: float, end_s: float) -> tuple[float, float, int]:
        """Hold back packets since the last key picture until one is met that is shown after the start."""
        held, last_s = list[av.Packet](), 0.0
        for packet in self._stamped():
            at_s = self._seconds(packet)
            if packet.stream is self._pictures:
                # Pictures that are shown before the last one may be stored behind it.
                if last_s >= end_s and at_s > last_s:
                    break
                last_s = max(last_s, at_s)
                if packet.is_keyframe and (self._from_s is None or at_s <= start_s):
                    self._from_s = at_s
                    held = [one for one in held if one.stream is not self._pictures]
            held.append(packet)
            if self._from_s is not None and last_s > start_s:
                self._mux_all(held, end_s)
                held = []
        self._mux_all(held, end_s)
        if not self._count:
            raise ValueError("its packets do not say when they are shown")
        return self._from_s or 0.0, self._until_s, self._count

    def seek(self, start_s: float) -> None:
        """Go to the key picture before, in a format whose index can be trusted."""
        self._source.seek(int((self._zero_s + start_s) / (self._pictures.time_base or 1)), stream=self._pictures)

    def _seconds(self, packet: av.Packet) -> float:
        return float(packet.pts * packet.time_base) - self._zero_s

    def _mux_all(self, packets: Iterable[av.Packet], end_s: float) -> None:
        for packet in packets:
            self._mux(packet, end_s)

    def _stamped(self) -> Iterator[av.Packet]:
        """Packets in the order in which they are stored; where the first ones do not say when to decode them, told."""
        waiting = list[av.Packet]()
        for packet in self._source.demux(self._streams):
            if packet.pts is None:
                continue
            if packet.stream is self._pictures and packet.dts is not None:
                pictures = [one for one in waiting if one.stream is self._pictures]
                for steps, one in enumerate(reversed(pictures), start=1):
                    one.dts = packet.dts - steps * max(1, packet.duration or 1)
                yield from waiting
                waiting = []
            if waiting or packet.dts is None:
                waiting.append(packet)
            else:
                yield packet

    def _mux(self, packet: av.Packet, end_s: float) -> None:
        """Write a packet, its times counted from where the copy begins; sound of before and after is left out."""
        begin_s = self._from_s or 0.0
        at_s = self._seconds(packet)
        is_picture = packet.stream is self._pictures
        if (not is_picture and not begin_s <= at_s < end_s) or (is_picture and at_s < begin_s):
            return
        offset = round((begin_s + self._zero_s) / packet.time_base)
        packet.pts, packet.dts = packet.pts - offset, packet.dts - offset
        packet.stream = self._to[packet.stream.index]
        if is_picture:
            self._count += 1
            self._until_s = max(self._until_s, at_s + float((packet.duration or 0) * packet.time_base))
        self._target.mux(packet)
