"""Looking somebody up: a photograph walks through the rooms as footage does, and is compared with an archive."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from crossid import embeddings, faces, footage, people
from crossid.archive.folders import picture_paths
from crossid.errors import ArchiveError, FootageError, SettingsError, SpaceMismatchError
from crossid.footage.naming import printable
from crossid.types import Decision, Frame, Span, Track, content_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crossid.archive import Store
    from crossid.faces import FaceSettings
    from crossid.footage import FoundFile
    from crossid.people import Match
    from crossid.settings import Settings
    from crossid.types import Appearance, Coverage, Crop, LogRow, Picture, Video

BACKS_S = (2.0, 60.0, math.inf)
"""How much earlier than a moment to begin, until the picture that is on show then is met."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A match, and the appearance in which the likeness is greatest (`picture`: path within the archive, or "")."""

    match: Match
    name: str
    best: LogRow
    picture: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Who is like the face that was asked for, and who is nearly.

    `faces` were compared, `left_out` are those that show somebody else than most of them do, `passed_over`
    says of pictures why they could not be used. `quality` is that of the faces, [0, 1].
    `coverage` says what of the footage was looked at.
    """

    faces: tuple[str, ...]
    left_out: tuple[str, ...]
    passed_over: tuple[str, ...]
    quality: float
    found: tuple[Found, ...]
    near: tuple[Found, ...]
    above: float
    appearances: int
    coverage: tuple[Coverage, ...]


def asked_of(text: str) -> list[Asked]:
    """The pictures that a word names: a photograph, a folder of photographs of one person, or `VIDEO@TIME`.

    Raises:
        FootageError: there is nothing of that name, or no photograph in the folder.
        SettingsError: a video without a moment, or a moment that cannot be read.
    """
    path, _, moment = text.rpartition("@")
    if path and not Path(text).exists():
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


class Finder:
    """Looks faces up in one archive, with the detectors and the space that it was made with.

    Args:
        store: The archive.
        settings: As composed by the user; what decides what is seen is taken from the archive's last run.

    Raises:
        ArchiveError: nobody is in the archive.
        SpaceMismatchError: nothing here describes faces in the archive's space.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        spaces = store.spaces()
        if not spaces:
            raise ArchiveError(
                "No face is in this archive yet, so there is nobody to compare with.",
                remedy="Bring footage in: crossid scan FOOTAGE",
            )
        self._store, self._space = store, spaces[0]
        self._settings = as_the_archive(store, settings)
        self._embedders = embeddings.embedders(self._settings.embeddings)
        self._detector = faces.detector(self._settings.faces)
        self.passed_over: tuple[str, ...] = ()

    def look_at(self, asked: Sequence[Asked]) -> list[list[Sitter]]:
        """The faces of several pictures; those that cannot be used are passed over as long as one can.

        Raises:
            FootageError: none of them can be read, or no face is found in any.
        """
        seen, errors = list[list[Sitter]](), list[FootageError]()
        for one in asked:
            try:
                seen.append(self.look(one))
            except FootageError as error:
                errors.append(error)
        if not seen:
            raise errors[0]
        self.passed_over = tuple(str(error) for error in errors)
        return seen

    def look(self, asked: Asked) -> list[Sitter]:
        """The faces of one picture, left to right.

        Raises:
            FootageError: it cannot be read, or no face is found in it.
        """
        frame = self._frame(asked)
        crops = self._crops(frame)
        if not crops:
            raise FootageError(
                f"No face was found in {printable(str(asked))}.",
                remedy="Take a picture in which the face is larger, sharper, and seen from the front.",
            )
        crops.sort(key=lambda crop: (crop.face.box.left, crop.face.box.top))
        described = embeddings.describe([_track([crop]) for crop in crops], self._embedders)
        return [
            Sitter(asked=asked, number=number, of=len(crops), crop=crop, appearance=appearance)
            for number, (crop, appearance) in enumerate(zip(crops, described, strict=True), start=1)
        ]

    def find(self, sitters: Sequence[Sitter], *, limit: int, above: float, near: int = 3) -> Answer:
        """Who is like one person, of whom these are pictures; the most probable first.

        Args:
            sitters: One face or more; with three or more, those that disagree with the others are left out.
            limit: How many people at most.
            above: Probability from which somebody is found.
            near: How many of those who fall short are told.
        """
        agree = people.agreeing([one.appearance for one in sitters], self._space, self._settings.people)
        kept = [one for one, holds in zip(sitters, agree, strict=True) if holds] or list(sitters)
        face = kept[0].appearance
        if len(kept) > 1:
            (face,) = embeddings.describe([_track([one.crop for one in kept])], self._embedders)
        references = self._store.references(self._space)
        matches = people.find(face, references, self._settings.people, limit=limit + near, above=above)
        found = [match for match in matches if match.person and match.probability >= above][:limit]
        short = [match for match in matches if match not in found and match.evidence > 0][:near]
        return Answer(
            faces=tuple(map(titled, kept)),
            left_out=tuple(titled(one) for one in sitters if one not in kept),
            passed_over=self.passed_over,
            quality=round(face.quality, 3),
            found=tuple(map(self._found, found)),
            near=tuple(map(self._found, short)),
            above=above,
            appearances=len(references),
            coverage=tuple(self._store.coverage()),
        )

    def likest(self, among: Sequence[Sitter], known: Sequence[Sitter]) -> Sitter:
        """The face that is most like those of a person who is known by other pictures."""
        (face,) = embeddings.describe([_track([one.crop for one in known])], self._embedders)
        (of_person,) = [one for one in face.embeddings if one.space == self._space]
        return max(among, key=lambda one: one.appearance.embeddings[0].cosine(of_person))

    def _found(self, match: Match) -> Found:
        if not match.person:
            best = self._store.sighting(match.best)
            return Found(match=match, name="", best=best, picture="")
        rows = self._store.log(match.person)
        best = next(row for row in rows if match.best in row.tracks)
        return Found(match=match, name=best.name, best=best, picture=picture_paths(rows)[best.appearance_id])

    def _crops(self, frame: Frame) -> list[Crop]:
        """Faces as the archive's settings want them; without any, those half the size."""
        for settings in (self._settings.faces, _smaller(self._settings.faces)):
            detector = self._detector if settings is self._settings.faces else faces.detector(settings)
            (crops,) = faces.find([frame], detector, settings)
            if crops:
                return crops
        return []

    def _frame(self, asked: Asked) -> Frame:
        discovery = footage.discover([asked.path])
        if not discovery.files:
            raise FootageError(discovery.mishaps[0].reason, remedy=discovery.mishaps[0].remedy)
        video = self._probe(discovery.files[0])
        if asked.moment_s is None:
            pictures = footage.read(Span(video=video, index=0, start_s=0.0, end_s=None), self._settings.footage)
            picture = next(pictures)
        else:
            picture = self._on_show(video, asked.moment_s)
        decision = Decision(moment=picture.moment, number=picture.number, reason="first", motion=0.0, brightness=0.5)
        return Frame(decision=decision, image=picture.render())

    def _probe(self, found: FoundFile) -> Video:
        return footage.probe(found, content_id(found.path, found.size_bytes), self._settings.footage)

    def _on_show(self, video: Video, moment_s: float) -> Picture:
        """The picture that is shown at a moment: the last one that does not come after it."""
        if video.kind == "still":
            raise SettingsError(f"{printable(video.name)} is a photograph.", remedy="Leave out the @ and the time.")
        if moment_s <= video.duration_s + BACKS_S[0]:
            for back_s in BACKS_S:
                shown = self._last(video, max(0.0, moment_s - back_s), moment_s)
                if shown is not None:
                    return shown
        raise FootageError(
            f"{printable(video.name)} has no picture at {moment_s:.3f} s: it lasts {video.duration_s:.3f} s.",
            remedy="Name an earlier moment.",
        )

    def _last(self, video: Video, start_s: float, moment_s: float) -> Picture | None:
        """The last picture in a stretch; None without one."""
        span = Span(video=video, index=0, start_s=start_s, end_s=math.nextafter(moment_s, math.inf))
        shown = None
        try:
            for picture in footage.read(span, self._settings.footage):
                shown = picture
        except FootageError:  # what is damaged further on does no harm
            if shown is None:
                raise
        return shown


