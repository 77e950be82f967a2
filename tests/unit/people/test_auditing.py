"""An audit asks about what is doubtful, and about nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from crossid.people import PeopleSettings, compare
from crossid.people.auditing import audit, in_order, worth
from crossid.people.sweeping import sweep
from crossid.types import Gallery, Membership, Question, Reviewed
from unit.people.test_recognition import gallery

SETTINGS = PeopleSettings()
NOTHING = Reviewed()


def asked(kind: str = "same", probability: float = 0.5, settles: int = 1) -> Question:
    return Question(kind=kind, people=("P-1",), appearances=("a",), probability=probability, settles=settles, why="")


def members(people: list[str | None], probability: float | None = 0.99) -> dict[str, Membership]:
    return {
        f"a{row}": Membership(appearance=f"a{row}", person=who, probability=probability, evidence="")
        for row, who in enumerate(people)
    }


def mixed_gallery() -> Gallery:
    """Two people of five appearances each, and a third."""
    return gallery([0] * 5 + [1] * 5 + [2] * 3)


def test_a_person_who_holds_two_is_asked_about_and_the_smaller_half_is_named() -> None:
    people = ["P-1"] * 7 + ["P-2"] * 3 + ["P-3"] * 3
    first, *_ = audit(mixed_gallery(), members(people), NOTHING, SETTINGS)
    assert (first.kind, first.people, first.appearances, first.settles) == ("mixed", ("P-1",), ("a5", "a6"), 2)
    assert first.probability > 0.9


def test_one_person_under_two_ids_is_asked_about_and_the_smaller_one_would_move() -> None:
    people = ["P-1"] * 3 + ["P-4"] * 2 + ["P-2"] * 5 + ["P-3"] * 3
    found = [one for one in audit(mixed_gallery(), members(people), NOTHING, SETTINGS) if one.kind == "same"]
    assert [(one.people, one.appearances, one.settles) for one in found] == [(("P-1", "P-4"), ("a3", "a4"), 2)]
    assert found[0].probability > 0.9


def test_two_who_were_seen_side_by_side_are_not_asked_about() -> None:
    twins = gallery([0, 0, 1], starts=[3.0, 3.0, 9.0])
    side_by_side = (np.array([[3.0, 0, 0, 50, 50]], np.float32), np.array([[3.0, 400, 0, 450, 50]], np.float32))
    people = members(["P-1", "P-2", "P-3"])
    assert [one.kind for one in audit(twins, people, NOTHING, SETTINGS)] == ["same"]
    assert not audit(replace(twins, boxes=(*side_by_side, twins.boxes[2])), people, NOTHING, SETTINGS)


def test_where_everything_is_clear_nothing_is_asked() -> None:
    right = members(["P-1"] * 5 + ["P-2"] * 5 + ["P-3"] * 3)
    assert audit(mixed_gallery(), right, NOTHING, SETTINGS) == []


@pytest.mark.parametrize("chance", [None, float("nan"), 0.99])
def test_a_membership_is_asked_about_only_if_its_probability_is_known_and_low(chance: float | None) -> None:
    right = members(["P-1"] * 5 + ["P-2"] * 5 + ["P-3"] * 3)
    doubtful = right | {"a1": replace(right["a1"], probability=0.4), "a6": replace(right["a6"], probability=chance)}
    assert [(one.kind, one.appearances) for one in audit(mixed_gallery(), doubtful, NOTHING, SETTINGS)] == [
        ("member", ("a1",))
    ]
    sure = doubtful | {"a1": replace(doubtful["a1"], status="confirmed")}
    assert audit(mixed_gallery(), sure, NOTHING, SETTINGS) == []


def test_what_a_reviewer_rejected_and_who_is_nobody_is_no_part_of_anybody() -> None:
    people = members(["P-1"] * 5 + ["P-1"] + [None] * 4 + ["P-3"] * 3)
    people["a5"] = replace(people["a5"], status="rejected")
    assert audit(mixed_gallery(), people, NOTHING, SETTINGS) == []


def test_an_archive_of_nobody_is_asked_nothing() -> None:
    assert audit(gallery([]), {}, NOTHING, SETTINGS) == []
    assert audit(gallery([0]), members([None]), NOTHING, SETTINGS) == []


def test_the_answer_that_puts_most_right_is_asked_first() -> None:
    small, sure, large = asked(settles=1), asked(settles=10, kind="mixed", probability=0.9), asked(settles=4)
    assert in_order([small, large, sure]) == [sure, large, small]
    assert worth(sure) == pytest.approx(9)
    assert worth(asked("member", probability=0.8)) == pytest.approx(0.2)


def test_what_reviewers_have_said_is_not_asked_again() -> None:
    people = members(["P-1"] * 3 + ["P-4"] * 2 + ["P-2"] * 5 + ["P-3"] * 3)
    told_apart = Reviewed(barred=frozenset({("a3", "P-1")}))
    assert [one.kind for one in audit(mixed_gallery(), people, told_apart, SETTINGS)] == []
    mixed = members(["P-1"] * 7 + ["P-2"] * 3 + ["P-3"] * 3)
    mixed |= {one: replace(mixed[one], status="confirmed") for one in ("a5", "a6")}
    assert "mixed" not in [one.kind for one in audit(mixed_gallery(), mixed, NOTHING, SETTINGS)]


def test_an_audit_and_a_sweep_take_what_the_last_run_kept_and_do_not_search_again() -> None:
    here, people = mixed_gallery(), members(["P-000001"] * len(mixed_gallery()))
    kept = compare(here, SETTINGS, NOTHING)
    assert audit(here, people, NOTHING, SETTINGS, kept) == audit(here, people, NOTHING, SETTINGS)
    none = np.zeros(len(here), np.int64)
    of_nobody = replace(kept, counts=none, columns=kept.columns[:0], evidence=kept.evidence[:0])
    assert audit(here, people, NOTHING, SETTINGS, of_nobody) != audit(here, people, NOTHING, SETTINGS, kept)
    ((_, found),) = sweep(here, SETTINGS, [0.0], of_nobody)
    assert found.max() > 3, "nobody is near anybody: each is alone, where there were three"
