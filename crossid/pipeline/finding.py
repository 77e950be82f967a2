"""Looking somebody up: a photograph walks through the rooms as footage does, and is compared with an archive."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crossid import embeddings, faces, people
from crossid.archive.folders import picture_paths
from crossid.errors import ArchiveError, FootageError, SpaceMismatchError
from crossid.inference.providers import use
from crossid.pipeline.asking import Sitter, titled
from crossid.pipeline.picturing import Pictures
from crossid.types import Track, content_id
from crossid.wording import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crossid.archive import Store
    from crossid.faces import FaceSettings
    from crossid.people import Match
    from crossid.pipeline.asking import Asked
    from crossid.settings import Settings
    from crossid.types import Coverage, Crop, Frame, LogRow, Space


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


class Finder:
    """Looks faces up in archives of one space.

    Args:
        settings: Which detectors, and which embedders of that space.
        space: The space.
    """

    def __init__(self, settings: Settings, space: Space) -> None:
        self._settings, self._space = settings, space
        use(settings.device)
        self._embedders = embeddings.embedders(settings.embeddings)
        self._detector = faces.detector(settings.faces)
        self.passed_over: tuple[str, ...] = ()

    @classmethod
    def of_archive(cls, store: Store, settings: Settings) -> Finder:
        """With the detectors and the space that an archive was made with.

        Raises:
            ArchiveError: nobody is in the archive.
            SpaceMismatchError: nothing here describes faces in the archive's space.
        """
        spaces = store.spaces()
        if not spaces and store.people():
            raise ArchiveError(
                "This archive holds nothing to recognise a face by: crossid share left that out of it.",
                remedy="Search the archive that it was made from.",
            )
        if not spaces:
            raise ArchiveError(
                "No face is in this archive yet, so there is nobody to compare with.",
                remedy="Bring footage in: crossid scan FOOTAGE",
            )
        return cls(as_the_archive(store, settings), spaces[0])

    @classmethod
    def of_settings(cls, settings: Settings) -> Finder:
        """With what a scan under these settings would use."""
        return cls(settings, embeddings.spaces(settings.embeddings)[0])

    def look_at(self, pictures: Iterable[tuple[Asked, Frame | FootageError]]) -> list[list[Sitter]]:
        """The faces of several pictures; those that cannot be used are passed over as long as one can.

        Args:
            pictures: As `picturing.Pictures` brings them.

        Raises:
            FootageError: none of them can be read, or no face is found in any.
        """
        seen, errors = list[list[Sitter]](), list[FootageError]()
        for asked, read in pictures:
            try:
                seen.append(self._sitters(asked, read))
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
        with Pictures([asked], self._settings) as pictures:
            ((_, read),) = pictures
        return self._sitters(asked, read)

    def _sitters(self, asked: Asked, read: Frame | FootageError) -> list[Sitter]:
        if isinstance(read, FootageError):
            raise read
        crops = self._crops(read)
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

    def find(self, store: Store, sitters: Sequence[Sitter], *, limit: int, above: float, near: int = 3) -> Answer:
        """Who is like one person, of whom these are pictures; the most probable first.

        Args:
            store: The archive.
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
        references = store.references(self._space)
        matches = people.find(face, references, self._settings.people, limit=limit + near, above=above)
        found = [match for match in matches if match.person and match.probability >= above][:limit]
        short = [match for match in matches if match not in found and match.evidence > 0][:near]
        return Answer(
            faces=tuple(map(titled, kept)),
            left_out=tuple(titled(one) for one in sitters if one not in kept),
            passed_over=self.passed_over,
            quality=round(face.quality, 3),
            found=tuple(_found(store, match) for match in found),
            near=tuple(_found(store, match) for match in short),
            above=above,
            appearances=len(references),
            coverage=tuple(store.coverage()),
        )

    def likest(self, among: Sequence[Sitter], known: Sequence[Sitter]) -> Sitter:
        """The face that is most like those of a person who is known by other pictures."""
        (face,) = embeddings.describe([_track([one.crop for one in known])], self._embedders)
        (of_person,) = [one for one in face.embeddings if one.space == self._space]
        return max(among, key=lambda one: one.appearance.embeddings[0].cosine(of_person))

    def _crops(self, frame: Frame) -> list[Crop]:
        """Faces as the archive's settings want them; without any, those half the size."""
        for settings in (self._settings.faces, _smaller(self._settings.faces)):
            detector = self._detector if settings is self._settings.faces else faces.detector(settings)
            (crops,) = faces.find([frame], detector, settings)
            if crops:
                return crops
        return []


def _found(store: Store, match: Match) -> Found:
    if not match.person:
        return Found(match=match, name="", best=store.sighting(match.best), picture="")
    rows = store.log(match.person)
    best = next(row for row in rows if match.best in row.tracks)
    return Found(match=match, name=best.name, best=best, picture=picture_paths(rows)[best.appearance_id])


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
