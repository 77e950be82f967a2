"""What every store promises to reviewers: what they say counts at once, for good, and until they take it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from builders import NOON, a_membership, a_ruling, a_video, a_watched, an_act, an_appearance
from crossid.errors import ArchiveError, RulingError
from crossid.types import Question

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crossid.archive import Store
    from crossid.types import Appearance

VIDEO = a_video()
ONE, TWO, THREE, FOUR, FIVE = (an_appearance(VIDEO, at, at + 0.4, direction=at % 3) for at in (0, 2, 4, 6, 8))
ANN, BEA, CAT = "P-000001", "P-000002", "P-000003"


def run(store: Store, person: str | None, *seen: Appearance, by: str = "run:run-1", **changes: Any) -> None:
    """A run proposes."""
    store.rule(
        [a_ruling(one, person, by=by, verdict="same" if person else "unsure") for one in seen],
        [a_membership(one, person, **changes) for one in seen],
    )


@pytest.fixture
def filled(store: Store) -> Store:
    """Ann is seen in ONE and TWO, Bea in THREE and FOUR; FIVE is nobody; Cat has an id and nothing else."""
    keep(store)
    store.new_person_ids(3, "run-1")
    run(store, ANN, ONE, TWO)
    run(store, BEA, THREE, FOUR)
    run(store, None, FIVE, probability=None, evidence="")
    return store


def keep(store: Store, *seen: Appearance, digest: str = "settings-a") -> None:
    store.add_video(VIDEO, 7, "run-1")
    watched = a_watched(VIDEO, *(seen or (ONE, TWO, THREE, FOUR, FIVE)))
    store.keep_span(watched, 1, digest, "run-1")


def who(store: Store, *seen: Appearance) -> list[tuple[str | None, str]]:
    """Person and status of appearances, all five by default."""
    rows = store.memberships()
    return [(rows[one.id].person, rows[one.id].status) for one in seen or (ONE, TWO, THREE, FOUR, FIVE)]


def picture(store: Store) -> tuple[object, ...]:
    """All that people can see."""
    return (
        store.memberships(),
        store.people(),
        store.log(),
        store.names(),
        store.aliases(),
        store.ignored(),
        store.reviewed(),
    )


PROPOSED = [(ANN, "proposed"), (ANN, "proposed"), (BEA, "proposed"), (BEA, "proposed"), (None, "proposed")]

ACTS = {
    "name": an_act("name", ANN, name="Ann"),
    "merge": an_act("merge", ANN, BEA),
    "split": an_act("split", ANN, seen=[TWO]),
    "move": an_act("move", ANN, seen=[THREE]),
    "move to somebody new": an_act("move", seen=[FIVE]),
    "confirm": an_act("confirm", ANN),
    "confirm one": an_act("confirm", ANN, seen=[TWO]),
    "reject": an_act("reject", ANN, seen=[TWO]),
    "reject a person": an_act("reject", ANN, BEA),
    "not a face": an_act("not-a-face", seen=[ONE, FIVE]),
    "ignore": an_act("ignore", BEA),
    "ignore one": an_act("ignore", seen=[FOUR]),
    "note": an_act("note", ANN, why="seen on TV"),
}


@pytest.mark.parametrize(
    ("act", "after"),
    [
        ("name", PROPOSED),
        ("merge", [(ANN, "proposed")] * 4 + [(None, "proposed")]),
        ("split", [PROPOSED[0], ("P-000004", "confirmed"), *PROPOSED[2:]]),
        ("move", [*PROPOSED[:2], (ANN, "confirmed"), *PROPOSED[3:]]),
        ("move to somebody new", [*PROPOSED[:4], ("P-000004", "confirmed")]),
        ("confirm", [(ANN, "confirmed")] * 2 + PROPOSED[2:]),
        ("confirm one", [PROPOSED[0], (ANN, "confirmed"), *PROPOSED[2:]]),
        ("reject", [PROPOSED[0], (ANN, "rejected"), *PROPOSED[2:]]),
        ("reject a person", PROPOSED),
        ("not a face", [(None, "rejected"), *PROPOSED[1:4], (None, "rejected")]),
        ("ignore", PROPOSED),
        ("ignore one", [*PROPOSED[:3], (None, "rejected"), PROPOSED[4]]),
        ("note", PROPOSED),
    ],
)
def test_what_a_reviewer_says_counts_at_once(filled, act, after):
    filled.act(ACTS[act])
    assert who(filled) == after


@pytest.mark.parametrize("act", ACTS)
def test_undo_leaves_all_as_it_was_and_redo_brings_it_back(filled, act):
    before = picture(filled)
    done = filled.act(ACTS[act])
    after = picture(filled)
    undone = filled.act(an_act("undo"))
    assert picture(filled) == before
    assert {one.appearance for one in undone.shifts} == {one.appearance for one in done.shifts}
    assert set(done.people) == set(undone.people)
    filled.act(an_act("redo"))
    assert picture(filled) == after


@pytest.mark.parametrize("act", ACTS)
def test_what_a_reviewer_said_holds_when_a_video_is_watched_again(filled, act):
    filled.act(ACTS[act])
    before, bound = who(filled), filled.reviewed()
    filled.drop_spans(VIDEO.id)
    keep(filled, digest="settings-b")
    assert who(filled) == before
    assert filled.reviewed() == bound


@pytest.mark.parametrize("act", ACTS)
def test_an_act_tells_exactly_what_it_changed(filled, act):
    before, names = filled.memberships(), filled.names()
    done = filled.act(ACTS[act])
    after = filled.memberships()
    assert {one.appearance: (one.before, one.after) for one in done.shifts} == {
        one: (before[one], after[one]) for one in before if before[one] != after[one]
    }
    renamed = {one for one in {*names, *filled.names()} if names.get(one) != filled.names().get(one)}
    shown = {side.person for one in done.shifts for side in (one.before, one.after) if side.person}
    assert renamed | shown | {filled.resolve(one) for one in ACTS[act].people} | set(done.created) <= set(done.people)


def test_whom_a_reviewer_touches_keeps_all_they_have_against_every_run(filled):
    filled.act(an_act("name", ANN, name="Ann"))
    assert filled.reviewed().anchored == {ONE.id: ANN, TWO.id: ANN}
    run(filled, CAT, ONE, TWO, THREE, by="run:run-2")
    assert [person for person, _ in who(filled)] == [ANN, ANN, CAT, BEA, None]


def test_what_a_run_adds_to_somebody_later_is_not_settled(filled):
    filled.act(an_act("name", ANN, name="Ann"))
    run(filled, ANN, FIVE, by="run:run-2")
    assert filled.reviewed().anchored == {ONE.id: ANN, TWO.id: ANN}
    run(filled, BEA, FIVE, by="run:run-3")
    assert who(filled, FIVE) == [(BEA, "proposed")]


def test_a_run_that_thinks_so_too_says_how_probable_it_is_now(filled):
    filled.act(an_act("confirm", ANN))
    run(filled, ANN, ONE, by="run:run-2", probability=0.5, evidence="2/2 toy")
    row = filled.memberships()[ONE.id]
    assert (row.person, row.probability, row.evidence, row.status) == (ANN, 0.5, "2/2 toy", "confirmed")


def test_a_run_that_does_not_think_so_has_no_probability_to_show(filled):
    filled.act(an_act("move", ANN, seen=[THREE]))
    run(filled, BEA, THREE, by="run:run-2", probability=0.7)
    row = filled.memberships()[THREE.id]
    assert (row.person, row.probability, row.evidence) == (ANN, None, "")


def test_who_was_rejected_may_be_somebody_else_but_never_the_same_again(filled):
    filled.act(an_act("reject", ANN, seen=[TWO]))
    run(filled, BEA, TWO, by="run:run-2")
    assert who(filled, TWO) == [(BEA, "proposed")]
    run(filled, ANN, TWO, by="run:run-3")
    assert who(filled, TWO) == [(ANN, "rejected")]
    assert filled.reviewed().barred == {(TWO.id, ANN)}


def test_people_who_are_not_the_same_are_barred_from_each_other(filled):
    filled.act(an_act("reject", ANN, BEA))
    assert filled.reviewed().barred == {(ONE.id, BEA), (TWO.id, BEA), (THREE.id, ANN), (FOUR.id, ANN)}
    filled.act(an_act("merge", ANN, BEA))
    assert who(filled)[:4] == [(ANN, "proposed")] * 4, "the later word counts"
    assert filled.reviewed().barred == frozenset()
    filled.act(an_act("undo"))
    assert len(filled.reviewed().barred) == 4


APART, MERGED, MOVED = an_act("reject", ANN, BEA), an_act("merge", ANN, BEA), an_act("move", BEA, seen=[TWO])
SPLIT = an_act("split", ANN, seen=[TWO])


@pytest.mark.parametrize(
    ("before", "act", "outranked"),
    [
        ([APART], MERGED, (1,)),
        ([APART, an_act("note", ANN, why="x"), replace(APART, why="again")], MERGED, (1, 3)),
        ([SPLIT], an_act("merge", ANN, "P-000004"), (1,)),
        ([an_act("confirm", ANN)], MOVED, (1,)),
        ([an_act("confirm", ANN)], an_act("reject", ANN, seen=[ONE]), (1,)),
        ([an_act("confirm", ANN)], an_act("not-a-face", seen=[ONE]), (1,)),
        ([an_act("reject", ANN, seen=[FIVE])], an_act("move", ANN, seen=[FIVE]), (1,)),
        ([an_act("not-a-face", seen=[ONE])], an_act("unignore", seen=[ONE]), (1,)),
        ([MOVED, an_act("undo")], an_act("confirm", ANN), ()),
        ([an_act("reject", ANN, CAT), an_act("name", ANN, name="Ann")], MERGED, ()),
    ],
)
def test_an_act_says_which_rulings_it_outranks(filled, before, act, outranked):
    for one in before:
        filled.act(one)
    assert filled.act(act).outranks == outranked


def test_of_a_merge_and_a_rejection_of_whole_people_the_later_one_counts_whichever_was_redone_last(filled):
    filled.act(APART)
    filled.act(an_act("undo"))
    filled.act(MERGED)
    one = who(filled)
    filled.act(an_act("redo", acts=(1,)))
    assert who(filled) == one == [(ANN, "proposed")] * 4 + [(None, "proposed")], "the merge is later"
    filled.act(an_act("undo", acts=(3,)))
    filled.act(replace(APART, why="sure"))
    two = who(filled)
    filled.act(an_act("redo", acts=(3,)))
    assert (who(filled), filled.aliases()) == (two, {}), "the second rejection is later"
    filled.act(an_act("undo", acts=(6,)))
    assert (who(filled), filled.aliases()) == (one, {BEA: ANN})


def test_no_run_makes_one_of_those_whom_a_rejection_that_is_redone_tells_apart(filled):
    filled.act(APART)
    filled.act(an_act("undo"))
    filled.alias(BEA, ANN, "run-2")
    assert filled.aliases() == {BEA: ANN}
    filled.act(an_act("redo"))
    assert (who(filled), filled.aliases()) == (PROPOSED, {})


def test_of_three_who_are_told_apart_the_first_is_none_of_the_others_who_may_be_one(filled):
    for pair in ((ANN, BEA), (BEA, CAT)):
        filled.act(an_act("merge", *pair))
        filled.act(an_act("undo"))
    filled.act(an_act("reject", ANN, BEA, CAT))
    filled.act(an_act("redo", acts=(1, 3)))
    assert filled.aliases() == {CAT: BEA}


def test_who_was_made_one_twice_is_called_as_they_were(filled):
    filled.act(an_act("merge", ANN, BEA))
    filled.act(an_act("undo"))
    filled.alias(BEA, ANN, "run-2")
    filled.act(an_act("name", BEA, name="Bea"))
    filled.act(an_act("redo", acts=(1,)))
    assert filled.aliases() == {BEA: ANN}
    assert [(one.id, one.name) for one in filled.people()] == [(ANN, "Bea")]
    assert [one.name for one in filled.names()[ANN]] == ["Bea"]


def test_an_appearance_given_to_two_people_is_whose_it_was_said_to_be_last(filled):
    filled.act(an_act("move", ANN, seen=[FIVE]))
    filled.act(an_act("undo"))
    filled.act(an_act("move", BEA, seen=[FIVE]))
    filled.act(an_act("redo", acts=(1,)))
    assert who(filled, FIVE) == [(BEA, "confirmed")]
    filled.act(an_act("undo", acts=(3,)))
    assert who(filled, FIVE) == [(ANN, "confirmed")]


def test_an_appearance_that_is_not_somebody_is_not_whoever_they_are_merged_with_either(filled):
    filled.act(an_act("reject", ANN, BEA, seen=[FIVE]))
    filled.act(MERGED)
    run(filled, BEA, FIVE, by="run:run-2")
    assert who(filled, ONE, THREE, FIVE) == [(ANN, "proposed"), (ANN, "proposed"), (ANN, "rejected")]


SAID_TWICE = ["name", "confirm", "reject", "reject a person", "not a face", "ignore", "ignore one", "note"]


@pytest.mark.parametrize("act", SAID_TWICE)
def test_what_stands_is_not_said_again(filled, act):
    filled.act(ACTS[act])
    filled.act(an_act("note", ANN, why="something else"))
    with pytest.raises(RulingError, match=r"Ruling 1 .* says so already, and stands: nothing was added") as caught:
        filled.act(ACTS[act])
    assert caught.value.remedy
    assert len(filled.ledger()) == 2


@pytest.mark.parametrize("act", SAID_TWICE)
@pytest.mark.parametrize("change", [{"by": "bob"}, {"why": "seen again"}])
def test_another_reviewer_or_reason_is_news(filled, act, change):
    filled.act(ACTS[act])
    filled.act(replace(ACTS[act], **change))
    assert len(filled.ledger()) == 2


@pytest.mark.parametrize(
    ("act", "then"),
    [
        ("name", an_act("undo")),
        ("name", an_act("name", ANN, name="Anna")),
        ("name", an_act("name", ANN, name=None)),
        ("confirm", an_act("reject", ANN, seen=[ONE])),
        ("confirm", an_act("move", ANN, seen=[FIVE])),
        ("reject", an_act("move", ANN, seen=[TWO])),
        ("ignore", an_act("unignore", BEA)),
        ("not a face", an_act("unignore", seen=[ONE])),
    ],
)
def test_what_stands_no_more_is_said_anew(filled, act, then):
    filled.act(ACTS[act])
    filled.act(then)
    assert filled.act(ACTS[act]).number == 3


def test_no_run_gives_a_face_to_what_is_none(filled):
    filled.act(an_act("not-a-face", seen=[ONE]))
    run(filled, BEA, ONE, by="run:run-2")
    assert who(filled, ONE) == [(None, "rejected")]
    assert filled.reviewed().faceless == {ONE.id}
    filled.act(an_act("unignore", seen=[ONE]))
    assert who(filled, ONE) == [(ANN, "proposed")]


def test_whom_a_reviewer_touched_no_run_makes_one_with_anybody(filled):
    filled.act(an_act("name", BEA, name="Bea"))
    filled.alias(BEA, ANN, "run-2")
    filled.alias(ANN, BEA, "run-2")
    assert filled.aliases() == {}
    filled.act(an_act("undo"))
    filled.alias(ANN, BEA, "run-2")
    assert filled.aliases() == {ANN: BEA}


def test_an_old_ruling_is_undone_without_those_after_it(filled):
    merge = filled.act(an_act("merge", ANN, BEA))
    filled.act(an_act("confirm", ANN, seen=[THREE]))
    filled.act(an_act("name", ANN, name="Ann"))
    assert filled.dependents(merge.number) == [2, 3]
    undone = filled.act(an_act("undo", acts=(merge.number,)))
    assert undone.depends == (2, 3)
    assert who(filled)[:4] == [(ANN, "proposed"), (ANN, "proposed"), (BEA, "confirmed"), (BEA, "proposed")]
    assert [(one.id, one.name) for one in filled.people()] == [(ANN, "Ann"), (BEA, None)]


def test_merges_undone_in_any_order_leave_what_stands(filled):
    run(filled, CAT, FIVE)
    filled.act(an_act("merge", ANN, BEA))
    filled.act(an_act("merge", CAT, ANN))
    assert filled.aliases() == {ANN: CAT, BEA: CAT}
    filled.act(an_act("undo", acts=(1,)))
    assert filled.aliases() == {ANN: CAT}
    filled.act(an_act("undo", acts=(2,)))
    filled.act(an_act("redo", acts=(1,)))
    assert filled.aliases() == {BEA: ANN}
    filled.act(an_act("merge", BEA, CAT))
    assert filled.aliases() == {BEA: ANN, CAT: ANN}, "who is an alias speaks for the one who stays"


def test_two_merges_that_would_run_in_a_circle_do_not(filled):
    filled.act(an_act("merge", ANN, BEA))
    filled.act(an_act("undo"))
    filled.act(an_act("merge", BEA, ANN))
    filled.act(an_act("redo", acts=(1,)))
    assert filled.aliases() == {BEA: ANN}


def test_runs_go_on_proposing_for_who_was_merged_and_the_old_id_comes_back_with_what_was_its(filled):
    filled.act(an_act("merge", ANN, BEA))
    run(filled, ANN, ONE, TWO, THREE, FOUR, by="run:run-2", probability=0.4)
    filled.act(an_act("undo"))
    assert who(filled) == PROPOSED


def test_all_of_an_ignored_person_is_kept_and_who_is_ignored_is_said(filled):
    filled.act(an_act("ignore", BEA))
    assert filled.ignored() == {BEA}
    assert filled.reviewed().anchored == {THREE.id: BEA, FOUR.id: BEA}
    filled.act(an_act("unignore", BEA))
    assert filled.ignored() == set()


def test_who_is_ignored_can_be_asked_of_some_people_and_also_holds_by_their_other_ids(filled):
    filled.act(an_act("ignore", BEA))
    assert (filled.ignored([BEA]), filled.ignored([ANN]), filled.ignored([ANN, BEA])) == ({BEA}, set(), {BEA})
    filled.act(an_act("merge", CAT, BEA))
    assert (filled.ignored([CAT]), filled.ignored([ANN])) == ({CAT}, set())


def test_the_log_of_some_videos_is_what_the_whole_log_says_of_them(filled):
    assert filled.log(videos=[VIDEO.id]) == filled.log()
    assert filled.log(ANN, videos=[VIDEO.id]) == filled.log(ANN)
    assert filled.log(videos=[]) == filled.log(videos=["0" * 64]) == []


def test_a_clock_that_goes_backwards_does_not_change_the_order(filled):
    filled.act(an_act("name", ANN, name="Jane"))
    filled.act(an_act("name", ANN, name="Joan", at=NOON - timedelta(days=1)))
    assert filled.people()[0].name == "Joan"
    assert [one.number for one in filled.ledger()] == [1, 2]
    assert filled.check_ledger() == []


def test_an_alias_is_a_name_beside_the_name(filled):
    filled.act(an_act("name", ANN, name="Jane"))
    filled.act(an_act("name", ANN, name="JD", alias=True))
    assert filled.people()[0].name == "Jane"
    assert [(one.name, one.alias) for one in filled.names()[ANN]] == [("Jane", False), ("JD", True)]


def test_a_name_belongs_to_the_id_that_was_named(filled):
    filled.act(MERGED)
    filled.act(an_act("name", BEA, name="Bea"))
    assert [(one.id, one.name) for one in filled.people()] == [(ANN, "Bea")]
    filled.act(an_act("undo", acts=(1,)))
    assert [(one.id, one.name) for one in filled.people()] == [(ANN, None), (BEA, "Bea")]
    assert [one.number for one in filled.ledger(BEA)] == [1, 2, 3]
    assert filled.reviewed().anchored == {
        one.id: person for one, person in zip((ONE, TWO, THREE, FOUR), (ANN, ANN, BEA, BEA), strict=True)
    }
    assert filled.check_ledger() == []


@pytest.mark.parametrize(
    ("acts", "called", "history"),
    [
        ([(ANN, "Ann"), (BEA, "Bea"), MERGED], "Ann", ["Bea", "Ann"]),
        ([(BEA, "Bea"), MERGED], "Bea", ["Bea"]),
        ([(BEA, "Bea"), (ANN, "Ann"), (ANN, None), MERGED], "Bea", ["Ann", None, "Bea"]),
        ([(ANN, "Ann"), MERGED, (BEA, "Bea")], "Bea", ["Ann", "Bea"]),
        ([(BEA, "Bea"), MERGED, (ANN, "Ann"), (BEA, "B.")], "B.", ["Bea", "Ann", "B."]),
        (
            [(BEA, "Bea"), (CAT, "Cat"), an_act("merge", BEA, CAT), (CAT, "C."), (ANN, "Ann"), MERGED],
            "Ann",
            ["Cat", "Bea", "C.", "Ann"],
        ),
    ],
)
def test_the_name_of_the_one_who_stays_counts_and_what_is_said_after_the_merge_counts_more(
    filled, acts, called, history
):
    for one in acts:
        filled.act(an_act("name", one[0], name=one[1]) if isinstance(one, tuple) else one)
    assert filled.people()[0].name == called
    assert [claim.name for claim in filled.names()[ANN]] == history
    assert [claim.name for claim in filled.names([ANN])[ANN]] == history


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (an_act("merge", ANN, ANN), "merged with themselves"),
        (an_act("merge", ANN), "Only P-000001 is named"),
        (an_act("merge"), "needs a person"),
        (an_act("split", ANN, seen=[ONE, TWO]), "nothing would be left"),
        (an_act("split", ANN), "needs an appearance"),
        (an_act("split", ANN, seen=[THREE]), "is not one of P-000001"),
        (an_act("move", ANN, seen=[ONE]), "is one of P-000001 already"),
        (an_act("move", ANN, BEA, seen=[ONE]), "several people"),
        (an_act("move", ANN), "needs an appearance"),
        (an_act("confirm", CAT), "has no appearances"),
        (an_act("confirm", ANN, BEA), "needs one person"),
        (an_act("confirm", ANN, seen=[THREE]), "is not one of"),
        (an_act("reject", ANN), "needs an appearance"),
        (an_act("reject", ANN, ANN), "somebody else than themselves"),
        (an_act("reject", ANN, ANN, BEA), "P-000001 cannot be somebody else than themselves"),
        (an_act("not-a-face"), "needs an appearance"),
        (an_act("ignore"), "needs an appearance"),
        (an_act("unignore", seen=[ONE]), "are ignored"),
        (an_act("unignore", ANN), "P-000001 is not ignored"),
        (an_act("note", ANN, why="x" * 10_001), "The note has 10,001"),
        (an_act("note", ANN), "empty"),
        (an_act("note", why="who?"), "needs an appearance"),
        (an_act("undo"), "nothing to undo"),
        (an_act("redo"), "nothing to redo"),
        (an_act("name", ANN, name="x" * 10_000), "10,000 characters"),
        (an_act("name", ANN, name=" \u202e\n"), "no letters"),
        (an_act("name", ANN, name="Ann", by=" "), "Nobody says so"),
        (an_act("name", ANN, name="Ann", by="x" * 201), "201 characters"),
        (an_act("name", ANN, name="Ann", why="x" * 10_001), "The reason"),
        (an_act("name", ANN, name="Ann", source="x" * 10_001), "The source"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_no_trace(filled, act, says):
    before = picture(filled)
    with pytest.raises(RulingError, match=says) as caught:
        filled.act(act)
    assert caught.value.remedy
    assert picture(filled) == before
    assert filled.ledger() == []
    assert filled.new_person_ids(1, "run-2") == ["P-000004"]


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (an_act("name", "P-000009", name="Ann"), "no person"),
        (an_act("merge", ANN, "jane"), "no person"),
        (an_act("move", ANN, appearances=("0" * 16,)), "no appearance"),
        (an_act("move", ANN, appearances=("../../etc",)), "no appearance"),
        (an_act("undo", acts=(7,)), "no ruling 7"),
    ],
)
def test_whoever_is_not_there_cannot_be_ruled_on(filled, act, says):
    with pytest.raises(ArchiveError, match=says):
        filled.act(act)


@pytest.mark.parametrize("kind", ["merge", "reject"])
def test_who_is_one_already_is_said_to_be_and_how_to_take_it_back(filled, kind):
    filled.act(MERGED)
    with pytest.raises(RulingError, match="P-000001 and P-000002 are one already: P-000001") as caught:
        filled.act(an_act(kind, ANN, BEA))
    assert "crossid log P-000001" in caught.value.remedy


def test_an_undo_is_not_undone_and_nothing_is_undone_twice(filled):
    filled.act(an_act("name", ANN, name="Ann"))
    filled.act(an_act("undo"))
    with pytest.raises(RulingError, match="undone already"):
        filled.act(an_act("undo", acts=(1,)))
    with pytest.raises(RulingError, match="Number 2 is an undo itself"):
        filled.act(an_act("undo", acts=(2,)))
    filled.act(an_act("redo"))
    with pytest.raises(RulingError, match="in force already"):
        filled.act(an_act("redo", acts=(1,)))


# the ledger --------------------------------------------------------------------------------------


def test_the_ledger_says_who_when_what_and_why_with_which_models(filled, reopen):
    said = an_act("name", ANN, name="Ann", source="passport", why="asked her", by="bob")
    filled.act(said)
    filled.act(an_act("undo"))
    one, undo = reopen().ledger()
    assert (one.number, one.act, one.stands, undo.act.acts) == (1, said, False, (1,))
    assert one.spaces == ("toy/4/0123456789abcdef",)
    assert one.version
    assert undo.previous == one.hash


def test_the_ledger_can_be_asked_for_one_person_and_for_the_last(filled):
    filled.act(an_act("name", ANN, name="Ann"))
    filled.act(an_act("name", BEA, name="Bea"))
    filled.act(an_act("undo", acts=(1,)))
    filled.act(an_act("merge", BEA, CAT))
    assert [one.number for one in filled.ledger(ANN)] == [1, 3]
    assert [one.number for one in filled.ledger(CAT)] == [2, 4], "of all who are one by now"
    assert [one.number for one in filled.ledger(last=2)] == [3, 4]
    assert [one.number for one in filled.ledger(ANN, last=1)] == [3]


def test_a_ruling_on_a_face_that_is_not_seen_any_more_is_kept_and_says_so(filled):
    filled.act(an_act("confirm", ANN))
    filled.drop_spans(VIDEO.id)
    keep(filled, ONE, digest="settings-b")
    assert [one.unseen for one in filled.ledger()] == [1]
    filled.drop_spans(VIDEO.id)
    keep(filled, digest="settings-a")
    assert [one.unseen for one in filled.ledger()] == [0]
    assert who(filled, ONE, TWO) == [(ANN, "confirmed"), (ANN, "confirmed")]


# questions ---------------------------------------------------------------------------------------

SAME = Question(kind="same", people=(ANN, BEA), appearances=(), probability=0.5, settles=4, why="alike")
MIXED = Question(kind="mixed", people=(ANN,), appearances=(TWO.id,), probability=0.6, settles=2, why="unlike")
MEMBER = Question(kind="member", people=(BEA,), appearances=(FOUR.id,), probability=0.7, settles=1, why="poor")


def test_where_no_run_asked_there_are_no_questions(filled):
    assert filled.questions() == []


def test_questions_come_back_in_order_and_the_last_run_asks(filled, reopen):
    filled.ask([MEMBER], "run-1")
    filled.ask([SAME, MIXED, MEMBER], "run-2")
    assert reopen().questions() == [SAME, MIXED, MEMBER]


@pytest.mark.parametrize(
    ("act", "left"),
    [
        (an_act("name", ANN, name="Ann"), [SAME, MIXED, MEMBER]),
        (an_act("merge", ANN, BEA), [MIXED, MEMBER]),
        (an_act("reject", ANN, BEA), [MIXED, MEMBER]),
        (an_act("split", ANN, seen=[TWO]), [SAME, MEMBER]),
        (an_act("confirm", BEA), [SAME, MIXED]),
        (an_act("reject", BEA, seen=[FOUR]), [SAME, MIXED]),
    ],
)
def test_a_question_that_a_reviewer_answered_is_asked_no_more_until_they_take_it_back(filled, act, left):
    filled.ask([SAME, MIXED, MEMBER], "run-1")
    filled.act(act)
    assert [one.kind for one in filled.questions()] == [one.kind for one in left]
    filled.act(an_act("undo"))
    assert filled.questions() == [SAME, MIXED, MEMBER]


def kinds(acts: Iterable[str]) -> set[str]:
    return {ACTS[one].kind for one in acts}


def test_every_kind_of_act_is_tried_here():
    from typing import get_args

    from crossid.archive.acts import ActKind

    assert kinds(ACTS) | {"undo", "redo", "unignore", "forget"} == set(get_args(ActKind)), "forget has its own tests"
