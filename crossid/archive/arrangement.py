"""What a person did to the folders with a file manager: read off from where painted files lie now, and never guessed.

A file is known by its bytes, a folder by the id that its name begins with or by the card in it. What can be read in
two ways is a conflict, and left to a reviewer.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from crossid.archive.folders import FACES, PEOPLE, PERSON, UNIDENTIFIED, person_of
from crossid.archive.inventory import hash_file
from crossid.archive.naming import safe_name
from crossid.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossid.archive.storing import Store

NAMED = re.compile(r"(P-[0-9]{6,15})(?: (.*))?")
"""A folder's name as it is painted: id, then name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intention:
    """What somebody meant by it.

    "name": `person` is called `name` (None: not any more). "merge": `person` is all of `people`.
    "move": `appearances` are `person`, or somebody new called `name` if that is "". "reject":
    `appearances` are not `person`, but nobody.
    """

    kind: Literal["name", "merge", "move", "reject"]
    person: str
    people: tuple[str, ...] = ()
    appearances: tuple[str, ...] = ()
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """How the folders are arranged.

    `conflicts` are sentences. `missing` painted pictures are nowhere: that says nothing, they are
    painted again. `moved`: where a painted file was -> where it lies. `folders`: person -> folder
    that is theirs, however it is called.
    """

    intentions: tuple[Intention, ...]
    conflicts: tuple[str, ...]
    missing: int
    moved: dict[str, str]
    folders: dict[str, str]


def arrangement(store: Store) -> Arrangement:
    """Read what was done to the folders since they were painted; nothing is changed."""
    return _Reading(store).read()


