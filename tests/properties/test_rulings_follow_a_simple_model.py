"""A long random walk of rulings, undone, redone and erased in any order: a few lines of Python say what must stand."""

from __future__ import annotations

import random
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from builders import NOON, a_membership, a_ruling, a_video, a_watched, an_act, an_appearance
from crossid.archive.sqlite import SqliteStore
from crossid.errors import ArchiveError, RulingError

if TYPE_CHECKING:
    from pathlib import Path

    from crossid.archive import Store
    from crossid.archive.acts import Act

VIDEO = a_video(duration_s=60.0)
SEEN = [an_appearance(VIDEO, 3.0 * at, 3.0 * at + 1, direction=at % 3) for at in range(9)]
TRACKS = {one.id: one for one in SEEN}
FIRST = 4
"""People whom the run found; the last has nobody's appearances."""
KINDS = (
    "name", "merge", "split", "move", "confirm", "reject", "reject", "not-a-face", "ignore", "unignore",
    "note", "undo", "undo", "undo", "redo", "redo",
)  # fmt: skip


def number_of(person: str) -> int:
    return int(person[2:])


@dataclass
class Said:
    """A ruling as the model remembers it: what it says of tracks and people, and whether that counts."""

    kind: str
    number: int
    people: list[int] = field(default_factory=list)
    verdicts: list[tuple[str, int, str]] = field(default_factory=list)
    merges: list[tuple[int, int]] = field(default_factory=list)
    name: tuple[int, str | None] | None = None
    apart: tuple[int, int] | None = None
    named: tuple[str, ...] = ()
    stands: bool = True
    erased: bool = False


