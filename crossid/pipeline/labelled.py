"""Photographs of people whose names are known: PHOTOS/Person Name/*.jpg, as Labeled Faces in the Wild lies."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from crossid import faces, footage
from crossid.errors import FootageError, SettingsError
from crossid.footage.degrading import degraded
from crossid.types import Decision, Frame, Moment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from crossid.faces import Detector
    from crossid.pipeline.reading import Readers
    from crossid.settings import Settings
    from crossid.types import Crop, Image

VERSIONS = 3
"""Each photograph is taken as it is, and twice degraded as footage is."""
MIDDLE = 0.125
"""A face whose centre is nearer to the photograph's than this share of its height is the one it is of."""


@dataclass(slots=True, kw_only=True)
class Album:
    """One person's photographs."""

    name: str
    photos: list[Path] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Tally:
    """What became of the photographs: taken, without a face that is surely the person's, unreadable."""

    taken: int = 0
    faceless: int = 0
    unreadable: int = 0


def albums(photos: Path, left_out: Collection[str] = ()) -> list[Album]:
    """Everybody's photographs, by name; a folder that holds nothing but one folder is looked through.

    Raises:
        FootageError: there is no folder, or no folders of people in it.
    """
    try:
        people = sorted(place for place in photos.iterdir() if place.is_dir() and not place.name.startswith("."))
        if len(people) == 1:
            return albums(people[0], left_out)
        found = [Album(name=one.name, photos=_files(one)) for one in people if one.name not in left_out]
    except OSError as error:
        raise FootageError(
            f"{photos} cannot be read: {error.strerror}.", remedy="Name a folder that holds a folder for each person."
        ) from None
    if not found:
        raise FootageError(
            f"There are no folders of people in {photos}.",
            remedy="Put each person's photographs into a folder with the person's name: PHOTOS/Jane Doe/1.jpg.",
        )
    return found


def shown_in(truths: Iterable[Path]) -> set[str]:
    """Names of all who are shown in staged footage, by its truth files.

    Raises:
        SettingsError: a file cannot be read or is no truth file.
    """
    names = set[str]()
    for truth in truths:
        try:
            videos = json.loads(truth.read_text(encoding="utf-8"))["videos"].values()
            names |= {shown["identity"] for video in videos for shown in video["shown"]}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise SettingsError(
                f"{truth} cannot be read as a truth file: {error!r}.",
                remedy="It names who is shown: see benchmarks/README.md.",
            ) from None
    return names


def crops_of(
    album: Album,
    detector: Detector,
    settings: Settings,
    random: np.random.Generator,
    tally: Tally,
    *,
    readers: Readers,
) -> list[tuple[str, Crop]]:
    """(photograph's name, face) of each photograph and each of its versions in which the face is found."""
    found = []
    for photo in album.photos:
        try:
            picture = readers.call(photo, footage.photograph, photo, settings.footage)
        except FootageError:
            tally.unreadable += 1
            continue
        crops = _versions(picture, detector, settings, random)
        tally.taken += bool(crops)
        tally.faceless += not crops
        found += [(f"{album.name}/{photo.name}", crop) for crop in crops]
    return found


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.is_file() and not file.name.startswith("."))


def _versions(picture: Image, detector: Detector, settings: Settings, random: np.random.Generator) -> list[Crop]:
    """The face of a photograph as it is and degraded: where it was found first, it has to be found again."""
    place = np.full(2, 0.5)
    found: list[Crop] = []
    for version in range(VERSIONS):
        shown = degraded(picture, random) if version else picture
        crops = _faces(shown, detector, settings)
        size = np.array(shown.shape[1::-1])
        near = [crop for crop in crops if (np.abs(crop.face.box.centre - place * size) < MIDDLE * size[1]).all()]
        chosen = sorted(near, key=lambda crop: -crop.face.score)[:1] or (crops if len(crops) == 1 and not found else [])
        if chosen and not found:
            place = np.array(chosen[0].face.box.centre) / size
        found += chosen
    return found


def _faces(image: Image, detector: Detector, settings: Settings) -> list[Crop]:
    moment = Moment(video="photograph", pts=0, time_base=Fraction(1, 1000))
    decision = Decision(moment=moment, number=0, reason="first", motion=0, brightness=0)
    (crops,) = faces.find([Frame(decision=decision, image=image)], detector, settings.faces)
    return crops
