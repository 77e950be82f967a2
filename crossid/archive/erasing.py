"""Erases what was painted of somebody who was forgotten: files are overwritten, the rest is painted anew."""

from __future__ import annotations

import json
from contextlib import closing, suppress
from mmap import ACCESS_READ, mmap
from typing import TYPE_CHECKING

from crossid.archive import DATABASE, open_archive
from crossid.archive.comparison import SYSTEMS_OWN, is_left_behind
from crossid.archive.files import shred
from crossid.archive.folders import PEOPLE
from crossid.archive.forgetting import Erasure
from crossid.archive.inventory import entries
from crossid.archive.manifest import MANIFEST, write_manifest
from crossid.archive.neighbourhood import NEIGHBOURS
from crossid.archive.painting import all_pieces, paint_all
from crossid.archive.references import VECTORS
from crossid.archive.translation import translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from crossid.archive import ArchiveSettings, Store
    from crossid.archive.forgetting import Forgotten

SHORTEST = 3
"""Characters of a name that is looked for afterwards: shorter ones are everywhere."""


class _OnlyCountedError(Exception):
    """Nothing was to be changed."""


def forget_everywhere(
    folder: Path, person_id: str, by: str, at: datetime, settings: ArchiveSettings, *, dry_run: bool
) -> Erasure:
    """See `crossid.archive.trust.forget`."""
    with closing(open_archive(folder, settings, write=True)) as store:
        store.settle()  # whoever reads on and on would keep old pages alive: better to know now
        person = store.resolve(person_id)
        if person in store.forgotten():
            return Erasure(forgotten=None, strangers=() if dry_run else erase_painted(store))
        names = {claim.name for claim in store.names().get(person, []) if claim.name}
        found: Forgotten | None = None
        with suppress(_OnlyCountedError), store.atomic():
            found = store.forget(person, by, at)
            if dry_run:
                raise _OnlyCountedError
        if dry_run:
            return Erasure(forgotten=found)
        strangers = erase_painted(store)
        return Erasure(forgotten=found, strangers=strangers, still_named=tuple(_naming(folder, names)))


def erase_painted(store: Store) -> tuple[str, ...]:
    """Overwrite every file that shows what is no longer in the database, paint anew, and overwrite free pages.

    Reports go, whoever they show, and so do copies of the database from before a migration. Can be
    done again at any time: what a first try left over goes then.

    Returns:
        Files of somebody else in the folders of people who were forgotten; they stay.
    """
    root = store.folder
    with translated(root):
        wanted = {piece.path: piece.source for piece in all_pieces(store)}
        stale = [path for path, file in store.painted().items() if wanted.get(path) != file.source]
        there = {one.path for one in entries(root)}
        own = [
            path
            for path in there
            if path in {MANIFEST, VECTORS, NEIGHBOURS} or path.startswith(f"{DATABASE}.format-") or is_left_behind(path)
        ]
        shred(root, [*stale, *own, *_thumbnails(there, store.forgotten())])
        strangers = _strip_names(store)
        paint_all(store)
        store.compact()
        write_manifest(root, store.painted().values(), store.settle())
    return strangers


def _thumbnails(there: Iterable[str], forgotten: Iterable[str]) -> list[str]:
    """Pictures that systems made of the pictures in a folder."""
    return [path for path in there if path.rpartition("/")[2] in SYSTEMS_OWN and _id_in(path) in {*forgotten}]


def _id_in(path: str) -> str:
    """Whose folder a file lies in, "" if nobody's."""
    top, _, rest = path.partition("/")
    return rest.partition("/")[0].partition(" ")[0] if top == PEOPLE else ""


def _strip_names(store: Store) -> tuple[str, ...]:
    """Folders that cannot go, because somebody else's files lie in them, lose the name behind the id."""
    root, forgotten = store.folder, store.forgotten()
    for folder in sorted(root.glob(f"{PEOPLE}/*")):
        person, _, name = folder.name.partition(" ")
        bare = folder.with_name(person)
        if person in forgotten and name and folder.is_dir() and not folder.is_symlink() and not bare.exists():
            folder.rename(bare)
    return tuple(sorted(one.path for one in entries(root) if _id_in(one.path) in forgotten))


def _naming(root: Path, names: Iterable[str]) -> Iterator[str]:
    """Paths of files in which one of some names stands, as text or as JSON escapes it."""
    forms = {form for name in names if len(name) >= SHORTEST for form in (name, json.dumps(name)[1:-1])}
    for path in sorted(one.path for one in entries(root) if one.kind == "file" and one.size_bytes):
        with (root / path).open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            if any(form in path or content.find(form.encode()) >= 0 for form in forms):
                yield path
