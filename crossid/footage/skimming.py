"""Skims a film: key pictures first, and further only where something happens.

A film is a row of groups: a key picture, which stands alone, and pictures that say what changed since. How
many bytes those take is known without decoding them, and tells what goes on: a cut takes nearly as many as a
key picture, motion a good share of one, a still scene next to none. So of each group either the key picture
alone is decoded, or the group up to where nothing more happens, or up to the last look at it; nothing is decoded
twice, but for the key picture of a group of which nothing was expected and that on being looked at shows something
after all. Pictures that no other one refers to are left out everywhere, and so is the filter that smooths the edges of
blocks: it takes a quarter of what decoding costs, and recognition does not miss it (see benchmarks/README.md). What is
decoded only because later pictures refer to it is shown a few times a second.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import av
    from numpy.typing import NDArray

    from crossid.footage.opening import Film

GROUP_S = 0.4
"""Key pictures that follow each other more closely, as in films of nothing else, count as one group."""
MOST_PACKETS = 1000
"""A group with more is decoded as it comes: its bytes are not gathered without end."""
WINDOW_S = 0.4
"""Sizes are averaged over this long, so that the rhythm in which encoders spend bytes does not count."""
CUT_SHARE = 0.4
"""A picture with more than this share of its key picture's bytes may follow a cut."""
CUT_RISE, USUAL = 1.5, 0.9
"""Where pictures take many bytes anyway, it takes so many times what this share of them stays under, too."""
MOVING_SHARE = 0.12
"""Where pictures take this share of their key picture's bytes (a talking head takes 0.05), much moves, or the camera is
noisy: which of the two, the key pictures tell."""
STIR_SHARE, STIR_RISE = 0.01, 2.0
"""Something stirs where they take at least the one, and so many times what the stillest stretch lately took: a
camera's noise takes its bytes, too."""
LATELY = 60
"""Groups that tell how still it was lately."""
AFTERWARDS_S = 1.0
"""Decoded after the last picture with which something happened."""
NEAR_S = 1.0
"""Decoded at the start of a quiet group while a face is near."""
ALIKE = 0.15
"""Key pictures whose sizes differ by a larger share show different scenes, as far as one can tell beforehand."""
SHOWN_S = 0.25
"""While no look is due or nothing moves, pictures are shown this often, besides those that may follow a cut."""
EARLY_S = 0.002
"""Pictures come at whole ticks: one this much early counts as on time."""


class Heed(NamedTuple):
    """What was made of the pictures up to now.

    `face_near`: whether a face was seen in the last one that was looked at; `still`: whether the last one that was
    compared with it shows the same, or is dark; `rest_s`: seconds from the last one during which no other is looked at,
    unless a shot begins.
    """

    face_near: bool = False
    still: bool = False
    rest_s: float = 0.0


