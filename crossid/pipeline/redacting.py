"""Making people unrecognisable: every face of a video is found, told apart where some are to stay, and covered.

In doubt a face is covered. Nothing of the original but pictures and sound goes into the copy: no place, no device, no
time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crossid import faces, footage
from crossid.errors import ArchiveError, FootageError, SettingsError
from crossid.exports.clips import write_png
from crossid.exports.covering import HOWS, MARGIN, Look, cover, covered_at, paths
from crossid.exports.files import check_free
from crossid.exports.films import write_film
from crossid.inference.providers import use
from crossid.pipeline.outside import check_outside
from crossid.pipeline.reading import Readers
from crossid.pipeline.showing import END_S, looks, pictures, probed
from crossid.pipeline.telling import Teller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from crossid.archive import Store
    from crossid.exports.covering import Edges, How
    from crossid.exports.covering import Path as FacePath
    from crossid.faces import Detector
    from crossid.settings import Settings
    from crossid.types import Box, Image, Sound, Video

MIN_SCORE = 0.5
"""Of what may be a face at all, more is covered than is recognised."""
MIN_FACE_PX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactSettings:
    """Whom to cover, and how.

    Attributes:
        how: `blur`, `pixelate` or `box`.
        margin: Share of a face's size by which the cover is larger on each side.
        looks_per_s: Pictures a second in which faces are looked for; 0: in every one.
        but: People who stay as they are; nobody, if empty.
        only: The people who are covered; everybody, if empty.
        silent: Without sound.
    """

    how: How = "blur"
    margin: float = MARGIN
    looks_per_s: float = 0.0
    but: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """What was done: pictures written, pictures looked at, faces found in them, people followed, how many were left."""

    out: str
    pictures: int
    looked_at: int
    faces: int
    followed: int
    left: int
    length_s: float
    sound: bool


def redact(
    original: Path,
    out: Path,
    settings: Settings,
    how: RedactSettings,
    *,
    store: Store | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Redacted:
    """Write a copy of a video, or of a photograph as PNG, in which faces are covered.

    Args:
        original: The video.
        out: An .mp4, or a .png for a photograph; there whole or not at all.
        settings: Which detectors look.
        how: Whom to cover, and how.
        store: The archive that knows the people who are named.
        tell: Told what is being done.

    Raises:
        FootageError: the original cannot be read, or breaks off.
        SettingsError: the wishes make no sense.
    """
    _check(original, out, how)
    found = footage.discover([original])
    if not found.files:
        raise FootageError(found.mishaps[0].reason, remedy=found.mishaps[0].remedy)
    with Readers(settings) as readers:
        video = readers.call(original, probed, found.files[0], settings.footage)
        _check_ending(video, out)
        return _Redaction(video, settings, how, store, tell, readers=readers).run(out)


def _check_ending(video: Video, out: Path) -> None:
    ending = ".png" if video.kind == "still" else ".mp4"
    if out.suffix.lower() != ending:
        raise SettingsError(f"{out.name} does not end in {ending}.", remedy=f"Name a file that ends in {ending}.")


def _check(original: Path, out: Path, how: RedactSettings) -> None:
    if how.how not in HOWS:
        raise SettingsError(f"'{how.how}' is no way to cover a face.", remedy=f"Known: {', '.join(HOWS)}.")
    if how.but and how.only:
        raise SettingsError("--but and --only contradict each other.", remedy="Leave one of them out.")
    check_outside(out, "Name a file elsewhere.")
    check_free(out)
    if out.exists() and original.exists() and out.samefile(original):
        raise SettingsError("The original is never written over.", remedy="Name another file.")
    if not out.parent.is_dir():
        raise SettingsError(f"There is no folder {out.parent}.", remedy="Make it, or name a file elsewhere.")


class _Redaction:
    def __init__(
        self,
        video: Video,
        settings: Settings,
        how: RedactSettings,
        store: Store | None,
        tell: Callable[[str], None],
        *,
        readers: Readers,
    ) -> None:
        low = replace(settings.faces, min_score=MIN_SCORE, min_face_px=min(MIN_FACE_PX, settings.faces.min_face_px))
        self._video, self._settings, self._how, self._tell = video, replace(settings, faces=low), how, tell
        self._readers = readers
        use(settings.device)
        self._teller: Teller | None = None
        if how.but or how.only:
            if store is None:
                raise ArchiveError("People are named, and no archive.", remedy="Name it with --archive.")
            self._teller = Teller(store, video, settings, readers)
            self._teller.check([*how.but, *how.only])

    def run(self, out: Path) -> Redacted:
        self._tell("Looking for faces")
        seen = list(self._look(faces.detector(self._settings.faces)))
        if not seen:
            raise FootageError("There is no picture in it.", remedy="Look whether the original still plays.")
        followed = paths(seen)
        hidden = [path for path in followed if not self._stays(path)]
        self._tell("Covering them")
        length_s = self._length_s(seen)
        sounds = None if self._how.silent or self._video.kind == "still" else self._sound()
        count = self._write(out, hidden, sounds, length_s)
        return Redacted(
            out=str(out),
            pictures=count,
            looked_at=len(seen),
            faces=sum(len(look.boxes) for look in seen),
            followed=len(followed),
            left=len(followed) - len(hidden),
            length_s=length_s,
            sound=sounds is not None,
        )

    def _write(self, out: Path, hidden: Sequence[FacePath], sounds: Iterator[Sound] | None, length_s: float) -> int:
        shown = self._readers.each(self._video, pictures, self._video, 0.0, END_S, self._settings.footage)
        covered = ((at_s, self._covered(at_s, image, hidden)) for at_s, image in shown)
        if self._video.kind == "still":
            write_png(out, next(covered)[1])
            return 1
        return write_film(out, covered, sounds, length_s, self._video.rate)

    def _covered(self, at_s: float, image: Image, hidden: Sequence[FacePath]) -> Image:
        return cover(image, covered_at(hidden, at_s, self._how.margin), self._how.how)

    def _sound(self) -> Iterator[Sound] | None:
        """The sound from its beginning; None for a video without any."""
        sounds = self._readers.each(self._video, footage.listen, self._video, 0.0, END_S, self._settings.footage)
        first = next(sounds, None)
        return None if first is None else _again(first, sounds)

    def _look(self, detector: Detector) -> Iterator[Look]:
        wanted = self._how.looks_per_s, self._settings.frames.cut_threshold, self._settings.footage
        for at_s, image, cut in self._readers.each(self._video, looks, self._video, *wanted):
            (found,) = detector.detect([image])
            yield Look(at_s=at_s, boxes=tuple(_edges(one.box) for one in found if one.score >= MIN_SCORE), cut=cut)

    def _stays(self, path: FacePath) -> bool:
        """Whether somebody stays as they are: only who is surely to stay, or surely not meant, does."""
        if self._teller is None:
            return False
        if self._how.but:
            return self._teller.tell(path, self._how.but) is True
        return self._teller.tell(path, self._how.only) is False

    def _length_s(self, seen: Sequence[Look]) -> float:
        """Until the last picture has been shown for a while."""
        usual_s = float(1 / self._video.rate) if self._video.rate else 0.04
        return max(self._video.duration_s, seen[-1].at_s + usual_s)


def _again(first: Sound, rest: Iterator[Sound]) -> Iterator[Sound]:
    yield first
    yield from rest


def _edges(box: Box) -> Edges:
    return box.left, box.top, box.right, box.bottom