def of_one_person(
    seen: Sequence[Sequence[Sitter]],
    *,
    face: int,
    finder: Finder,
    ask: Callable[[Sequence[Sitter]], Sitter | None] | None,
) -> list[Sitter]:
    """One face of each picture: the only one, the one that is meant, or the one most like those of the other pictures.

    Args:
        seen: The faces of each picture, at least one each.
        face: The number of the one that is meant, 0 for none in particular.
        finder: Compares faces.
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
            chosen.append(finder.likest(picture, alone))
        else:
            chosen.append((ask(picture) if ask else None) or _refuse_to_guess(picture))
            alone = chosen
    return chosen


def _numbered(picture: Sequence[Sitter], number: int) -> Sitter:
    if number > len(picture):
        raise SettingsError(
            f"{printable(str(picture[0].asked))} has {len(picture)} face(s), so none is number {number}.",
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


def as_the_archive(store: Store, settings: Settings) -> Settings:
    """Settings with the detectors and embedders of the archive's last run that watched anything.

    Where the user named models of their own (`crossid.toml`), those are known by name.

    Raises:
        SpaceMismatchError: nothing here describes faces in the archive's space.
    """
    space = store.spaces()[0]
    for record in reversed(store.runs()):
        if space in record.run.spaces:
            settings = _with_parts(settings, record.run.settings)
            break
    if space not in embeddings.spaces(settings.embeddings):
        raise SpaceMismatchError(
            f"This archive describes faces in the space {space}, which nothing here makes.",
            remedy="Use the models that it was made with: crossid models fetch, or --config with their names.",
        )
    return settings


def _with_parts(settings: Settings, told: dict[str, Any]) -> Settings:
    """The settings with what a run was told of faces and embedders; other rooms do not touch a photograph."""
    found, described = told.get("faces", {}), told.get("embeddings", {})
    return replace(
        settings,
        faces=replace(
            settings.faces,
            detectors=tuple(found.get("detectors", settings.faces.detectors)),
            mode=found.get("mode", settings.faces.mode),
            min_face_px=found.get("min_face_px", settings.faces.min_face_px),
            min_score=found.get("min_score", settings.faces.min_score),
        ),
        embeddings=replace(
            settings.embeddings, embedders=tuple(described.get("embedders", settings.embeddings.embedders))
        ),
    )


def _smaller(settings: FaceSettings) -> FaceSettings:
    return replace(settings, min_face_px=settings.min_face_px // 2)


def _track(crops: Sequence[Crop]) -> Track:
    return Track(
        id=content_id(*(crop.face.id for crop in crops)),
        faces=tuple(crop.face for crop in crops),
        crops=tuple(crops),
    )
