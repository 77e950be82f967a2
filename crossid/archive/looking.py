"""What people ask for: the appearance log, every face seen, how much was looked at."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from crossid.archive.copying import Copies, sources, with_sources
from crossid.archive.database import from_cell
from crossid.archive.ids import id_of, number_of
from crossid.archive.joining import joined
from crossid.archive.kinship import kin_of
from crossid.archive.persons import Persons
from crossid.types import Coverage, LogRow, Observation

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Sequence

ROWS = """
SELECT v.id, v.name, v.recorded_at, v.clock, t.id, t.start_s, t.end_s, t.faces, f.id, f.quality,
       f.pts, t.base_numerator, t.base_denominator, f."left", f.top, f."right", f.bottom,
       m.person, m.probability, coalesce(m.evidence, ''), coalesce(m.status, 'proposed')
FROM tracks t
JOIN videos v ON v.id = t.video
JOIN faces f ON f.track = t.key AND f.pts = t.best_pts
LEFT JOIN memberships m ON m.track = t.key
{only}
ORDER BY v.name, v.id, t.start_s, t.id
"""

PERSON_CELL = 17
"""Which cell of `ROWS` is the number of the person."""

FACES = """
SELECT f.pts, t.base_numerator, t.base_denominator, f.number, f."left", f.top, f."right", f.bottom,
       f.score, f.quality, f.seen_by, t.id, m.person, m.status
