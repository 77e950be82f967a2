"""What an act means for single appearances and people, as things stand when it is made."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crossid.archive.ids import id_of, number_of, unknown
from crossid.archive.kinship import kin_of, root_of
from crossid.archive.naming import visible
from crossid.archive.standing import ignored_people, words_on
from crossid.archive.turning import targets_of
from crossid.errors import ArchiveError, RulingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from crossid.archive.acts import Act, ActKind
    from crossid.archive.database import Database

MAX_NAME = 200
"""Characters of a name."""
MAX_TEXT = 10_000
"""Characters of a reason or a source."""

PRESENT = """
SELECT m.track, m.person FROM memberships m
WHERE m.person IN (SELECT value FROM json_each(?)) AND m.status != 'rejected' ORDER BY m.track
"""


@dataclass(slots=True)
class Deed:
    """Rows that follow from an act.

    `concerned`: number of a person -> whether they keep what is proposed for them so far. `verdicts`:
    (key of a track, number or None, verdict as `standing` reads it). `merges`: (gone, stays).
    `called`: whom the act names. `created`: numbers given. `targets`: acts that stand no more, or again.
    """

    concerned: dict[int, bool] = field(default_factory=dict)
    verdicts: list[tuple[int, int | None, str]] = field(default_factory=list)
    merges: list[tuple[int, int]] = field(default_factory=list)
    called: int | None = None
    created: list[int] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)


def deed_of(database: Database, act: Act, number: int) -> Deed:
    """Work out what an act means; people whom it creates are created.

    Args:
        database: The archive's, in a transaction.
        act: What a reviewer wants done.
        number: Its place in the ledger.

    Raises:
        RulingError: it makes no sense as things stand.
        ArchiveError: it names somebody, or an appearance, that is not there.
    """
    _check_texts(act)
    work = _Work(database, act, number)
    work.make()
    return work.deed


def _check_texts(act: Act) -> None:
    for what, text, most in (
        ("The reviewer's name", act.by, MAX_NAME),
        ("The name", act.name or "", MAX_NAME),
        ("The source", act.source, MAX_TEXT),
        ("The note" if act.kind == "note" else "The reason", act.why, MAX_TEXT),
    ):
        if len(text) > most:
            raise RulingError(f"{what} has {len(text):,} characters.", remedy=f"Use {most:,} at most.")
    if not visible(act.by).strip():
        raise RulingError("Nobody says so.", remedy="Say who rules with --by NAME.")


class _Work:
    """One act, being worked out."""

    def __init__(self, database: Database, act: Act, number: int) -> None:
        self._database, self._act, self._number = database, act, number
        self.deed = Deed()

    def make(self) -> None:
        kinds: dict[ActKind, Callable[[], None]] = {
            "name": self._name,
            "merge": self._merge,
            "split": self._split,
            "move": self._move,
            "confirm": self._confirm,
            "reject": self._reject,
            "not-a-face": lambda: self._say_of_all("faceless"),
            "ignore": self._ignore,
            "unignore": self._unignore,
            "note": self._note,
            "undo": lambda: self._turn(stands=True),
            "redo": lambda: self._turn(stands=False),
        }
        kinds[self._act.kind]()

    def _name(self) -> None:
        (person,) = self._people(exactly=1)
        name = self._act.name
        if name is not None and not any(unicodedata.category(one)[0] in "LNS" for one in visible(name)):
            raise RulingError("The name has no letters.", remedy="To take a name back: crossid name PERSON --none.")
        if name is not None and re.fullmatch(r"P-[0-9]+", name.strip(), re.IGNORECASE):
            raise RulingError(
                f"{name.strip()} is how ids are written, and no name.", remedy="If the two are one: crossid merge."
            )
        # The id that was named keeps the name, should the merge that leads from it be taken back.
        self.deed.called = number_of(self._act.people[0])
        self._touch(person, self.deed.called)

    def _merge(self) -> None:
        people = self._people()
        stays, *others = people
        gone = list(dict.fromkeys(one for one in others if one != stays))
        if not gone:
            raise self._one_already(people)
        self.deed.merges = [(one, stays) for one in gone]
        self._touch(stays, *gone)
        # What was said of one of them is said of all: who is not the one cannot stay the other.
        tracks = [track for one in (stays, *gone) for track in self._present(one)]
        for track, word in words_on(self._database, tracks).items():
            barred = [number for root, number in word.barred.items() if root in {stays, *gone}]
            self.deed.verdicts += [(track, number, "allowed") for number in barred]

    def _split(self) -> None:
        (person,) = self._people(exactly=1)
        present = self._present(person)
        leaving = self._chosen(present, person)
        if len(leaving) == len(present):
            raise RulingError(
                f"That is all of {id_of(person)}: nothing would be left of them.",
                remedy="Name only the appearances that are somebody else.",
            )
        other = self._create()
        self._touch(person, other)
        self._give(leaving, other, dict.fromkeys(leaving, person))

    def _move(self) -> None:
        people = self._people(least=0)
        if len(people) > 1:
            raise RulingError("Appearances cannot be moved to several people.", remedy="Name one person.")
        tracks = self._tracks()
        owners = self._owners(tracks)
        if people and all(owners.get(track) == people[0] for track in tracks):
            raise RulingError(
                f"{self._listed()} of {id_of(people[0])} already.", remedy="crossid confirm says that it is right."
            )
        target = people[0] if people else self._create()
        moving = [track for track in tracks if owners.get(track) != target]
        self._touch(target, *(owners[track] for track in moving if track in owners))
        self._give(moving, target, owners)

    def _confirm(self) -> None:
        (person,) = self._people(exactly=1)
        present = self._present(person)
        right = self._chosen(present, person) if self._act.appearances else list(present)
        if not right:
            raise RulingError(f"{id_of(person)} has no appearances.", remedy="crossid people lists everybody.")
        self._touch(person)
        self.deed.verdicts = [(track, present[track], "same") for track in right]

    def _reject(self) -> None:
        people = self._people()
        person, *others = people
        if person in others:
            raise self._one_already(people)
        wrong = self._tracks() if self._act.appearances or not others else []
        self._touch(person, *others)
        self.deed.verdicts = [(track, person, "different") for track in wrong]
        for other in dict.fromkeys(others):
            self.deed.verdicts += [(track, person, "different") for track in self._present(other)]
            self.deed.verdicts += [(track, other, "different") for track in self._present(person)]

    def _ignore(self) -> None:
        people = self._people(least=0)
        self._touch(*people)
        self._say_of_all("ignored", needed=not people)

    def _unignore(self) -> None:
        people = self._people(least=0)
        ignored = ignored_people(self._database, kin_of(self._database, people))
        for person in people:
            if person not in ignored:
                raise RulingError(f"{id_of(person)} is not ignored.", remedy="crossid people says who is.")
        said = words_on(self._database, tracks := self._tracks(needed=not people))
        if any(track not in said or not said[track].faceless for track in tracks):
            raise RulingError("Not all of these appearances are ignored.", remedy="crossid log says what is.")
        self.deed.concerned.update(dict.fromkeys(people, False))
        self._say_of_all("open", needed=not people)

    def _note(self) -> None:
        people = self._people(least=0)
        if not self._act.why.strip():
            raise RulingError("The note is empty.", remedy="Write what is worth knowing after the person's id.")
        self.deed.concerned.update(dict.fromkeys(people, False))
        self._say_of_all("noted", needed=not people)

    def _turn(self, *, stands: bool) -> None:
        """Undo acts that stand, or redo some that do not."""
        self.deed.targets = targets_of(self._database, self._act.acts, stands=stands)
        rows = self._database.rows(
            "SELECT DISTINCT person FROM act_persons WHERE act IN (SELECT value FROM json_each(?))",
            [json.dumps(self.deed.targets)],
        )
        self.deed.concerned.update((person, False) for (person,) in rows)

    def _say_of_all(self, verdict: str, *, needed: bool = True) -> None:
        self.deed.verdicts += [(track, None, verdict) for track in self._tracks(needed=needed)]

    def _give(self, tracks: Iterable[int], person: int, owners: dict[int, int]) -> None:
        """Tracks are this person from now on, and not who they were."""
        for track in tracks:
            if track in owners:
                self.deed.verdicts.append((track, owners[track], "different"))
            self.deed.verdicts.append((track, person, "same"))

    def _touch(self, *people: int) -> None:
        self.deed.concerned.update(dict.fromkeys(people, True))

    def _one_already(self, people: list[int]) -> RulingError:
        """What is said to whoever merges, or tells apart, those who are one by now; ids stand for `people`."""
        first, *others = self._act.people
        same = [one for one, person in zip(others, people[1:], strict=True) if person == people[0] and one != first]
        if not same:
            cannot = "merged with" if self._act.kind == "merge" else "somebody else than"
            remedy = "Name two people or more: crossid people lists everybody."
            if len(people) < 2:
                return RulingError(f"Only {first} is named.", remedy=remedy)
            return RulingError(f"{id_of(people[0])} cannot be {cannot} themselves.", remedy=remedy)
        return RulingError(
            f"{first} and {same[0]} are one already: {id_of(people[0])}.",
            remedy=f"crossid log {id_of(people[0])} shows the merge, and crossid undo NUMBER takes it back.",
        )

    def _create(self) -> int:
        number = self._database.insert("persons", [None, f"act:{self._number}", None, None, None])
        self.deed.created.append(number)
        return number

    def _people(self, *, least: int = 1, exactly: int | None = None) -> list[int]:
        """Numbers that the people named resolve to."""
        given = self._act.people
        if len(given) < least or (exactly is not None and len(given) != exactly):
            raise RulingError(
                f"'{self._act.kind}' needs {'one person' if exactly else 'a person'}, not {len(given)}.",
                remedy="crossid people lists everybody.",
            )
        roots = {one: root_of(self._database, number_of(one)) for one in given}
        for one, root in roots.items():
            if root is None:
                raise unknown(one)
        people = [root for one in given if (root := roots[one]) is not None]
        erased = self._database.value(
            "SELECT person FROM act_persons JOIN acts ON number = act "
            "WHERE kind = 'forget' AND person IN (SELECT value FROM json_each(?))",
            [json.dumps(people)],
        )
        if erased is not None:
            raise RulingError(f"{id_of(erased)} was forgotten.", remedy="crossid people lists everybody.")
        return people

    def _tracks(self, *, needed: bool = True) -> list[int]:
        """Keys of the appearances named."""
        given = list(dict.fromkeys(self._act.appearances))
        if needed and not given:
            raise RulingError(
                f"'{self._act.kind}' needs an appearance.",
                remedy="crossid show PERSON lists appearances with their ids.",
            )
        known = dict(
            self._database.rows(
                "SELECT id, key FROM tracks WHERE id IN (SELECT value FROM json_each(?))", [json.dumps(given)]
            )
        )
        for one in given:
            if one not in known:
                raise ArchiveError(
                    f"There is no appearance {one[:80]!r} in this archive.",
                    remedy="crossid show PERSON lists appearances with their ids.",
                )
        return [known[one] for one in given]

    def _present(self, person: int) -> dict[int, int]:
        """Track -> number under which it is theirs, of all that a person has."""
        return dict(self._database.rows(PRESENT, [json.dumps(kin_of(self._database, [person]))]))

    def _chosen(self, present: dict[int, int], person: int) -> list[int]:
        """The appearances named; all must be among those present."""
        tracks = self._tracks()
        for one, track in zip(dict.fromkeys(self._act.appearances), tracks, strict=True):
            if track not in present:
                raise RulingError(
                    f"Appearance {one} is not one of {id_of(person)}.",
                    remedy=f"To make it theirs: crossid move {one} {id_of(person)}.",
                )
        return tracks

    def _owners(self, tracks: list[int]) -> dict[int, int]:
        """Track -> number of the person whose it is, as things stand."""
        rows = self._database.rows(
            "SELECT m.track, coalesce(p.root, p.number) FROM memberships m JOIN persons p ON p.number = m.person "
            "WHERE m.status != 'rejected' AND m.track IN (SELECT value FROM json_each(?))",
            [json.dumps(tracks)],
        )
        return dict(rows)

    def _listed(self) -> str:
        given = self._act.appearances
        return f"Appearance {given[0]} is one" if len(given) == 1 else f"All {len(given)} appearances are some"
