"""Ids follow the people."""

from hypothesis import given
from hypothesis import strategies as st

from crossid.people.matching import keep_ids


def test_new_people_are_numbered_in_the_order_in_which_they_appear() -> None:
    kept = keep_ids([(7, "a"), (2, "b"), (7, "c")], {})
    assert kept.ids == {7: "new-0", 2: "new-1"}
    assert kept.new == ("new-0", "new-1")


def test_the_larger_part_keeps_the_id_when_a_person_falls_apart() -> None:
    known = dict.fromkeys("abc", "P-000001")
    kept = keep_ids([(0, "a"), (1, "b"), (1, "c")], known)
    assert kept.ids == {0: "new-0", 1: "P-000001"}
    assert kept.split == (("P-000001", "new-0"),)


def test_the_older_id_stays_when_two_people_are_one() -> None:
    kept = keep_ids([(0, "a"), (0, "b")], {"a": "P-000002", "b": "P-000001"})
    assert kept.ids == {0: "P-000001"}
    assert kept.merged == (("P-000002", "P-000001"),)
    assert kept.new == ()


def test_an_appearance_that_changes_sides_is_told() -> None:
    known = {"a": "P-000001", "b": "P-000001", "c": "P-000001", "d": "P-000002"}
    kept = keep_ids([(0, "a"), (0, "b"), (1, "c"), (1, "d")], known)
    assert kept.ids == {0: "P-000001", 1: "P-000002"}
    assert kept.split == (("P-000001", "P-000002"),)


@given(
    groups=st.lists(st.integers(0, 6), min_size=1, max_size=30),
    persons=st.lists(st.integers(0, 6), min_size=30, max_size=30),
)
def test_an_id_belongs_to_one_group_and_no_id_is_lost_in_silence(groups: list[int], persons: list[int]) -> None:
    rows = [(group, f"a{place}") for place, group in enumerate(groups)]
    known = {f"a{place}": f"P-{person:06}" for place, person in enumerate(persons[: len(groups)]) if person}
    kept = keep_ids(rows, known)
    assert len(set(kept.ids.values())) == len(kept.ids)
    gone = {one for one, _ in kept.merged}
    assert set(known.values()) == (set(kept.ids.values()) - set(kept.new)) | gone


def test_a_person_whom_a_reviewer_touched_keeps_the_group_of_the_anchors() -> None:
    known = dict.fromkeys("abc", "P-000001")
    kept = keep_ids([(0, "a"), (1, "b"), (1, "c")], known, {0: "P-000001"})
    assert kept.ids == {0: "P-000001", 1: "new-1"}


def test_nobody_becomes_an_alias_of_a_reviewed_person() -> None:
    kept = keep_ids([(0, "a"), (0, "b")], {"a": "P-000002", "b": "P-000001"}, {0: "P-000002"})
    assert (kept.ids, kept.merged) == ({0: "P-000002"}, ())