class _Reading:
    """One look at the folders."""

    def __init__(self, store: Store) -> None:
        self._store, self._root = store, store.folder
        self._painted = {
            path: one for path, one in store.painted().items() if person_of(path) is not None and one.sha256
        }
        self._names = {person.id: person.name or "" for person in store.people()}
        self._conflicts: list[str] = []
        self._there = {path: self._root / path for path in self._files()}
        self._homes = {
            str(person_of(path)): path.removesuffix(f"/{PERSON}")
            for path in self._painted
            if path.startswith(f"{PEOPLE}/") and path.endswith(f"/{PERSON}")
        }
        self._folders = self._whose()

    def read(self) -> Arrangement:
        """Where each painted file is, and what that means."""
        moved, missing = self._moved()
        intentions = [*self._given(moved, missing), *self._named()]
        return Arrangement(
            intentions=tuple(intentions),
            conflicts=tuple(self._conflicts),
            missing=sum(self._is_face(path) for path in missing),
            moved=moved,
            folders={person: folder for folder, person in self._folders.items() if person},
        )

    def _files(self) -> Iterator[str]:
        """Ordinary files below the folders of people and the unidentified; links lead elsewhere and are none."""
        for top in (PEOPLE, UNIDENTIFIED):
            for path in sorted((self._root / top).rglob("*")):
                if path.is_file() and not path.is_symlink():
                    yield path.relative_to(self._root).as_posix()

    def _whose(self) -> dict[str, str]:
        """Folder of people -> person, "" if it is nobody's; who has several has none."""
        cards = {one.sha256: str(person_of(path)) for path, one in self._painted.items() if path.endswith(f"/{PERSON}")}
        found = {UNIDENTIFIED: ""}
        for path in sorted((self._root / PEOPLE).glob("*")):
            if path.is_dir() and not path.is_symlink():
                found[f"{PEOPLE}/{path.name}"] = self._person(path, cards)
        for person, count in Counter(found.values()).items():
            if person and count > 1:
                names = sorted(PurePosixPath(folder).name for folder, one in found.items() if one == person)
                self._conflicts.append(f"{' and '.join(map(repr, names))} are both the folder of {person}.")
        several = {person for person, count in Counter(found.values()).items() if person and count > 1}
        self._unclear = several
        return found

    def _person(self, folder: Path, cards: dict[str, str]) -> str:
        """Whose folder this is: by the id in its name, else by the card in it, else nobody's."""
        named = NAMED.fullmatch(folder.name)
        if named:
            try:
                return self._store.resolve(named[1])
            except ArchiveError:
                self._conflicts.append(f"{folder.name!r} names somebody who is not in this archive.")
                return ""
        card = folder / PERSON
        return cards.get(hash_file(card), "") if card.is_file() and not card.is_symlink() else ""

    def _moved(self) -> tuple[dict[str, str], list[str]]:
        """Painted files that are elsewhere now, and those that are nowhere."""
        at_home = {path for path in self._painted if self._home(path) in self._there}
        sizes = {one.size_bytes for one in self._painted.values()}
        taken = {self._home(path) for path in at_home}
        strays = defaultdict[str, list[str]](list)
        for path, file in self._there.items():
            if path not in taken and file.stat().st_size in sizes:
                strays[hash_file(file)].append(path)
        moved, missing = dict[str, str](), list[str]()
        for path, one in self._painted.items():
            places = [place for place in strays[one.sha256] if self._is_face(path) or _name(place) == _name(path)]
            if path in at_home:
                self._refuse_copies(path, places)
                if self._home(path) != path:
                    moved[path] = self._home(path)
            elif len(places) == 1:
                moved[path] = places[0]
            else:
                missing.append(path)
                if places and self._is_face(path):
                    self._conflicts.append(f"{_name(path)!r} lies in {len(places)} places.")
        return moved, missing

    def _refuse_copies(self, path: str, places: list[str]) -> None:
        """A picture that is still where it was and elsewhere, too, was copied: that can mean anything."""
        others = {self._top(place) for place in places} - {self._top(self._home(path))}
        if others and self._is_face(path):
            folders = ", ".join(repr(_name(one)) for one in sorted(others))
            self._conflicts.append(f"{_name(path)!r} is where it was and in {folders}, too: move it, or delete one.")

    def _home(self, path: str) -> str:
        """Where a painted file is if nothing was done but to call its folder something else."""
        person = person_of(path)
        theirs = [folder for folder, one in self._folders.items() if one == person and person]
        home = self._homes.get(str(person), "")
        if len(theirs) == 1 and home and home not in self._folders:
            return theirs[0] + path.removeprefix(home)
        return path

    def _given(self, moved: dict[str, str], missing: list[str]) -> Iterator[Intention]:
        """Merges, moves and rejections, as pictures lie."""
        rows = {
            (row.person_id, row.face[:8]): row.appearance_id for row in self._store.log() if row.status != "rejected"
        }
        gone = {one for one in self._homes if one not in self._folders.values() and one in self._names}
        by_pair = defaultdict[tuple[str, str], list[str]](list)
        for path, place in moved.items():
            key = (str(person_of(path)), _name(path).rpartition("_")[2].removesuffix(".jpg"))
            if self._is_face(path) and key in rows and self._top(place) != self._top(self._home(path)):
                by_pair[key[0], self._top(place)].append(rows[key])
        lost = {str(person_of(path)) for path in missing if self._is_face(path)}
        for (person, folder), appearances in sorted(by_pair.items()):
            target = self._folders.get(folder, "")
            whole = person in gone - lost and len({place for one, place in by_pair if one == person}) == 1
            if {person, target} & self._unclear:
                continue
            if whole and target:
                yield Intention(kind="merge", person=target, people=(person,))
            elif folder == UNIDENTIFIED:
                yield Intention(kind="reject", person=person, appearances=tuple(appearances))
            elif target:
                yield Intention(kind="move", person=target, appearances=tuple(appearances))
            else:
                yield from self._to_somebody_new(folder, appearances)
        for person in sorted(gone - {one for one, _ in by_pair}):
            self._conflicts.append(f"The folder of {person} is gone: that says nothing of who they are.")

    def _to_somebody_new(self, folder: str, appearances: list[str]) -> Iterator[Intention]:
        """Pictures in a folder that is nobody's: somebody called as the folder is, unless that is somebody already."""
        name = _name(folder)
        if NAMED.fullmatch(name) or folder == PEOPLE:
            return
        called = {safe_name(known).casefold(): person for person, known in self._names.items() if known}
        alike = called.get(name.casefold())
        if alike:
            self._conflicts.append(f"{name!r} may be {alike} or somebody new: put the id before the name.")
            return
        yield Intention(kind="move", person="", appearances=tuple(appearances), name=name)

    def _named(self) -> Iterator[Intention]:
        """New names, as folders are called."""
        for folder, person in self._folders.items():
            home = self._homes.get(person, "")
            if not home or home in self._folders or person in self._unclear or person not in self._names:
                continue
            named = NAMED.fullmatch(_name(folder))
            name = (named[2] or "") if named else _name(folder)
            if safe_name(name or " ") != safe_name(self._names[person] or " "):
                yield Intention(kind="name", person=person, name=name or None)

    def _top(self, path: str) -> str:
        """The folder of a person, or of the unidentified, in which a path lies."""
        parts = path.split("/")
        return parts[0] if parts[0] == UNIDENTIFIED or len(parts) < 3 else "/".join(parts[:2])

    @staticmethod
    def _is_face(path: str) -> bool:
        return f"/{FACES}/" in path


def _name(path: str) -> str:
    return path.rpartition("/")[2]
