"""Which videos there are, where they were found, and what still stands in their way."""

from __future__ import annotations

import json
import os
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossid.archive.database import from_cell, to_cell
from crossid.types import Mishap, Place, Video

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossid.archive.database import Database

VIDEOS = """
SELECT id, path, name, kind, size_bytes, width, height, duration_s, rate, codec, recorded_at, clock, device,
       latitude, longitude, altitude, tags
FROM videos
"""


class Videos:
    """The part of the store that deals in videos."""

    database: Database

    def known_file(self, path: Path, size_bytes: int, modified_ns: int) -> str | None:
        """See `Store`."""
        known: str | None = self.database.value(
            "SELECT video FROM places WHERE path = ? AND size_bytes = ? AND modified_ns = ?",
            [_path_cell(path), size_bytes, modified_ns],
        )
        return known

    def add_video(self, video: Video, modified_ns: int, run_id: str) -> bool:
        """See `Store`."""
        path, name = _path_cell(video.path), to_cell(video.name)
        with self.database.transaction():
            new = self.database.insert_new("videos", [*_cells(video), run_id])
            self.database.execute(
                "INSERT INTO places VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET video = excluded.video, "
                "name = excluded.name, size_bytes = excluded.size_bytes, modified_ns = excluded.modified_ns",
                [path, video.id, name, video.size_bytes, modified_ns, run_id],
            )
            # It could be read this time.
            self.database.execute("DELETE FROM mishaps WHERE video IS NULL AND about IN (?, ?)", [path, name])
            first = self.database.value("SELECT path FROM videos WHERE id = ?", [video.id])
        return new or first == path

    def videos(self) -> list[Video]:
        """See `Store`."""
        return [_video(row) for row in self.database.rows(f"{VIDEOS} ORDER BY id")]

    def video(self, video_id: str) -> Video:
        """See `Store`."""
        row = self.database.row(f"{VIDEOS} WHERE id = ?", [video_id])
        if row is None:
            raise KeyError(video_id)
        return _video(row)

    def keep_mishap(self, video_id: str, mishap: Mishap) -> None:
        """See `Store`."""
        self.add_mishaps([mishap], video_id)

    def mishaps(self) -> list[Mishap]:
        """See `Store`."""
        rows = self.database.rows("SELECT about, moment_s, room, reason, remedy FROM mishaps ORDER BY 1, 2, 3, 4")
        return [
            Mishap(video=from_cell(about), moment_s=moment_s, room=room, reason=reason, remedy=remedy)
            for about, moment_s, room, reason, remedy in rows
        ]

    def add_mishaps(self, mishaps: Sequence[Mishap], video_id: str | None, span: int | None = None) -> None:
        """Note what went wrong with a span, a video, or a file that never became one; known ones stay as they are."""
        with self.database.transaction():
            for one in mishaps:
                about = [to_cell(one.video), video_id, span]
                self.database.insert_new("mishaps", [*about, one.moment_s, one.room, one.reason, one.remedy])

    def forget_mishaps(self, video_id: str) -> None:
        """All of a video was watched, or will be again: what kept its spans from being watched stands no more."""
        self.database.execute(
            "DELETE FROM mishaps WHERE span IS NULL AND (video = ?1 OR about = ?1 "
            "OR about IN (SELECT path FROM places WHERE video = ?1 UNION SELECT name FROM places WHERE video = ?1))",
            [video_id],
        )


def _path_cell(path: Path) -> str | bytes:
    return to_cell(os.fspath(path))


def _cells(video: Video) -> list[Any]:
    """The columns of `VIDEOS`."""
    place = video.place
    return [
        video.id,
        _path_cell(video.path),
        to_cell(video.name),
        video.kind,
        video.size_bytes,
        video.width,
        video.height,
        video.duration_s,
        str(video.rate),
        video.codec,
        video.recorded_at.isoformat() if video.recorded_at else None,
        video.clock,
        video.device,
        *((place.latitude, place.longitude, place.altitude) if place else (None, None, None)),
        json.dumps(video.tags),
    ]


def _video(row: tuple[Any, ...]) -> Video:
    """A row of `VIDEOS`."""
    latitude, longitude, altitude, tags = row[13:]
    return Video(
        id=row[0],
        path=Path(from_cell(row[1])),
        name=from_cell(row[2]),
        kind=row[3],
        size_bytes=row[4],
        width=row[5],
        height=row[6],
        duration_s=row[7],
        rate=Fraction(row[8]),
        codec=row[9],
        recorded_at=datetime.fromisoformat(row[10]) if row[10] else None,
        clock=row[11],
        device=row[12],
        place=None if latitude is None else Place(latitude=latitude, longitude=longitude, altitude=altitude),
        tags=tuple((key, value) for key, value in json.loads(tags)),
    )
