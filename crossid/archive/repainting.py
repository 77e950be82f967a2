"""What reviewers' acts changed of the picture: folders of a few people, logs of a few videos, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from crossid.archive.folders import (
    FACES,
    person_folder,
    person_of,
    person_pieces,
    picture_paths,
    unidentified_pieces,
)
from crossid.archive.reports import video_piece

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from crossid.archive.pieces import Piece
    from crossid.archive.storing import Store
    from crossid.types import LogRow


class Changed:
    """Who and what must be painted anew.

    Args:
        store: The archive's.
        stale: Ids of people ("": the unidentified) and videos whose picture is older than the last acts.
    """

    def __init__(self, store: Store, stale: Collection[str]) -> None:
        self._store, self._stale = store, stale
        aliases = store.aliases()
        there = {one for one in stale if one.startswith("P-") and one not in aliases}
        self._rows = {one: store.log(one) for one in sorted(there | ({""} & set(stale)))}
        self._also = [(gone, stays) for gone, stays in aliases.items() if stays in there]

    def folders(self) -> dict[str, str]:
        """Person -> folder in which they belong."""
        return {one: person_folder(one, rows[0].name) for one, rows in self._rows.items() if one and rows}

    def pieces(self, painted: Iterable[str]) -> Iterator[Piece]:
        """Files that should be there; of people who did not change, pictures are where they were painted."""
        pictures = {one: path for rows in self._rows.values() for one, path in picture_paths(rows).items()}
        if "" in self._rows:
            yield from unidentified_pieces(self._rows[""], pictures, self._store.portrait)
        names, ignored = self._store.names(list(self._rows)), self._store.ignored(list(self._rows))
        for person, rows in self._rows.items():
            if person and any(row.status != "rejected" for row in rows):
                also = sorted(gone for gone, stays in self._also if stays == person)
                named = names.get(person, [])
                yield from person_pieces(rows, pictures, named, also, self._store.portrait, ignored=person in ignored)
        elsewhere = _Elsewhere(self._store, painted)
        videos = sorted(one for one in self._stale if one and not one.startswith("P-"))
        seen: defaultdict[str, list[LogRow]] = defaultdict(list)
        for row in self._store.log(videos=videos) if videos else ():
            seen[row.video_sha256].append(row)
        for video in map(self._store.video, videos):
            yield video_piece(video, seen[video.id], elsewhere.add(pictures, seen[video.id]))


class _Elsewhere:
    """Where pictures are of people whose folders did not change.

    Args:
        store: The archive's.
        painted: Paths of what was painted.
    """

    def __init__(self, store: Store, painted: Iterable[str]) -> None:
        self._store = store
        self._paths: dict[tuple[str | None, str], str] = {}
        for path in painted:
            if f"/{FACES}/" in path:
                # Two faces of one person whose ids begin alike cannot be told apart by name.
                key = (person_of(path), path.rpartition("_")[2])
                self._paths[key] = "" if key in self._paths else path

    def add(self, pictures: dict[str, str], rows: Iterable[LogRow]) -> dict[str, str]:
        """Appearance -> path of its picture, of all rows."""
        for row in rows:
            if row.appearance_id not in pictures:
                path = self._paths.get((row.person_id, f"{row.face[:8]}.jpg"), "")
                known = {row.appearance_id: path if row.status != "rejected" else ""}
                pictures |= known if path or row.status == "rejected" else picture_paths(self._store.log(row.person_id))
        return pictures
