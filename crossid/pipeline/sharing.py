"""A redacted twin of an archive: what can be told without telling who, where from, or how to recognise anybody.

The twin is built anew out of what is listed here and nothing else: what an archive comes to hold in future is not
shared by accident. docs/share.md says the same in words.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from crossid import __version__, archive
from crossid.archive.acts import Act, ActKind
from crossid.archive.lock import LOCK
from crossid.archive.translation import FREE_SPACE
from crossid.errors import ArchiveError, CrossidError
from crossid.pipeline.outside import new_folder
from crossid.types import (
    Appearance,
    Box,
    Diff,
    Face,
    Membership,
    Moment,
    Portrait,
    Run,
    Span,
    Video,
    Watched,
    content_id,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossid.archive import Store
    from crossid.settings import Settings
    from crossid.types import Coverage, Observation

TIME_BASE = Fraction(1, 1_000_000)
SOMEBODY = "a reviewer"
GREY, GREY_PX = (128, 128, 128), 24
NOTHING_LEFT = "Nothing is left of the twin: free some space and run the same command again, or name another folder."


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What a twin holds, and how many people's faces."""

    out: str
    videos: int
    people: int
    appearances: int
    with_faces: tuple[str, ...]


def share(store: Store, out: Path, settings: Settings, people: Sequence[str]) -> Shared:
    """Make a redacted twin of an archive.

    Args:
        store: The archive.
        out: A new or empty folder elsewhere.
        settings: Which kind of store the twin is kept in.
        people: Those whose faces are in it; nobody's, if empty.

    Raises:
        ArchiveError: nobody of an id that is named, or nobody in the archive.
        CrossidError: the twin cannot be kept where it should be.
    """
    shown = {store.resolve(person) for person in people}
    seen = store.people()
    if not seen:
        raise ArchiveError("Nobody is in this archive yet.", remedy="Bring footage in: crossid scan FOOTAGE")
    with new_folder(out):
        try:
            with closing(archive.open_archive(out, settings.archive, write=True, create=True)) as twin:
                made = _Twin(store, twin, shown).make(out)
            (out / LOCK).unlink(missing_ok=True)  # it says on which machine it was held
        except BaseException as error:  # half a twin could be given away for a whole one
            shutil.rmtree(out, ignore_errors=True)
            if isinstance(error, ArchiveError) and error.remedy == FREE_SPACE:  # nothing is there to go on with
                raise CrossidError(str(error), remedy=NOTHING_LEFT) from error
            raise
    return made


