"""What was seen in the spans of each video: written once per span, whole or not at all."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from crossid.archive.carrying import carried, found_again
from crossid.archive.copying import Copies
from crossid.archive.decisions import pack, tally, unpack
from crossid.archive.portraits import checked
from crossid.archive.standing import refresh
from crossid.archive.videos import Videos

if TYPE_CHECKING:
    from crossid.types import Appearance, Decision, Embedding, Face, Portrait, Space, Span, Watched


class Spans(Copies, Videos):
    """The part of the store that deals in what was watched."""

    def spans_done(self, video_id: str) -> dict[int, str]:
        """See `Store`."""
        rows = self.database.rows("SELECT number, settings_digest FROM spans WHERE video = ? ORDER BY 1", [video_id])
        return dict(rows)

    def video_done(self, video_id: str) -> bool:
        """See `Store`."""
        row = self.database.row("SELECT count(*), max(span_count) FROM spans WHERE video = ?", [video_id])
        assert row is not None
        return bool(row[0]) and row[0] == row[1]

    def keep_span(self, watched: Watched, span_count: int, settings_digest: str, run_id: str) -> None:
        """See `Store`."""
        span = watched.span
        if self.spans_done(span.video.id).get(span.index) == settings_digest:
            return
        with self.database.transaction():
            self.database.execute("DELETE FROM spans WHERE video = ? AND number = ?", [span.video.id, span.index])
            self._add_span(watched, span_count, settings_digest, run_id)
            self.keep_prints(span.video.id, span.index, watched.prints)
            for appearance in watched.appearances:
                self._add_appearance(appearance, span)
            self.add_mishaps(watched.mishaps, span.video.id, span.index)
            self._carry_rulings(watched)
            if self.video_done(span.video.id):
                self.forget_mishaps(span.video.id)

    def drop_spans(self, video_id: str) -> None:
        """See `Store`."""
        with self.database.transaction():
            self.database.execute("DELETE FROM spans WHERE video = ?", [video_id])
            self.forget_copies(video_id)
            self.forget_mishaps(video_id)

    def appearance_count(self, video_id: str | None = None) -> int:
        """See `Store`."""
        count: int = self.database.value("SELECT count(*) FROM tracks WHERE ?1 IS NULL OR video = ?1", [video_id])
        return count

    def decisions(self, video_id: str) -> list[Decision]:
        """See `Store`."""
        rows = self.database.rows("SELECT packed, time_base FROM decisions WHERE video = ? ORDER BY span", [video_id])
        return [one for packed, time_base in rows for one in unpack(packed, video_id, Fraction(time_base))]

    def decisions_digest(self, video_id: str) -> str:
        """See `Store`."""
        digest = hashlib.sha256()
        for packed, base in self.database.rows(
            "SELECT packed, time_base FROM decisions WHERE video = ? ORDER BY span", [video_id]
        ):
            digest.update(hashlib.sha256(packed + base.encode()).digest())
        return digest.hexdigest()[:16]

    def portrait(self, face_id: str) -> bytes:
        """See `Store`."""
        row = self.database.row("SELECT portrait FROM crops WHERE face = ?", [face_id])
        if row is None:
            raise KeyError(face_id)
        return checked(row[0], face_id)

    def _add_span(self, watched: Watched, span_count: int, settings_digest: str, run_id: str) -> None:
        span, sums = watched.span, tally(watched.decisions, watched.read_to_s)
        key = [span.video.id, span.index]
        times = [span.start_s, span.end_s, watched.read_to_s]
        figures = [sums.pictures, sums.looked_at, sums.looked_at_s, sums.still_s, sums.dark_s, sums.missable_s]
        row = [*key, span_count, *times, settings_digest, run_id, *figures, json.dumps(watched.seconds)]
        self.database.insert("spans", row)
        if watched.decisions:
            base = str(watched.decisions[0].moment.time_base)
            self.database.insert("decisions", [*key, base, pack(watched.decisions)])

    def _add_appearance(self, appearance: Appearance, span: Span) -> None:
        key = self._add_track(appearance, span)
        self.database.insert_many("faces", (_face_cells(key, face) for face in appearance.faces))
        self.database.insert_many(
            "crops", (_crop_cells(key, rank, portrait) for rank, portrait in enumerate(appearance.portraits))
        )
        for one in appearance.embeddings:
            self.database.insert("embeddings", [self.space_key(one.space), key, *embedding_cells(one)])

    def _add_track(self, appearance: Appearance, span: Span) -> int:
        base = appearance.faces[0].moment.time_base
        best = max(appearance.portraits, key=lambda one: (one.face.quality, -one.face.moment.pts)).face
        times = [appearance.start_s, appearance.end_s, base.numerator, base.denominator]
        figures = [len(appearance.faces), appearance.quality, best.moment.pts]
        row = [appearance.id, span.video.id, span.index, *times, *figures]
        return self.database.insert("tracks", [None, *row])

    def space_key(self, space: Space) -> int:
        """The number of a space in this database, which it gets when it is met first."""
        address = [space.name, space.dimensions, space.fingerprint]
        self.database.insert_new("spaces", [None, *address])
        key: int = self.database.value(
            "SELECT key FROM spaces WHERE name = ? AND dimensions = ? AND fingerprint = ?", address
        )
        return key

    def _carry_rulings(self, watched: Watched) -> None:
        """Say of the new tracks what runs and reviewers said of the faces in them."""
        video = watched.span.video.id
        rulings = self.database.rows(
            'SELECT pts, "left", top, "right", bottom, person, verdict, probability, evidence, since FROM rulings '
            "WHERE video = ? ORDER BY number",
            [video],
        )
        self.database.execute_many(
            "INSERT INTO proposals SELECT key, ?, ?, ?, ? FROM tracks WHERE id = ?",
            [(*cells, track) for track, cells in carried(watched.appearances, rulings).items()],
        )
        pins = self.database.rows(
            'SELECT key, pts, "left", top, "right", bottom FROM verdicts WHERE video = ? AND track IS NULL', [video]
        )
        self.database.execute_many(
            "UPDATE verdicts SET track = (SELECT key FROM tracks WHERE id = ?) WHERE key = ?",
            [(track, key) for key, track in found_again(watched.appearances, pins).items()],
        )
        tracks = self.database.rows("SELECT key FROM tracks WHERE video = ? AND span = ?", [video, watched.span.index])
        refresh(self.database, [key for (key,) in tracks])


def _face_cells(key: int, face: Face) -> list[object]:
    box = [face.box.left, face.box.top, face.box.right, face.box.bottom]
    sure = [float(face.score), float(face.quality), ",".join(face.seen_by)]
    return [key, face.moment.pts, face.id, face.number, *map(float, box), _bytes(face.landmarks), *sure]


def _crop_cells(key: int, rank: int, portrait: Portrait) -> list[object]:
    return [portrait.face.id, key, rank, _bytes(portrait.landmarks), portrait.jpeg]


def embedding_cells(embedding: Embedding) -> list[bytes]:
    """Cells of an embedding's row: vector, views, weights."""
    return [_bytes(embedding.vector), _bytes(embedding.views), _bytes(embedding.weights)]


def _bytes(array: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> bytes:
    """Little-endian float32, row by row, whatever machine it was made on."""
    return np.ascontiguousarray(array, dtype="<f4").tobytes()
