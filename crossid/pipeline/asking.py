"""Whom a question is about: the pictures that words name, and the faces in them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from crossid import footage
from crossid.errors import FootageError, SettingsError
from crossid.wording import count, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crossid.types import Appearance, Crop

MOMENT = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,7}(?:\.\d{1,9})?)")
"""`hh:mm:ss.mmm`; hours, and minutes, may be left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A picture to look somebody up by: a photograph, or a frame of a video at a moment (seconds)."""

    path: Path
    moment_s: float | None

    def __str__(self) -> str:
        return self.path.name if self.moment_s is None else f"{self.path.name}@{self.moment_s:.3f}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sitter:
    """One face of a picture: `number` counts from 1, left to right, among `of`; `crop` is its portrait."""

    asked: Asked
    number: int
    of: int
    crop: Crop
    appearance: Appearance

    @property
    def where(self) -> str:
        """Where the face is in the picture, and how large and good, in words."""
        box = self.crop.face.box
        across, down = box.centre
        size = f"{min(box.width, box.height):.0f} px, quality {self.crop.face.quality:.2f}"
        return f"{across:.0f} px from the left, {down:.0f} px from the top, {size}"


def asked_of(text: str) -> list[Asked]:
    """The pictures that a word names: a photograph, a folder of photographs of one person, or `VIDEO@TIME`.

    Raises:
        FootageError: there is nothing of that name, or no photograph in the folder.
        SettingsError: a video without a moment, or a moment that cannot be read.
    """
    path, _, moment = text.rpartition("@")
    if path and not os.path.lexists(text):
        return [Asked(path=Path(path), moment_s=_moment_s(moment))]
    place = Path(text)
    found = footage.discover([place])
    photographs = [file.path for file in found.files if footage.is_photograph(file.path)]
    if photographs:
        return [Asked(path=one, moment_s=None) for one in photographs]
    if found.files:
        raise SettingsError(
            f"{place.name} is a video: which of its frames is meant?", remedy=f"Name a moment: '{text}@0:12'."
        )
    if found.mishaps:
        raise FootageError(found.mishaps[0].reason, remedy=found.mishaps[0].remedy)
    raise FootageError(f"There is no photograph in {place.name}.", remedy="Name a photograph, or a folder of some.")


def _moment_s(text: str) -> float:
    match = MOMENT.fullmatch(text)
    if match is None:
        raise SettingsError(f"'{text}' is no moment of a video.", remedy="Write it as 1:02:03.5, 2:03 or 123.5.")
    hours, minutes, seconds = match.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds)


def of_one_person(
    seen: Sequence[Sequence[Sitter]],
    *,
    face: int,
    likest: Callable[[Sequence[Sitter], Sequence[Sitter]], Sitter],
    ask: Callable[[Sequence[Sitter]], Sitter | None] | None,
) -> list[Sitter]:
    """One face of each picture: the only one, the one that is meant, or the one most like those of the other pictures.

    Args:
        seen: The faces of each picture, at least one each.
        face: The number of the one that is meant, 0 for none in particular.
        likest: Chooses, of several faces, the one that is most like those of a person who is known.
        ask: Asks somebody which one is meant; None, or an answer of None, where nobody is there.

    Raises:
        SettingsError: there are several, and nothing tells which one is meant.
    """
    if face:
        return [_numbered(picture, face) for picture in seen]
    alone = [picture[0] for picture in seen if len(picture) == 1]
    chosen = []
    for picture in seen:
        if len(picture) == 1:
            chosen.append(picture[0])
        elif alone:
            chosen.append(likest(picture, alone))
        else:
            chosen.append((ask(picture) if ask else None) or _refuse_to_guess(picture))
            alone = chosen
    return chosen


def _numbered(picture: Sequence[Sitter], number: int) -> Sitter:
    if number > len(picture):
        raise SettingsError(
            f"{printable(str(picture[0].asked))} has {count(len(picture), 'face')}, so none is number {number}.",
            remedy="Name another one with --face: they are counted from the left.",
        )
    return picture[number - 1]


def _refuse_to_guess(picture: Sequence[Sitter]) -> NoReturn:
    listed = "; ".join(f"{one.number}: {one.where}" for one in picture)
    raise SettingsError(
        f"{printable(str(picture[0].asked))} shows {len(picture)} faces, from left to right {listed}.",
        remedy="Say which one is meant with --face N, or look all of them up with --all.",
    )


def titled(sitter: Sitter) -> str:
    """What a face is called: its picture's name, and its number where there are several."""
    return str(sitter.asked) if sitter.of == 1 else f"{sitter.asked} face {sitter.number}"
