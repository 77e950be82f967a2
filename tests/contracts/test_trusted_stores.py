"""What every store promises to whoever checks it, and to whoever wants somebody forgotten."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from builders import NOON, SPACE, a_membership, a_ruling, a_video, a_watched, an_act, an_appearance, fill
from crossid.errors import ArchiveError, RulingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossid.archive import Store

ANN, BEA = "P-000001", "P-000002"


@pytest.fixture
def filled(store: Store) -> Store:
    """Ann, who has a name, is seen in both videos; Bea in one."""
    fill(store)
    store.act(an_act("name", ANN, name="Ann"))
    return store


def test_a_store_that_nobody_touched_finds_no_fault_with_itself(filled):
    assert filled.examine() == []
    assert filled.check_ledger() == []


def test_it_knows_where_every_copy_of_its_footage_lay(filled):
    assert [(one.path, one.video, one.size_bytes) for one in filled.originals()] == [
        (video.path, video.id, 1000) for video in (a_video("day one/clip.mp4"), a_video("day two/clip.mp4"))
    ]


def test_whoever_is_forgotten_has_no_appearance_vector_picture_or_name_and_keeps_the_id(filled, reopen):
    faces = [row.face for row in filled.log(ANN)]
    others = filled.log(BEA)
    forgotten = filled.forget(ANN, "ann", NOON)
    filled.compact()
    store = reopen()
    assert (forgotten.person_id, forgotten.erased["tracks"], forgotten.erased["names"]) == (ANN, 3, 1)
    assert forgotten.erased["appearances"] == 2, "as logs count them"
    assert (store.log(ANN), store.names(), store.resolve(ANN)) == ([], {}, ANN)
    assert store.forgotten() == {ANN: NOON}
    assert [person.id for person in store.people()] == [BEA]
    assert store.log(BEA) == others
    assert len(store.gallery(SPACE)) == 2
    for face in faces:
        with pytest.raises(KeyError):
            store.portrait(face)
    assert store.examine() == []
    assert store.new_person_ids(1, "run-2") == ["P-000003"]


def test_nobody_is_forgotten_twice_or_unknown(filled):
    filled.forget(ANN, "ann", NOON)
    with pytest.raises(RulingError):
        filled.forget(ANN, "ann", NOON)
    with pytest.raises(ArchiveError):
        filled.forget("P-000099", "ann", NOON)


def test_what_is_forgotten_inside_atomic_that_fails_is_not(filled):
    before = filled.log()

    def fail() -> None:
        with filled.atomic():
            filled.forget(ANN, "ann", NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (filled.log(), filled.forgotten()) == (before, {})


def test_what_was_kept_to_answer_quicker_agrees_with_the_store(filled, reopen: Callable[[], Store]):
    filled.references(SPACE)
    assert filled.check_references() == ""


KINDS = ("name", "merge", "split", "move", "confirm", "reject", "not-a-face", "ignore", "note", "undo", "redo")


@pytest.mark.parametrize("seed", range(12))
def test_whatever_reviewers_did_before_nobody_else_changes_when_one_is_forgotten(store, seed):
    """Forty rulings at random, undone and redone among them, many of which make no sense and are refused."""
    chance, video = random.Random(seed), a_video()
    seen = [an_appearance(video, at, at + 0.4, direction=at % 3) for at in range(9)]
    store.add_video(video, 7, "run-1")
    store.keep_span(a_watched(video, *seen), 1, "settings-a", "run-1")
    people = store.new_person_ids(4, "run-1")
    who = [(one, people[at % 4]) for at, one in enumerate(seen)]
    store.rule([a_ruling(*pair) for pair in who], [a_membership(*pair) for pair in who])
    for _ in range(40):
        ids = sorted({*people, *(person.id for person in store.people())})
        with suppress(RulingError, ArchiveError):
            store.act(
                an_act(
                    chance.choice(KINDS),
                    *chance.sample(ids, chance.choice([0, 1, 1, 2])),
                    seen=chance.sample(seen, chance.choice([0, 0, 1, 2])),
                    name=chance.choice(["Ann", "Bea", None]),
                    why="a word",
                    acts=tuple(chance.sample(range(1, 20), chance.choice([0, 1]))),
                )
            )
    gone = chance.choice(store.people()).id
    before = {person.id: (person, store.log(person.id)) for person in store.people() if person.id != gone}
    names = {person: claims for person, claims in store.names().items() if person != gone}
    store.forget(gone, "ann", NOON)
    assert {person.id: person for person in store.people()} == {one: person for one, (person, _) in before.items()}
    for person, (_, rows) in before.items():
        kept = [row for row in rows if row.status != "rejected"]
        assert [row for row in store.log(person) if row.status != "rejected"] == kept
    assert store.names() == names
    assert store.log(gone) == []
    assert store.examine() == []
    with suppress(RulingError):
        store.act(an_act("redo"))
    assert store.log(gone) == []
    assert store.examine() == []