FROM tracks t JOIN faces f ON f.track = t.key LEFT JOIN memberships m ON m.track = t.key
WHERE t.video = ? ORDER BY f.pts, f.id
"""

BOXES = """
SELECT CAST(f.pts AS REAL) * t.base_numerator / t.base_denominator, f."left", f.top, f."right", f.bottom
FROM tracks t JOIN faces f ON f.track = t.key WHERE t.id = ?
"""


class Logs(Copies, Persons):
    """The part of the store that answers questions."""

    def log(self, person_id: str | None = None, *, videos: Collection[str] | None = None) -> list[LogRow]:
        """See `Store`."""
        only, given = list[str](), list[str]()
        if person_id == "":
            only.append("m.person IS NULL")
        elif person_id is not None:
            only.append("t.key IN (SELECT track FROM memberships WHERE person IN (SELECT value FROM json_each(?)))")
            given.append(json.dumps(kin_of(self.database, [number_of(self.resolve(person_id))])))
        if videos is not None:
            only.append("t.video IN (SELECT value FROM json_each(?))")
            given.append(json.dumps(sorted(videos)))
        found = self.database.rows(ROWS.format(only=f"WHERE {' AND '.join(only)}" if only else ""), given)
        return self._joined(list(found), everybody=not only)

    def _joined(self, found: Sequence[tuple[Any, ...]], *, everybody: bool) -> list[LogRow]:
        """Rows of the log out of `ROWS`, which are in order."""
        ids, names = self._called(None if everybody else {row[PERSON_CELL] for row in found} - {None})
        rows = (_row(row, ids, names) for row in found)
        made = [row for _, some in groupby(rows, key=lambda row: row.video_sha256) for row in joined(some)]
        return with_sources(made, self._sources())

    def _sources(self) -> dict[str, str]:
        """Appearance id -> source id, of those whose sighting is in copies of footage."""
        copies = self.copies()
        if not copies:
            return {}
        videos = json.dumps(sorted({video for copy in copies for video in (copy.video, copy.other)}))
        found = self.database.rows(ROWS.format(only="WHERE t.video IN (SELECT value FROM json_each(?))"), [videos])
        ids = self._ids()
        rows = (_row(row, ids, {}) for row in found)
        made = [row for _, some in groupby(rows, key=lambda row: row.video_sha256) for row in joined(some)]
        return sources(made, copies)

    def sighting(self, appearance_id: str) -> LogRow:
        """See `Store`."""
        row = self.database.row(ROWS.format(only="WHERE t.id = ?"), [appearance_id])
        if row is None:
            raise KeyError(appearance_id)
        return _row(row, *self._called({row[PERSON_CELL]} - {None}))

    def faces_of(self, appearance_ids: Sequence[str]) -> list[tuple[float, tuple[float, float, float, float]]]:
        """See `Store`."""
        rows = [row for one in appearance_ids for row in self.database.rows(BOXES, [one])]
        return sorted((at_s, (left, top, right, bottom)) for at_s, left, top, right, bottom in rows)

    def observations(self) -> Generator[Observation, None, None]:
        """See `Store`."""
        appearance = {track: row.appearance_id for row in self.log() for track in row.tracks}
        ids = self._ids()
        for video_id, name in self.database.rows("SELECT id, name FROM videos ORDER BY name, id"):
            for row in self.database.rows(FACES, [video_id]):
                pts, numerator, denominator, number, left, top, right, bottom, *sure, track, person, status = row
                yield Observation(
                    video=from_cell(name),
                    video_sha256=video_id,
                    time_s=pts * numerator / denominator,
                    pts=pts,
                    frame=number,
                    box=(left, top, right, bottom),
                    score=sure[0],
                    quality=sure[1],
                    seen_by=sure[2],
                    track_id=track,
                    appearance_id=appearance[track],
                    person_id="" if status == "rejected" else ids[person],
                )

    def coverage(self) -> list[Coverage]:
        """See `Store`."""
        rows = self.database.rows(
            "SELECT v.name, v.id, v.duration_s, total(s.pictures), total(s.looked_at), total(s.looked_at_s), "
            "total(s.still_s), total(s.dark_s), total(max(0.0, coalesce(s.end_s, v.duration_s) - s.read_to_s)), "
            "coalesce(max(s.missable_s), 0.0), "
            "max(0.0, v.duration_s - total(coalesce(s.end_s, v.duration_s) - s.start_s)) "
            "FROM videos v LEFT JOIN spans s ON s.video = v.id "
            "GROUP BY v.id ORDER BY v.name, v.id"
        )
        return [_coverage(row) for row in rows]

    def _ids(self) -> dict[int | None, str]:
        """Number of every person -> the id that it resolves to; "" for nobody."""
        return self._called(None)[0]

    def _called(self, numbers: Collection[int] | None) -> tuple[dict[int | None, str], dict[str, str]]:
        """Number -> the id that it resolves to, "" for nobody; and id -> name. Of everybody, or of some numbers."""
        some = "[]" if numbers is None else json.dumps(sorted(numbers))
        roots = dict(
            self.database.rows(
                "SELECT number, coalesce(root, number) FROM persons "
                "WHERE ?1 OR number IN (SELECT value FROM json_each(?2))",
                [numbers is None, some],
            )
        )
        kin = None if numbers is None else kin_of(self.database, set(roots.values()))
        return {None: "", **{number: id_of(root) for number, root in roots.items()}}, self.current_names(kin)


def _row(row: tuple[Any, ...], ids: dict[int | None, str], names: dict[str, str]) -> LogRow:
    """One track as a row of the log."""
    video_id, video, recorded_at, clock, track, start_s, end_s, faces, *best, person, probability, evidence, status = (
        row
    )
    face, quality, pts, numerator, denominator, *box = best
    return LogRow(
        person_id=ids[person],
        name=names.get(ids[person], ""),
        video=from_cell(video),
        video_sha256=video_id,
        appearance_id=track,
        start_s=start_s,
        end_s=end_s,
        recorded_at=_recorded_at(recorded_at, start_s),
        clock=clock,
        faces=faces,
        face=face,
        box=(box[0], box[1], box[2], box[3]),
        probability=probability,
        evidence=evidence,
        status=status,
        quality=quality,
        tracks=(track,),
        face_s=pts * numerator / denominator,
        source_id=track,
    )


def _recorded_at(video: str | None, start_s: float) -> str:
    """ISO 8601 of a moment of a video: UTC with a Z, without where the zone is unknown; "" where the clock is."""
    if video is None:
        return ""
    at = datetime.fromisoformat(video) + timedelta(seconds=start_s)
    zoned = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    return zoned if at.tzinfo else at.isoformat(timespec="milliseconds")


def _coverage(row: tuple[Any, ...]) -> Coverage:
    video, video_id, duration_s, pictures, looked_at, looked_at_s, still_s, dark_s, unreadable_s, *unseen = row
    return Coverage(
        video=from_cell(video),
        video_sha256=video_id,
        duration_s=duration_s,
        pictures=int(pictures),
        looked_at=int(looked_at),
        looked_at_s=looked_at_s,
        still_s=still_s,
        dark_s=dark_s,
        unreadable_s=unreadable_s,
        missable_s=unseen[0],
        unwatched_s=unseen[1],
    )