class _Twin:
    """Fills an empty archive with what may be told."""

    def __init__(self, store: Store, twin: Store, shown: set[str]) -> None:
        self._store, self._twin, self._shown = store, twin, shown
        self._memberships = store.memberships()
        now = datetime.now(UTC)
        self._run = Run(
            id=f"share-{now:%Y%m%dT%H%M%SZ}", started=now, version=__version__, settings_digest="", spaces=()
        )

    def make(self, out: Path) -> Shared:
        twin = self._twin
        people = {row.person for row in self._memberships.values() if row.person}
        with twin.atomic():
            twin.begin_run(self._run)
            twin.new_person_ids(max(int(person[2:]) for person in people), self._run.id)
            coverage = {one.video_sha256: one for one in self._store.coverage()}
            tracks = self._tracks()
            for number, video in enumerate(self._store.videos(), start=1):
                self._add(_nameless(video, number), coverage[video.id], tracks.get(video.id, {}))
            twin.end_run(self._run.id, Diff(), [], {})
        archive.paint(twin)
        return Shared(
            out=str(out),
            videos=len(twin.videos()),
            people=len(twin.people()),
            appearances=len(twin.log()),
            with_faces=tuple(sorted(self._shown)),
        )

    def _tracks(self) -> dict[str, dict[str, list[Observation]]]:
        """Video -> track -> its faces in order of time."""
        found: defaultdict[str, defaultdict[str, list[Observation]]] = defaultdict(lambda: defaultdict(list))
        with closing(self._store.observations()) as faces:
            for face in faces:
                found[face.video_sha256][face.track_id].append(face)
        return {video: dict(tracks) for video, tracks in found.items()}

    def _add(self, video: Video, coverage: Coverage, tracks: dict[str, list[Observation]]) -> None:
        self._twin.add_video(video, 0, self._run.id)
        appearances = {track: self._appearance(track, faces) for track, faces in tracks.items()}
        watched = Watched(
            span=Span(video=video, index=0, start_s=0.0, end_s=None),
            decisions=tuple(self._store.decisions(video.id)),
            appearances=tuple(appearances.values()),
            mishaps=(),
            read_to_s=video.duration_s - coverage.unreadable_s - coverage.unwatched_s,
            seconds={},
        )
        self._twin.keep_span(watched, 1, "", self._run.id)
        told = [
            replace(self._memberships[track], appearance=appearance.id, evidence="")
            for track, appearance in appearances.items()
            if track in self._memberships
        ]
        self._twin.rule([], told)
        self._repeat_rulings(told)

    def _repeat_rulings(self, told: Sequence[Membership]) -> None:
        """What reviewers confirmed and rejected, without who did, when and why."""
        kinds: dict[str, ActKind] = {"confirmed": "confirm", "rejected": "reject"}
        for status, kind in kinds.items():
            theirs = sorted((row.person, row.appearance) for row in told if row.person and row.status == status)
            for person, some in groupby(theirs, key=lambda pair: pair[0]):
                ruled = tuple(appearance for _, appearance in some)
                self._twin.act(Act(kind=kind, by=SOMEBODY, at=self._run.started, people=(person,), appearances=ruled))

    def _appearance(self, track: str, rows: Sequence[Observation]) -> Appearance:
        faces = tuple(_face(row) for row in rows)
        best = max(faces, key=lambda face: (face.quality, -face.moment.pts))
        membership = self._memberships.get(track)
        jpeg = _grey()
        if _is_shown(membership, self._shown):
            best, jpeg = self._best(rows, faces, best)
        blind = np.zeros((5, 2), np.float32)
        return Appearance(
            id=content_id(*(face.id for face in faces)),
            video=rows[0].video_sha256,
            faces=faces,
            portraits=(Portrait(face=best, jpeg=jpeg, landmarks=blind),),
            embeddings=(),
            quality=best.quality,
        )

    def _best(self, rows: Sequence[Observation], faces: Sequence[Face], best: Face) -> tuple[Face, bytes]:
        """The best face of which the archive keeps a portrait, with it."""
        row = self._store.sighting(rows[0].track_id)
        near = min(range(len(rows)), key=lambda place: abs(rows[place].time_s - row.face_s))
        return faces[near], _pixels_only(self._store.portrait(row.face))


def _is_shown(membership: Membership | None, shown: set[str]) -> bool:
    return membership is not None and membership.status != "rejected" and membership.person in shown


def _nameless(video: Video, number: int) -> Video:
    """What remains of a video: its bytes' hash, size, shape, length and when it was recorded."""
    name = f"video-{number:04d}"
    return Video(
        id=video.id,
        path=Path(name),
        name=name,
        kind=video.kind,
        size_bytes=video.size_bytes,
        width=video.width,
        height=video.height,
        duration_s=video.duration_s,
        rate=video.rate,
        codec=video.codec,
        recorded_at=video.recorded_at,
        clock=video.clock,
        device=None,
        place=None,
    )


def _face(row: Observation) -> Face:
    left, top, right, bottom = row.box
    moment = Moment(video=row.video_sha256, pts=round(row.time_s / TIME_BASE), time_base=TIME_BASE)
    return Face(
        id=content_id("shared", row.video_sha256, row.track_id, moment.pts),
        moment=moment,
        number=row.frame,
        box=Box(left=left, top=top, right=right, bottom=bottom),
        landmarks=np.zeros((5, 2), np.float32),
        score=row.score,
        quality=row.quality,
        seen_by=tuple(row.seen_by.split(",")),
    )


def _pixels_only(jpeg: bytes) -> bytes:
    """The picture packed anew: whatever else the bytes held is gone."""
    packed = BytesIO()
    with Image.open(BytesIO(jpeg)) as picture:
        picture.convert("RGB").save(packed, "JPEG", quality=92)
    return packed.getvalue()


def _grey() -> bytes:
    """In place of a face: one grey, the same for everybody."""
    packed = BytesIO()
    Image.new("RGB", (GREY_PX, GREY_PX), GREY).save(packed, "JPEG")
    return packed.getvalue()
