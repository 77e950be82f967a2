"""Frames: pictures come in, the frames worth looking at go out, with a reason for each decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from crossid.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from crossid.types import Copy, Decision, Frame, Picture, Print


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSettings:
    """Which pictures are looked at.

    Attributes:
        selector: Name of the part that decides.
        every_s: While things move, a picture is looked at every this many seconds.
        still_every_s: While nothing moves, a picture is looked at at least every this many seconds.
        min_motion: Share of the picture that has to move, [0, 1], for it to count as moving.
        motion_px: Displacement, in pixels of the small grey picture, that counts as motion.
        dark_luma: A picture is dark when 99 % of its pixels are darker than this, 0..255.
        cut_threshold: Mean change of luma, 0..255, from one picture to the next, from which a cut is considered.
    """

    selector: str = "motion"
    every_s: float = 0.1
    still_every_s: float = 2.0
    min_motion: float = 0.01
    motion_px: float = 0.5
    dark_luma: int = 32
    cut_threshold: float = 6.0


class Selector(Protocol):
    """Frames in, frames out, and a reason for each frame that was dropped.

    Made anew for each span. `log` is told every decision, in order, before the frame is yielded.
    """

    def select(self, pictures: Iterable[Picture], log: Callable[[Decision], None]) -> Iterator[Frame]:
        """Yield the pictures that are worth looking at."""
        ...


SELECTORS = Registry("selector", "crossid.selectors", {"motion": "crossid.frames.motion:MotionSelector"})


def printed(pictures: Iterable[Picture], prints: list[Print]) -> Iterator[Picture]:
    """Pass pictures on, and add perceptual hashes of some to `prints`; see `prints`."""
    from crossid.frames.prints import printed as passed

    return passed(pictures, prints)


def find_copies(prints: Mapping[str, Sequence[Print]], fresh: Iterable[str]) -> list[Copy]:
    """Which videos share footage with `fresh` ones (ids), by their pictures' hashes; see `copies`."""
    from crossid.frames.copies import find_copies as found

    return found(prints, fresh)


def select(pictures: Iterable[Picture], settings: FrameSettings, log: Callable[[Decision], None]) -> Iterator[Frame]:
    """Walk through the pictures of one span and yield the frames worth looking at."""
    selector: Selector = SELECTORS.load(settings.selector)(settings)
    return selector.select(pictures, log)
