"""What the pipeline tells whoever listens: a progress bar, a page, a log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from crossid.types import Diff, Mishap, Video


@dataclass(frozen=True, slots=True, kw_only=True)
class FootageFound:
    """The walk is over: how many files there are, and how many of them are known already."""

    files: int
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileIdentified:
    """One more file was hashed and probed."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyFound:
    """A file holds the same bytes as a video that is known under another name: it is that video."""

    name: str
    copy_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPlanned:
    """What there is to do: videos that will be watched, and seconds of footage in all."""

    videos: tuple[Video, ...]
    seconds: float
    workers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoOpened:
    """The first span of a video is being watched."""

    video: Video


@dataclass(frozen=True, slots=True, kw_only=True)
class Advanced:
    """A span came this far: `seconds` more of `video` were watched, `faces` more were seen."""

    video: Video
    seconds: float
    faces: int
    tracks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FacesKept:
    """The best faces of a stretch of video that was kept, as JPEG; a few at most."""

    video: Video
    portraits: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoWatched:
    """All of a video was watched and kept."""

    video: Video
    appearances: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Something went wrong with one input; the others go on."""

    mishap: Mishap


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One sentence that the user should read."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognising:
    """All is watched; people are being worked out of this many appearances."""

    appearances: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Painting:
    """Folders are being painted."""

    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The run is over."""

    diff: Diff
    people: int
    seconds: float


Event: TypeAlias = (
    FootageFound
    | FileIdentified
    | CopyFound
    | WorkPlanned
    | VideoOpened
    | Advanced
    | FacesKept
    | VideoWatched
    | Skipped
    | Noted
    | Recognising
    | Painting
    | Done
)


class Listener(Protocol):
    """Hears events, one by one, in the process that called the pipeline."""

    def hear(self, event: Event) -> None:
        """Take note; must return quickly and never raise."""
        ...


class Silence:
    """Hears and says nothing."""

    def hear(self, event: Event) -> None:
        """Take no note."""
