"""Appearances described anew, in another space, from the portraits that were kept."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from crossid.archive.portraits import checked
from crossid.archive.watching import Spans, embedding_cells
from crossid.types import Box, Face, Moment, Portrait

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossid.types import Embedding, Space

UNDESCRIBED = """
SELECT t.id FROM tracks t WHERE NOT EXISTS (
    SELECT 1 FROM embeddings e JOIN spaces s ON s.key = e.space
    WHERE e.track = t.key AND s.name = ? AND s.dimensions = ? AND s.fingerprint = ?
) ORDER BY t.video, t.start_s, t.id
"""
PORTRAITS = """
SELECT f.id, t.video, f.pts, t.base_numerator, t.base_denominator, f.number, f."left", f.top, f."right", f.bottom,
    f.landmarks, f.score, f.quality, f.seen_by, c.portrait, c.landmarks
FROM crops c JOIN tracks t ON t.key = c.track JOIN faces f ON f.id = c.face WHERE t.id = ? ORDER BY c.rank
"""
RENAME = """
UPDATE spans SET settings_digest = (SELECT value FROM json_each(?) WHERE key = settings_digest)
WHERE settings_digest IN (SELECT key FROM json_each(?))
"""


class Redescribing(Spans):
    """The part of the store that an archive changes its space with."""

    def undescribed(self, space: Space) -> list[str]:
        """See `Store`."""
        rows = self.database.rows(UNDESCRIBED, [space.name, space.dimensions, space.fingerprint])
        return [track for (track,) in rows]

    def portraits(self, appearance_id: str) -> list[Portrait]:
        """See `Store`."""
        return [_portrait(row) for row in self.database.rows(PORTRAITS, [appearance_id])]

    def add_embeddings(self, embeddings: Mapping[str, Embedding]) -> None:
        """See `Store`."""
        with self.database.transaction():
            self.database.execute_many(
                "INSERT OR IGNORE INTO embeddings SELECT ?, key, ?, ?, ? FROM tracks WHERE id = ?",
                [(self.space_key(one.space), *embedding_cells(one), track) for track, one in embeddings.items()],
            )

    def change_space(self, space: Space, digests: Mapping[str, str]) -> None:
        """See `Store`."""
        with self.database.transaction():
            key = self.space_key(space)
            self.database.execute("DELETE FROM embeddings WHERE space != ?", [key])
            self.database.execute("INSERT OR REPLACE INTO archive VALUES ('space', ?)", [str(key)])
            told = json.dumps(dict(digests))
            self.database.execute(RENAME, [told, told])


def _portrait(row: tuple[Any, ...]) -> Portrait:
    face_id, video, pts, numerator, denominator, number, left, top, right, bottom, marks, score, quality = row[:13]
    seen_by, jpeg, landmarks = row[13:]
    face = Face(
        id=face_id,
        moment=Moment(video=video, pts=pts, time_base=Fraction(numerator, denominator)),
        number=number,
        box=Box(left=left, top=top, right=right, bottom=bottom),
        landmarks=np.frombuffer(marks, "<f4").reshape(5, 2),
        score=score,
        quality=quality,
        seen_by=tuple(seen_by.split(",")),
    )
    return Portrait(face=face, jpeg=checked(jpeg, face_id), landmarks=np.frombuffer(landmarks, "<f4").reshape(5, 2))
