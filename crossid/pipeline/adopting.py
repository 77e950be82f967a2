"""`crossid adopt`: what a person did to the folders becomes rulings, and the folders are painted in order again."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crossid import archive
from crossid.archive import ArchiveSettings
from crossid.archive.acts import Act
from crossid.archive.arrangement import arrangement
from crossid.archive.folders import person_folder
from crossid.archive.painting import remove_empty
from crossid.archive.translation import translated
from crossid.errors import CrossidError
from crossid.pipeline.reviewing import review_in, undone_if

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from crossid.archive import Store
    from crossid.archive.arrangement import Arrangement, Intention
    from crossid.pipeline.reviewing import Ruled


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """What was read off the folders: rulings made (or, with `dry_run`, that would be), and what was not clear.

    `conflicts` are sentences; nothing was done about them. `missing` pictures had been deleted, and
    are painted again.
    """

    dry_run: bool
    rulings: tuple[Ruled, ...]
    conflicts: tuple[str, ...]
    missing: int


def adopt(
    folder: Path,
    *,
    by: str,
    at: datetime,
    why: str = "",
    dry_run: bool = False,
    settings: ArchiveSettings | None = None,
) -> Adopted:
    """Take over what somebody did to the folders of people.

    Args:
        folder: The archive.
        by: The reviewer.
        at: Now.
        why: For the log.
        dry_run: Say what would happen, and leave folders and archive as they are.
        settings: Where things are kept.

    Raises:
        ArchiveError: there is no such archive, or somebody else is writing it.
    """
    with closing(archive.open_archive(folder, settings or ArchiveSettings(), write=True)) as store:
        with translated(folder):
            found = arrangement(store)
        conflicts = list(found.conflicts)
        with undone_if(store, dry_run):
            acts = [_act(intention, by=by, at=at, why=why) for intention in found.intentions]
            made = [one for act in acts for one in _made(store, act, conflicts)]
        if not dry_run:
            with translated(folder):
                _take_over(store, found)
            archive.paint(store)
    rulings = tuple(replace(one, dry_run=dry_run) for one in made)
    return Adopted(dry_run=dry_run, rulings=rulings, conflicts=tuple(conflicts), missing=found.missing)


def _made(store: Store, act: Act, conflicts: list[str]) -> Iterator[Ruled]:
    """The rulings that an act makes: of somebody new the name is a second one; what cannot be is a conflict."""
    try:
        ruled = review_in(store, replace(act, name=None) if act.kind == "move" else act)
        yield ruled
        if act.kind == "move" and act.name:
            yield review_in(store, replace(act, kind="name", people=ruled.created, appearances=()))
    except CrossidError as error:
        conflicts.append(f"{act.name!r}: {error}" if act.name else str(error))


def _act(intention: Intention, *, by: str, at: datetime, why: str) -> Act:
    people = {
        "name": (intention.person,),
        "merge": (intention.person, *intention.people),
        "move": (intention.person,) if intention.person else (),
        "reject": (intention.person,),
    }[intention.kind]
    return Act(
        kind=intention.kind,
        by=by,
        at=at,
        why=why or "found in the folders",
        people=people,
        appearances=intention.appearances,
        name=intention.name,
        source="name of the folder" if intention.name else "",
    )


def _take_over(store: Store, found: Arrangement) -> None:
    """What crossid painted is its own wherever it lies now: it is painted in order, and nothing stays double."""
    painted = store.painted()
    places = dict(found.moved)
    for person in store.people():
        lies, belongs = found.folders.get(person.id, ""), person_folder(person.id, person.name or "")
        if lies and lies != belongs and not (store.folder / belongs).exists():
            (store.folder / lies).rename(store.folder / belongs)
            places = {
                was: f"{belongs}{place.removeprefix(lies)}" if place.startswith(f"{lies}/") else place
                for was, place in places.items()
            }
    moved = {was: place for was, place in places.items() if place not in painted}
    store.record_painted([replace(painted[was], path=place) for was, place in moved.items()], gone=moved)
    for folder in {(store.folder / was).parent for was in moved}:
        if folder.is_dir():
            remove_empty(folder, store.folder)
