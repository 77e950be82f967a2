"""The database from inside: whether SQLite finds it whole, and whether its tables agree with each other."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from crossid.archive import Original, ledger
from crossid.archive.copying import unpacked
from crossid.archive.database import from_cell
from crossid.archive.decisions import unpack
from crossid.archive.portraits import fault_of
from crossid.archive.videos import Videos
from crossid.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 20
"""Faults of one kind that are told one by one."""


class Check(NamedTuple):
    """A statement that yields what is wrong, one row each, and the sentence that is said of a row."""

    sentence: str
    sql: str


CHECKS = (
    Check(
        "person number {0} is an alias of itself in the end",
        """
        WITH RECURSIVE walk (start, here, steps) AS (
            SELECT number, alias_of, 1 FROM persons WHERE alias_of IS NOT NULL
            UNION ALL
            SELECT walk.start, persons.alias_of, steps + 1 FROM walk JOIN persons ON persons.number = walk.here
            WHERE persons.alias_of IS NOT NULL AND walk.here != walk.start
            AND steps <= (SELECT count(*) FROM persons)
        )
        SELECT DISTINCT start FROM walk WHERE here = start
        """,
    ),
    Check(
        "track {0} should have {1} faces and has {2}",
        """
        SELECT id, tracks.faces, count(f.pts) AS there FROM tracks
        LEFT JOIN (SELECT track, pts FROM faces) f ON f.track = tracks.key
        GROUP BY tracks.key HAVING there != tracks.faces
        """,
    ),
    Check(
        "track {0} has lost its best face",
        """
        SELECT id FROM tracks
        WHERE NOT EXISTS (SELECT 1 FROM faces WHERE faces.track = tracks.key AND pts = best_pts)
        """,
    ),
    Check(
        "track {0} begins or ends at another time than its faces",
        """
        SELECT id FROM (
            SELECT tracks.id, start_s, end_s, min(pts) * CAST(base_numerator AS REAL) / base_denominator AS first_s,
                   max(pts) * CAST(base_numerator AS REAL) / base_denominator AS last_s
            FROM tracks JOIN faces ON faces.track = tracks.key GROUP BY tracks.key
        ) WHERE abs(start_s - first_s) > 1e-6 OR abs(end_s - last_s) > 1e-6
        """,
    ),
    Check(
        "the picture of face {0} belongs to no face of its track, or is none",
        """
        SELECT face FROM crops
        WHERE substr(portrait, 1, 2) != x'FFD8'
        OR NOT EXISTS (SELECT 1 FROM faces WHERE faces.id = crops.face AND faces.track = crops.track)
        """,
    ),
    Check(
        "the vectors of track {0} are not of {1} dimensions",
        """
        SELECT tracks.id, dimensions FROM embeddings
        JOIN spaces ON spaces.key = embeddings.space JOIN tracks ON tracks.key = embeddings.track
        WHERE length(vector) != 4 * dimensions OR length(weights) = 0
        OR length(views) != length(weights) * dimensions
        """,
    ),
)


class Examination(Videos):
    """The part of the store that looks for faults in itself."""

    def originals(self) -> list[Original]:
        """See `Store`."""
        rows = self.database.rows("SELECT path, video, size_bytes FROM places ORDER BY path")
        return [Original(path=Path(from_cell(path)), video=video, size_bytes=size) for path, video, size in rows]

    def examine(self) -> list[str]:
        """See `Store`."""
        whole = [row[0] for row in self.database.rows(f"PRAGMA integrity_check({MOST})")]
        if whole != ["ok"]:
            return [f"SQLite says: {said}" for said in whole]
        lost = self.database.rows("PRAGMA foreign_key_check")
        faults = [f"a row of {table} refers to a row of {parent} that is not there" for table, _, parent, _ in lost]
        for check in CHECKS:
            faults += [check.sentence.format(*row) for row in self.database.rows(check.sql)]
        return faults or [
            *ledger.faults(self.database),
            *self._packed_faults(),
            *self._vector_faults(),
            *self._portrait_faults(),
        ]

    def _packed_faults(self) -> Iterator[str]:
        """Frames' decisions that cannot be unpacked, or are not as many as their span counted; prints that cannot."""
        rows = self.database.rows(
            "SELECT v.id, s.number, s.pictures, d.time_base, d.packed FROM spans s JOIN videos v ON v.id = s.video "
            "LEFT JOIN decisions d ON d.video = s.video AND d.span = s.number"
        )
        for video, number, pictures, base, packed in rows:
            try:
                count = sum(1 for _ in unpack(packed or b"", video, Fraction(base or 1)))
            except (ValueError, IndexError, ArchiveError, ZeroDivisionError):
                count = -1
            if count != pictures:
                yield f"the decisions on frames of stretch {number} of video {video[:8]} are damaged"
        for video, number, packed in self.database.rows("SELECT video, span, packed FROM prints"):
            try:
                unpacked(packed)
            except ArchiveError:
                yield f"the prints of stretch {number} of video {video[:8]} are damaged"

    def _vector_faults(self) -> Iterator[str]:
        """Vectors that point nowhere: a cosine with them would be no number."""
        rows = self.database.rows("SELECT t.id, e.vector FROM embeddings e JOIN tracks t ON t.key = e.track")
        for track, vector in rows:
            length = float(np.linalg.norm(np.frombuffer(vector, "<f4").astype(np.float64)))
            if not 0 < length < np.inf:
                yield f"the vector of track {track} is none"

    def _portrait_faults(self) -> Iterator[str]:
        """Pictures that crossid never made; they are not decoded."""
        for face, portrait in self.database.rows("SELECT face, portrait FROM crops"):
            fault = fault_of(portrait)
            if fault:
                yield f"the picture of face {face} {fault}"