@dataclass
class Model:
    """Who is who, worked out from the beginning each time it is asked."""

    proposals: dict[str, int | None]
    persons: int = FIRST
    said: list[Said] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)

    def standing(self) -> list[Said]:
        return [one for one in self.said if one.stands]

    def roots(self) -> dict[int, int]:
        """A merge makes one of two, unless a later rejection says that they are not."""
        root = {number: number for number in range(1, self.persons + 1)}
        for merge in self.standing():
            for gone, stays in sorted(merge.merges):
                ends = {root[gone], root[stays]}
                later = [one.apart for one in self.standing() if one.apart and one.number > merge.number]
                if not any({root[a], root[b]} == ends for a, b in later):
                    root = {number: root[stays] if of == root[gone] else of for number, of in root.items()}
        return root

    def word(self, track: str) -> tuple[int | None, bool, dict[int, int]]:
        """Who a track is, whether it is nobody for good, and who it is not; what was said last counts."""
        root, person, faceless, barred = self.roots(), None, False, dict[int, int]()
        for one in self.standing():
            for at, whom, verdict in one.verdicts:
                together = one.apart is not None and root[one.apart[0]] == root[one.apart[1]]
                if at != track or (verdict == "different" and together and track not in one.named):
                    continue
                if verdict == "same":
                    person, faceless = whom, False
                    barred.pop(root[whom], None)
                elif verdict == "different":
                    barred.pop(root[whom], None)
                    barred[root[whom]] = whom
                    person = None if person is not None and root[person] == root[whom] else person
                elif verdict == "allowed":
                    barred.pop(root[whom], None)
                elif verdict == "faceless":
                    person, faceless = None, True
                elif verdict == "open":
                    faceless = False
        return person, faceless, barred

    def who(self, track: str) -> tuple[int | None, str] | None:
        """Whose it is as a number that may be an alias, and how that is known; None: nobody ever judged it."""
        (person, faceless, barred), root = self.word(track), self.roots()
        proposed = self.proposals.get(track)
        if faceless:
            return None, "rejected"
        if person is not None:
            return person, "confirmed"
        if not barred or (proposed is not None and root[proposed] not in barred):
            spoken = track in self.proposals or any(at == track for one in self.standing() for at, *_ in one.verdicts)
            return (proposed, "proposed") if spoken else None
        return list(barred.values())[-1], "rejected"

    def memberships(self) -> dict[str, tuple[int | None, str]]:
        root, found = self.roots(), {track: self.who(track) for track in TRACKS}
        return {
            track: (root.get(one[0]) if one[0] is not None else None, one[1]) for track, one in found.items() if one
        }

    def present(self, person: int) -> dict[str, int]:
        """Tracks of a person -> number under which they are theirs."""
        root, found = self.roots(), {track: self.who(track) for track in TRACKS}
        return {
            track: one[0]
            for track, one in found.items()
            if one is not None and one[0] is not None and one[1] != "rejected" and root[one[0]] == person
        }

    def names(self) -> dict[int, str]:
        """The name of the one who stays, if there is one, comes after the other one's; what is said later is last."""
        root, place = self.roots(), {number: number for number in range(1, self.persons + 1)}
        lists: dict[int, list[str | None]] = {number: [] for number in place}
        for one in self.standing():
            if one.name is not None:
                lists[place[one.name[0]]].append(one.name[1])
            for gone, stays in sorted(one.merges):
                if root[gone] == root[stays] and place[gone] != place[stays]:
                    old, new = place[gone], place[stays]
                    theirs, own = lists.pop(old), lists[new]
                    lists[new] = theirs + own if own and own[-1] else own + theirs
                    place = {number: new if at == old else at for number, at in place.items()}
        return {root[at]: said[-1] for at, said in lists.items() if said and said[-1] is not None}

    def ignored(self) -> set[int]:
        root, last = self.roots(), dict[int, str]()
        for one in self.standing():
            if one.kind in {"ignore", "unignore"}:
                last.update((root[person], one.kind) for person in one.people)
        return {person for person, kind in last.items() if kind == "ignore"}

    def hear(self, act: Act, number: int) -> None:
        """Take an act that the store took."""
        root = self.roots()
        people = [root[number_of(one)] for one in act.people]
        said = Said(act.kind, number, people=people, named=act.appearances)
        word = {"not-a-face": "faceless", "ignore": "faceless", "unignore": "open", "note": "noted"}.get(act.kind)
        if act.kind == "name":
            said.name = (number_of(act.people[0]), act.name)
        elif act.kind == "merge":
            said.merges = [(one, people[0]) for one in dict.fromkeys(people[1:]) if one != people[0]]
            theirs = {track for one in people for track in self.present(one)}
            barred = [(track, *pair) for track in sorted(theirs) for pair in self.word(track)[2].items()]
            said.verdicts = [(track, whom, "allowed") for track, of, whom in barred if of in people]
        elif act.kind in {"split", "move"}:
            self._give(said, people[0] if act.kind == "move" and people else self.new())
        elif act.kind == "confirm":
            present = self.present(people[0])
            said.verdicts = [(track, present[track], "same") for track in act.appearances or present]
        elif act.kind == "reject":
            said.verdicts = [(track, people[0], "different") for track in act.appearances]
            self._tell_apart(said, *people)
        elif word:
            said.verdicts = [(track, 0, word) for track in act.appearances]
        self.said.append(said)

    def _give(self, said: Said, target: int) -> None:
        root = self.roots()
        for track in said.named:
            person, status = self.who(track) or (None, "")
            owner = root[person] if person and status != "rejected" else None
            if owner != target:
                said.verdicts += [(track, owner, "different")] if owner else []
                said.verdicts.append((track, target, "same"))
                said.people += [target, *([owner] if owner else [])]

    def _tell_apart(self, said: Said, person: int, *others: int) -> None:
        for other in others:
            said.apart = (person, other)
            said.verdicts += [(track, person, "different") for track in self.present(other)]
            said.verdicts += [(track, other, "different") for track in self.present(person)]

    def turn(self, number: int, *, stands: bool) -> None:
        self.said[number - 1].stands = stands

    def new(self) -> int:
        self.persons += 1
        return self.persons

    def forget(self, person: int, number: int) -> None:
        """What is theirs goes, and what was said of them; rulings on others stay, and are not taken back any more."""
        root = self.roots()
        kin = {one for one, of in root.items() if of == root[person]}
        theirs = set(self.present(root[person]))
        for one in self.said:
            about = kin & {*one.people, *(whom for _, whom, _ in one.verdicts)} or (one.name and one.name[0] in kin)
            one.erased |= bool(about or theirs & {track for track, *_ in one.verdicts})
            one.verdicts = [row for row in one.verdicts if row[1] not in kin and row[0] not in theirs]
            one.merges = [pair for pair in one.merges if not kin & {*pair}]
            one.name = None if one.name and one.name[0] in kin else one.name
            one.apart = None if one.apart and kin & {*one.apart} else one.apart
            one.named = () if one.erased else one.named
            one.people = [whom for whom in one.people if whom not in kin]
        for track in list(TRACKS):
            if track in theirs or self.proposals.get(track) in kin:
                self.proposals.pop(track, None)
        self.gone |= kin
        self.said.append(Said("forget", number, erased=True))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    with closing(SqliteStore.open(tmp_path / "kept", create=True)) as made:
        made.add_video(VIDEO, 7, "run-1")
        made.keep_span(a_watched(VIDEO, *SEEN), 1, "settings-a", "run-1")
        people = made.new_person_ids(FIRST, "run-1")
        who = [(one, people[at % (FIRST - 1)]) for at, one in enumerate(SEEN)]
        made.rule([a_ruling(*pair) for pair in who], [a_membership(*pair) for pair in who])
        yield made


