"""The pictures that a question is about, read by a worker that is at work while the caller makes itself ready.

Light on purpose: the worker imports this and no network, archive or comparison.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Self

from crossid import footage
from crossid.errors import FootageError, SettingsError
from crossid.pipeline.reading import Readers
from crossid.types import Decision, Frame, Moment, content_id
from crossid.wording import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crossid.footage import FootageSettings
    from crossid.pipeline.asking import Asked
    from crossid.settings import Settings
    from crossid.types import Image, Picture, Video

BEYOND_S = 1.0
"""How far a moment may lie behind the length that a video claims: lengths are stated roughly."""


class Pictures:
    """Pictures that were asked about, one by one; the next one is read while the caller is busy with the last.

    To be used as a context. The first one is begun at once.

    Args:
        asked: At least one.
        settings: How they are read.
    """

    def __init__(self, asked: Sequence[Asked], settings: Settings) -> None:
        self._asked, self._settings, self._readers = asked, settings.footage, Readers(settings)
        self._first = self._begin(asked[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._readers.__exit__()

    def __iter__(self) -> Iterator[tuple[Asked, Frame | FootageError]]:
        """Each with its picture, or with why it cannot be read."""
        wait = self._first
        for one, following in zip(self._asked, [*self._asked[1:], None], strict=True):
            read: Frame | FootageError
            try:
                read = wait()
            except FootageError as error:
                read = error
            if following is not None:
                wait = self._begin(following)
            yield one, read

    def _begin(self, asked: Asked) -> Callable[[], Frame]:
        return self._readers.begin(asked.path, picture_of, asked, self._settings)


def picture_of(asked: Asked, settings: FootageSettings) -> Frame:
    """The picture that was asked about: to be called in a worker, for it may come from anybody.

    Raises:
        FootageError: it cannot be read.
        SettingsError: it is a photograph, and a moment of it is named.
    """
    discovery = footage.discover([asked.path])
    if not discovery.files:
        raise FootageError(discovery.mishaps[0].reason, remedy=discovery.mishaps[0].remedy)
    (file,) = discovery.files
    file_id = content_id(file.path, file.size_bytes)
    if asked.moment_s is None:
        return looked_at(
            Moment(video=file_id, pts=0, time_base=Fraction(1)), 0, footage.photograph(file.path, settings)
        )
    picture = _on_show(footage.probe(file, file_id, settings), asked.moment_s, settings)
    return looked_at(picture.moment, picture.number, picture.render())


def looked_at(moment: Moment, number: int, image: Image) -> Frame:
    """A picture as a frame that somebody wanted to be looked at."""
    decision = Decision(moment=moment, number=number, reason="first", motion=0.0, brightness=0.5)
    return Frame(decision=decision, image=image)


def _on_show(video: Video, moment_s: float, settings: FootageSettings) -> Picture:
    """The picture that is shown at a moment: the last one that does not come after it."""
    if video.kind == "still":
        raise SettingsError(f"{printable(video.name)} is a photograph.", remedy="Leave out the @ and the time.")
    beyond = moment_s > video.duration_s + BEYOND_S  # asked first: reading from there would find the film cut short
    just_after_s = math.nextafter(moment_s, math.inf)
    shown = None if beyond else next(footage.show(video, moment_s, just_after_s, settings), None)
    if shown is None:
        raise FootageError(
            f"{printable(video.name)} has no picture at {moment_s:.3f} s: it lasts {video.duration_s:.3f} s.",
            remedy="Name an earlier moment.",
        )
    return shown
