"""All appearances in one space, as columns: read in one pass, into arrays that are made once."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from crossid.types import Gallery, Space

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crossid.archive.database import Database

    Rows = NDArray[np.float32]


class Galleries:
    """The part of the store that deals in vectors."""

    database: Database

    def spaces(self) -> list[Space]:
        """See `Store`."""
        rows = self.database.rows(
            "SELECT name, dimensions, fingerprint FROM spaces "
            "WHERE EXISTS (SELECT 1 FROM embeddings WHERE space = spaces.key) "
            "ORDER BY key != ifnull((SELECT CAST(value AS INTEGER) FROM archive WHERE key = 'space'), key), spaces.key"
        )
        return [Space(name=name, dimensions=dimensions, fingerprint=mark) for name, dimensions, mark in rows]

    def gallery(self, space: Space) -> Gallery:
        """See `Store`."""
        key = self.database.value(
            "SELECT key FROM spaces WHERE name = ? AND dimensions = ? AND fingerprint = ?",
            [space.name, space.dimensions, space.fingerprint],
        )
        tracks = list(
            self.database.rows(
                "SELECT t.key, t.id, t.video, t.start_s, t.end_s, t.quality, t.faces "
                "FROM embeddings e JOIN tracks t ON t.key = e.track WHERE e.space = ? "
                "ORDER BY t.video, t.start_s, t.id",
                [key],
            )
        )
        place = {row[0]: at for at, row in enumerate(tracks)}
        return Gallery(
            space=space,
            ids=tuple(row[1] for row in tracks),
            videos=tuple(row[2] for row in tracks),
            starts=np.array([row[3] for row in tracks], np.float64),
            ends=np.array([row[4] for row in tracks], np.float64),
            qualities=np.array([row[5] for row in tracks], np.float64),
            vectors=self._vectors(key, place, space.dimensions),
            boxes=self._boxes(key, place, [row[6] for row in tracks]),
        )

    def _vectors(self, key: int, place: dict[int, int], dimensions: int) -> Rows:
        vectors = np.empty((len(place), dimensions), np.float32)
        for track, vector in self.database.rows("SELECT track, vector FROM embeddings WHERE space = ?", [key]):
            vectors[place[track]] = np.frombuffer(vector, "<f4")
        return vectors

    def _boxes(self, key: int, place: dict[int, int], counts: list[int]) -> tuple[Rows, ...]:
        """Faces come by track, in time order, so each track's rows are one run."""
        whole = np.empty((sum(counts), 5), np.float32)  # one allocation instead of one per appearance
        ends = np.cumsum(counts, dtype=np.int64)
        boxes = tuple(whole[end - count : end] for count, end in zip(counts, ends.tolist(), strict=True))
        rows = self.database.rows(
            'SELECT f.track, f.pts * CAST(t.base_numerator AS REAL) / t.base_denominator, f."left", f.top, f."right", '
            "f.bottom FROM embeddings e JOIN tracks t ON t.key = e.track JOIN faces f ON f.track = t.key "
            "WHERE e.space = ? ORDER BY f.track, f.pts",
            [key],
        )
        for track, faces in groupby(rows, key=itemgetter(0)):
            boxes[place[track]][:] = [face[1:] for face in faces]
        return boxes
