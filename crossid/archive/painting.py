"""Paints folders, logs, reports and the manifest: a picture of the database, mended wherever it is out of date."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from crossid.archive import EVERYTHING, PLOTS, REPORT, PaintedFile
from crossid.archive.files import make_file, sync_files, sync_folder
from crossid.archive.folders import (
    PEOPLE,
    PERSON,
    person_folder,
    person_of,
    person_pieces,
    picture_paths,
    unidentified_pieces,
)
from crossid.archive.manifest import DUE, write_manifest
from crossid.archive.pieces import put, written
from crossid.archive.repainting import Changed
from crossid.archive.reports import coverage_piece, frames_piece, run_pieces, video_piece
from crossid.archive.translation import translated

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from crossid.archive import Store
    from crossid.archive.pieces import Piece
    from crossid.types import LogRow

BATCH = 1000
"""Files painted between two notes in the database."""


def paint_all(store: Store, *, reviewed: bool = False) -> None:
    """Write what changed, remove what is crossid's own and no longer true, leave everything else alone.

    With `reviewed` only what reviewers' acts changed since the last painting is looked at, unless a scan ended
    and what it found was never painted to the end.

    Interrupted at any point, the next painting mends what is left: a file is noted as crossid's own
    before it is written for the first time.

    Raises:
        ArchiveError: something cannot be written; all that was kept is safe.
    """
    with translated(store.folder), _manifest_due(store.folder):
        painted, stale = store.painted(), store.unpainted()
        reviewed = reviewed and EVERYTHING not in stale
        changed = Changed(store, stale) if reviewed else None
        _rename_folders(store, painted, changed.folders() if changed else _folders(store))
        wanted: set[str] = set()
        pieces = changed.pieces(list(painted)) if changed else all_pieces(store)
        while batch := list(islice(pieces, BATCH)):
            wanted.update(piece.path for piece in batch)
            _paint(store, batch, painted)
        mine = {path for path in painted if person_of(path) in stale} if reviewed else painted.keys()
        _remove(store, {path for path in mine - wanted if not _is_kept(store.folder, painted[path])})
        store.note_painted(stale)
        _write_manifest(store)


def put_report(store: Store, files: Mapping[str, bytes]) -> None:
    """Put a report, and nothing else, in the place of the one that was there; see `crossid.archive.put_report`."""
    pieces = [written(path, data) for path, data in files.items()]
    with translated(store.folder), _manifest_due(store.folder):
        painted = store.painted()
        _paint(store, pieces, painted)
        _remove(store, {path for path in painted.keys() - files.keys() if is_report(path)})
        _write_manifest(store)


def is_report(path: str) -> bool:
    """Whether a file is of a report: put there because somebody asked, not painted from the database as it stands."""
    return path == REPORT or path.startswith(PLOTS)


def _is_kept(root: Path, file: PaintedFile) -> bool:
    """A report says which state of the archive it shows: it stays until it is made again, deleted, or damaged."""
    return is_report(file.path) and bool(file.sha256) and (root / file.path).is_file()


@contextmanager
def _manifest_due(root: Path) -> Iterator[None]:
    """Until the manifest is written a file says that it is due: the database, whose hash is in it, cannot."""
    make_file(root / DUE)
    sync_folder(root)
    yield
    (root / DUE).unlink()


def _write_manifest(store: Store) -> None:
    own = store.settle()
    write_manifest(store.folder, store.painted().values(), own)


def all_pieces(store: Store) -> Iterator[Piece]:
    """Every file that should be there."""
    by_person: defaultdict[str, list[LogRow]] = defaultdict(list)
    by_video: defaultdict[str, list[LogRow]] = defaultdict(list)
    for row in store.log():
        by_person[row.person_id].append(row)
        by_video[row.video_sha256].append(row)
    pictures = {one: path for rows in by_person.values() for one, path in picture_paths(rows).items()}
    claims, aliases, ignored = store.names(), defaultdict[str, list[str]](list), store.ignored()
    for gone, stays in store.aliases().items():
        aliases[stays].append(gone)
    yield from unidentified_pieces(by_person.pop("", []), pictures, store.portrait)
    for person in store.people():
        rows, named, also = by_person[person.id], claims.get(person.id, []), sorted(aliases[person.id])
        yield from person_pieces(rows, pictures, named, also, store.portrait, ignored=person.id in ignored)
    for video in store.videos():
        yield video_piece(video, by_video[video.id], pictures)
        yield frames_piece(video, store)
    yield coverage_piece(store.coverage())
    yield from run_pieces(store.runs())


def _paint(store: Store, batch: list[Piece], painted: dict[str, PaintedFile]) -> None:
    first_time = [PaintedFile(path=piece.path) for piece in batch if piece.path not in painted]
    if first_time:
        store.record_painted(first_time)
    done = [put(store.folder, piece, painted.get(piece.path)) for piece in batch]
    changed = [one for one in done if painted.get(one.path) != one]
    if changed:
        # What is noted as done is not looked at again: it must outlast a power cut before it is noted.
        sync_files(store.folder, [one.path for one in changed])
        store.record_painted(changed)


def _folders(store: Store) -> dict[str, str]:
    """Person -> folder in which they belong."""
    return {person.id: person_folder(person.id, person.name or "") for person in store.people()}


def _rename_folders(store: Store, painted: dict[str, PaintedFile], folders: Mapping[str, str]) -> None:
    """Folders of people who were named, or named anew, take their new name, with all that lies in them."""
    cards = [path for path in painted if path.startswith(f"{PEOPLE}/") and path.endswith(f"/{PERSON}")]
    for card in cards:
        old, new = card.removesuffix(f"/{PERSON}"), folders.get(str(person_of(card)))
        if new in {None, old} or not (store.folder / old).is_dir() or (store.folder / str(new)).exists():
            continue
        (store.folder / old).rename(store.folder / str(new))
        sync_folder(store.folder / PEOPLE)
        moved = [one for one in painted.values() if one.path.startswith(f"{old}/")]
        renamed = [replace(one, path=f"{new}{one.path.removeprefix(old)}") for one in moved]
        store.record_painted(renamed, gone=[one.path for one in moved])
        for before, after in zip(moved, renamed, strict=True):
            del painted[before.path]
            painted[after.path] = after


def _remove(store: Store, stale: Collection[str]) -> None:
    """Remove files that are no longer part of the picture, and folders that this leaves empty."""
    root = store.folder.resolve()
    changed: set[Path] = set()
    for path in stale:
        file = root / path
        # An archive may come from anybody: what it calls its own must lie within it.
        if file.parent.resolve() == file.parent and file.is_relative_to(root) and file.is_file():
            file.unlink()
            changed.add(remove_empty(file.parent, root))
    for folder in changed:
        if folder.is_dir():
            sync_folder(folder)  # or a power cut brings back files that nobody knows any more
    if stale:
        store.record_painted([], gone=stale)


def remove_empty(folder: Path, root: Path) -> Path:
    """Remove a folder, and those above it, that are empty; the first that stays."""
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
    return folder
