"""Footage that is there twice: hashes of pictures, which videos copy which, and sightings that are one."""

from __future__ import annotations

import zlib
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from crossid.archive.inflating import inflated
from crossid.types import Copy, Print

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crossid.archive.database import Database
    from crossid.types import LogRow

TABLES = """
CREATE TABLE prints (
    video TEXT NOT NULL, span INTEGER NOT NULL, packed BLOB NOT NULL,
    PRIMARY KEY (video, span), FOREIGN KEY (video, span) REFERENCES spans (video, number) ON DELETE CASCADE
)

CREATE TABLE compared (video TEXT PRIMARY KEY REFERENCES videos (id)) WITHOUT ROWID

CREATE TABLE copies (
    video TEXT NOT NULL REFERENCES videos (id), other TEXT NOT NULL REFERENCES videos (id),
    offset_s REAL NOT NULL, start_s REAL NOT NULL, end_s REAL NOT NULL, PRIMARY KEY (video, other)
) WITHOUT ROWID
"""
HASH_BYTES = 32
SHARED = 0.5
"""Of the shorter of two appearances, the share that has to be one moment for them to be one sighting."""


class Copies:
    """The part of the store that deals in footage that is there twice."""

    database: Database

    def prints(self) -> dict[str, list[Print]]:
        """See `Store`."""
        found: dict[str, list[Print]] = {}
        for video, packed in self.database.rows("SELECT video, packed FROM prints ORDER BY video, span"):
            found.setdefault(video, []).extend(unpacked(packed))
        return found

    def uncompared(self) -> list[str]:
        """See `Store`."""
        rows = self.database.rows(
            "SELECT DISTINCT video FROM prints WHERE video NOT IN (SELECT video FROM compared) ORDER BY video"
        )
        return [video for (video,) in rows]

    def keep_copies(self, videos: Iterable[str], copies: Sequence[Copy]) -> None:
        """See `Store`."""
        with self.database.transaction():
            for video in videos:
                self.forget_copies(video)
                self.database.execute("INSERT INTO compared VALUES (?)", [video])
            self.database.execute_many(
                "INSERT OR REPLACE INTO copies VALUES (?, ?, ?, ?, ?)",
                [(one.video, one.other, one.offset_s, one.start_s, one.end_s) for one in copies],
            )

    def copies(self) -> list[Copy]:
        """See `Store`."""
        rows = self.database.rows("SELECT video, other, offset_s, start_s, end_s FROM copies ORDER BY 1, 2")
        return [
            Copy(video=video, other=other, offset_s=offset_s, start_s=start_s, end_s=end_s)
            for video, other, offset_s, start_s, end_s in rows
        ]

    def forget_copies(self, video_id: str) -> None:
        """A video was watched anew, or will be: it is compared once more."""
        self.database.execute("DELETE FROM compared WHERE video = ?", [video_id])
        self.database.execute("DELETE FROM copies WHERE video = ?1 OR other = ?1", [video_id])

    def keep_prints(self, video_id: str, span: int, prints: Sequence[Print]) -> None:
        """Keep the hashes of a span."""
        self.forget_copies(video_id)
        if prints:
            self.database.insert("prints", [video_id, span, _packed(prints)])


def with_sources(rows: list[LogRow], sources: Mapping[str, str]) -> list[LogRow]:
    """The rows with the `source_id` that `sources` (appearance id -> source id) give them."""
    return [replace(row, source_id=sources[row.appearance_id]) if row.appearance_id in sources else row for row in rows]


def sources(rows: Sequence[LogRow], copies: Sequence[Copy]) -> dict[str, str]:
    """Appearance id -> source id, of rows that show one moment of one person in copies of one piece of footage.

    It is the appearance id of the first of them in the order of the rows. Those that are their own source are left out.
    """
    places: dict[tuple[str, str], list[int]] = {}
    for place, row in enumerate(rows):
        if row.person_id and row.status != "rejected":
            places.setdefault((row.person_id, row.video_sha256), []).append(place)
    root = list(range(len(rows)))
    for copy in copies:
        for person in sorted({person for person, video in places if video == copy.video}):
            for one, other in product(places[person, copy.video], places.get((person, copy.other), [])):
                if _one_moment(rows[one], rows[other], copy):
                    first, second = sorted((_root(root, one), _root(root, other)))
                    root[second] = first
    ends = {place: _root(root, place) for place in range(len(rows))}
    return {rows[place].appearance_id: rows[end].appearance_id for place, end in ends.items() if end != place}


def _root(root: list[int], place: int) -> int:
    while root[place] != place:
        place = root[place]
    return place


def _one_moment(row: LogRow, other: LogRow, copy: Copy) -> bool:
    """Whether two appearances, of a video and of its copy, overlap in what the two videos share."""
    start_s, end_s = other.start_s + copy.offset_s, other.end_s + copy.offset_s
    shared = min(row.end_s, end_s, copy.end_s) - max(row.start_s, start_s, copy.start_s)
    return shared >= SHARED * min(row.end_s - row.start_s, other.end_s - other.start_s)


def _packed(prints: Sequence[Print]) -> bytes:
    times = np.array([one.at_s for one in prints], "<f8").tobytes()
    return zlib.compress(times + b"".join(one.bits for one in prints))


def unpacked(packed: bytes) -> list[Print]:
    """The prints of one span, in order; ArchiveError if they are damaged."""
    raw = inflated(packed)
    count = len(raw) // (8 + HASH_BYTES)
    times, bits = np.frombuffer(raw[: 8 * count], "<f8").tolist(), raw[8 * count :]
    return [
        Print(at_s=at_s, bits=bits[HASH_BYTES * place : HASH_BYTES * (place + 1)]) for place, at_s in enumerate(times)
    ]