def a_step(chance: random.Random, model: Model) -> Act:
    """Anything that a reviewer might try, sensible or not."""
    ids = [f"P-{number:06d}" for number in range(1, model.persons + 1)]
    there = [track for track in TRACKS if model.who(track)]
    kind = chance.choice(KINDS)
    people = chance.sample(ids, {"merge": chance.choice([2, 2, 3]), "reject": chance.choice([1, 2])}.get(kind, 1))
    some = tuple(chance.sample(there, min(len(there), chance.choice([1, 1, 2]))))
    if kind in {"undo", "redo"}:
        return an_act(kind, acts=(chance.randint(1, max(1, len(model.said))),))
    if kind == "not-a-face" or (kind == "move" and chance.random() < 0.3):
        people = []
    without = kind in {"name", "merge"} or (
        kind in {"confirm", "ignore", "unignore", "reject"} and chance.random() < 0.6
    )
    seen = () if without else some
    return an_act(
        kind, *people, appearances=seen, name=chance.choice(["Ann", "Bea", "Cat", None]) if kind == "name" else None,
        why=f"{len(model.said)}",
    )  # fmt: skip


def check(store: Store, model: Model) -> None:
    rows = store.memberships()
    assert {
        track: (row.person and number_of(row.person), row.status) for track, row in rows.items()
    } == model.memberships()
    assert {number_of(gone): number_of(stays) for gone, stays in store.aliases().items()} == {
        number: root for number, root in model.roots().items() if number != root
    }
    assert {number_of(one): name for one, name in store.current_names().items()} == model.names()
    assert {number_of(one) for one in store.ignored()} == model.ignored()


@pytest.mark.parametrize("seed", range(20))
def test_what_stands_is_what_a_simple_model_says(store: SqliteStore, seed: int) -> None:
    chance = random.Random(seed)
    model = Model(proposals={one.id: at % (FIRST - 1) + 1 for at, one in enumerate(SEEN)})
    taken = 0
    for step in range(60):
        if step in {30, 45}:
            alive = [number for number in range(1, model.persons + 1) if model.roots()[number] not in model.gone]
            if not alive:
                break
            person = chance.choice(alive)
            model.forget(person, store.forget(f"P-{person:06d}", "ann", NOON).ledger_entry)
            for track in [one for one in TRACKS if one not in store.memberships() and not model.who(one)]:
                model.proposals.pop(track, None)
            check(store, model)
            continue
        act = a_step(chance, model)
        try:
            done = store.act(act)
        except (RulingError, ArchiveError):
            if act.kind in {"undo", "redo"} and act.acts[0] <= len(model.said):
                target = model.said[act.acts[0] - 1]
                assert (
                    target.erased or target.kind in {"undo", "redo", "forget"} or target.stands != (act.kind == "undo")
                )
            continue
        taken += 1
        if act.kind in {"undo", "redo"}:
            model.turn(act.acts[0], stands=act.kind == "redo")
            model.said.append(Said(act.kind, done.number))
        else:
            model.hear(act, done.number)
        check(store, model)
    assert taken > 10
    assert store.check_ledger() == []
    assert store.examine() == []