class Skimmer:
    """Takes frames out of a film as far as something happens.

    Args:
        film: Where it stands is where skimming begins.
        heed: What was made of the pictures up to now.
    """

    def __init__(self, film: Film, heed: Callable[[], Heed]) -> None:
        self._film, self._heed = film, heed
        context = film.stream.codec_context
        context.options = context.options | {"skip_loop_filter": "all"}
        self._stillest: deque[float] = deque(maxlen=LATELY)
        self._key_bytes = 0
        self._in_step = True
        """Whether the decoder has had all packets up to here."""
        self._tick_s = float(film.stream.time_base)
        self._cuts: frozenset[int] = frozenset()
        """When pictures of the group come that may follow a cut, in ticks."""
        self._shown: int | None = None
        """When the picture came that was shown last, in ticks."""

    def frames(self) -> Iterator[av.VideoFrame]:
        """Frames in display order."""
        for packets in self._groups():
            yield from self._frames_of(packets)
        if self._in_step:
            yield from self._film.decoded([None])

    def _groups(self) -> Iterator[list[av.Packet]]:
        """The packets of the film, group by group; the parts of a very long group as groups."""
        group: list[av.Packet] = []
        for packet in self._film.packets():
            if packet.dts is not None or packet.pts is not None:  # else pictures have to be counted
                self._film.stream.codec_context.skip_frame = "NONREF"
            if group and (self._begins(packet, group[0]) or len(group) >= MOST_PACKETS):
                yield group
                group = []
            group.append(packet)
        if group:
            yield group

    def _begins(self, packet: av.Packet, first: av.Packet) -> bool:
        return packet.is_keyframe and self._film.seconds_between(first, packet) >= GROUP_S

    def _frames_of(self, packets: list[av.Packet]) -> Iterator[av.VideoFrame]:
        """What is worth decoding of one group."""
        if not packets[0].is_keyframe:  # nothing to begin with but what came before
            yield from self._film.decoded(packets) if self._in_step else ()
            return
        shares = self._shares(packets)
        busy = bool(np.median(shares) > MOVING_SHARE)
        wanted = self._wanted(packets, shares, busy=busy)
        waits = self._is_new_scene(packets[0].size) or busy
        if wanted == 1 < len(packets) and (not busy or self._heed().still):
            yield from self._key_picture(packets[0])
            wanted = self._wanted_after_a_look(packets, busy=busy) if waits else 1
            if wanted > 1:
                yield from self._beginning(packets, wanted)
        elif waits:
            yield from self._beginning(packets, wanted, lambda: self._wanted_after_a_look(packets, busy=busy))
        else:
            yield from self._beginning(packets, wanted)

    def _key_picture(self, packet: av.Packet) -> Iterator[av.VideoFrame]:
        """A key picture alone, at once: a decoder would rather see some packets more before it lets it go."""
        if not self._in_step:
            self._film.begin_anew()
        self._in_step = False
        yield from (frame for frame in self._film.decoded([packet, None]) if self._is_due(frame, None))

    def _beginning(
        self, packets: list[av.Packet], wanted: int, after_a_look: Callable[[], int] | None = None
    ) -> Iterator[av.VideoFrame]:
        """What the first `wanted` packets of a group hold; more, if so many are wanted after a look at the first."""
        start = None if self._in_step else packets[0].pts
        if not self._in_step:
            self._film.begin_anew()
        shown = False
        for place, packet in enumerate(packets):
            if place >= wanted and (shown or after_a_look is None):
                break
            for frame in self._film.decoded([packet]):
                if self._is_due(frame, start):
                    yield frame
                    if not shown and after_a_look is not None:
                        wanted = max(wanted, after_a_look())
                    shown = True
                    wanted = self._wanted_for_looks(packets, wanted)
        self._in_step = place + 1 == len(packets) and wanted >= len(packets)
        if not self._in_step:
            yield from (frame for frame in self._film.decoded([None]) if self._is_due(frame, start))

    def _is_due(self, frame: av.VideoFrame, start: int | None) -> bool:
        """Whether a frame is shown: it refers to nothing that was left out, and a look, or something shown, is due."""
        now, last = frame.pts, self._shown
        if now is None:
            return True
        if start is not None and now < start:
            return False
        if last is not None and not frame.key_frame and now not in self._cuts:
            heed = self._heed()
            wait_s = SHOWN_S if heed.still else min(SHOWN_S, heed.rest_s)
            if 0 <= now - last < (wait_s - EARLY_S) / self._tick_s:
                return False
        self._shown = now
        return True

    def _wanted_for_looks(self, packets: list[av.Packet], wanted: int) -> int:
        """How many of the first `wanted` packets are worth decoding: no more than up to the last look at them.

        A decoder keeps pictures back, so that has to be known one look earlier. What refers to nothing later than a
        picture comes after it: the first packet that is shown when the look is due has all that the look needs.
        """
        rest, now = (self._heed().rest_s - EARLY_S) / self._tick_s, self._shown
        stamps = [packet.pts for packet in packets]
        if rest <= 0 or now is None or None in stamps or len(packets) >= MOST_PACKETS:
            return wanted
        end = min(stamps[wanted:], default=max(stamps) + (packets[-1].duration or 0))
        if now + 2 * rest < end - 2 * EARLY_S / self._tick_s or any(now < cut < end for cut in self._cuts):
            return wanted
        last_look = now + rest
        return min(wanted, next((place + 1 for place, at in enumerate(stamps) if at >= last_look), wanted))

    def _is_new_scene(self, key_bytes: int) -> bool:
        """Whether the key picture seems to show something else than the one before; the first one does."""
        before, self._key_bytes = self._key_bytes, key_bytes
        return abs(key_bytes - before) > ALIKE * before

    def _wanted(self, packets: list[av.Packet], shares: NDArray[np.float64], *, busy: bool) -> int:
        """How many packets of a group are worth decoding, from what can be known beforehand."""
        self._cuts = frozenset()
        if len(packets) >= MOST_PACKETS or not self._film.seconds_between(packets[0], packets[-1]):
            return len(packets)  # too long to be gathered, or in a format that says nothing of times
        self._stillest.append(float(shares.min()))
        calm = float(np.median(shares)) if busy else min(self._stillest)
        sizes = np.array([0 if packet.is_keyframe else packet.size for packet in packets])
        stirs = shares > max(STIR_SHARE, STIR_RISE * calm)
        usual = float(np.quantile(sizes, USUAL)) if busy else 0.0
        cut_bytes = max(CUT_SHARE * packets[0].size, CUT_RISE * usual)
        cuts = sizes > cut_bytes
        self._cuts = frozenset(packets[place].pts for place in np.flatnonzero(cuts) if packets[place].pts is not None)
        happens = np.flatnonzero(cuts | stirs)
        wanted = int(happens[-1]) + 1 + self._count(packets, AFTERWARDS_S) if len(happens) else 1
        if self._heed().face_near:
            wanted = max(wanted, self._count(packets, NEAR_S))
        return min(wanted, len(packets))

    def _wanted_after_a_look(self, packets: list[av.Packet], *, busy: bool) -> int:
        """The same, now that the key picture was looked at: bytes alone do not tell motion from a camera's noise."""
        heed = self._heed()
        if busy and not heed.still:
            return len(packets)
        return self._count(packets, NEAR_S) if heed.face_near else 0

    def _shares(self, packets: list[av.Packet]) -> NDArray[np.float64]:
        """Bytes of the packets of a group as shares of its key picture's, averaged over `WINDOW_S`; (N,)."""
        sizes = [packet.size for packet in packets]
        shares: NDArray[np.float64] = np.array(sizes, np.float64) / max(packets[0].size, 1)
        shares[[packet.is_keyframe for packet in packets]] = 0.0
        if len(packets) == 1:
            return shares
        reach = max(self._count(packets, WINDOW_S), 1)
        smooth: NDArray[np.float64] = np.convolve(shares, np.full(reach, 1 / reach))[: len(shares)]
        smooth[:reach] = shares[1 : reach + 1].mean()
        return smooth

    def _count(self, packets: list[av.Packet], seconds: float) -> int:
        """How many packets of a group make up so many seconds."""
        lasts_s = self._film.seconds_between(packets[0], packets[-1])
        return round(len(packets) * seconds / lasts_s) if lasts_s > 0 else len(packets)
