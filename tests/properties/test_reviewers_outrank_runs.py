"""Whatever runs do, and in whatever order reviewers change their minds, what stands is what reviewers say."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import SPACE, a_membership, a_ruling, a_video, a_watched, an_act, an_appearance, an_embedding
from crossid.archive.sqlite import SqliteStore
from crossid.archive.standing import refresh
from crossid.errors import CrossidError
from crossid.types import Space

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossid.archive import Store
    from crossid.archive.acts import Act

VIDEOS = [a_video("one.mp4", duration_s=60.0), a_video("two.mp4", duration_s=60.0)]
SEEN = [an_appearance(video, 5.0 * at, 5.0 * at + 1, direction=at) for video in VIDEOS for at in range(4)]
PEOPLE = [f"P-{number:06d}" for number in range(1, 5)]
NEWER = Space(name="newer", dimensions=4, fingerprint="f" * 16)
KINDS = (
    "name",
    "merge",
    "split",
    "move",
    "confirm",
    "reject",
    "tell apart",
    "not-a-face",
    "ignore",
    "unignore",
    "note",
)

places = st.integers(0, len(SEEN) - 1)
someone = st.sampled_from(PEOPLE)
acts = st.tuples(st.sampled_from(KINDS), someone, someone, st.lists(places, min_size=1, max_size=3, unique=True))
runs = st.one_of(
    st.tuples(st.just("propose"), st.lists(st.tuples(places, st.none() | someone), max_size=8)),
    st.tuples(st.just("alias"), st.tuples(someone, someone)),
    st.tuples(st.just("rescan"), st.integers(0, 1)),
    st.tuples(st.just("reembed"), st.none()),
)
QUICK = settings(max_examples=40, deadline=None)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """Two videos of four appearances; four people, the last of whom a run has not seen anywhere."""
    store = SqliteStore.open(tmp_path_factory.mktemp("kept"), create=True)
    for video in VIDEOS:
        watch(store, video)
    store.new_person_ids(len(PEOPLE), "run-1")
    propose(store, [(at, PEOPLE[at % 3]) for at in range(len(SEEN) - 1)], "run-1")
    yield store
    store.close()


@contextmanager
def tried(store: SqliteStore) -> Iterator[SqliteStore]:
    """An example leaves no trace."""
    with suppress(ZeroDivisionError), store.atomic():
        yield store
        raise ZeroDivisionError


def watch(store: Store, video, digest: str = "settings-a") -> None:
    seen = [one for one in SEEN if one.video == video.id]
    store.add_video(video, 7, "run-1")
    store.keep_span(a_watched(video, *seen), 1, digest, "run-1")


def propose(store: Store, pairs: list[tuple[int, str | None]], run: str) -> None:
    said = [(SEEN[at], person) for at, person in pairs]
    verdict = {True: "same", False: "unsure"}
    rulings = [a_ruling(one, person, by=f"run:{run}", verdict=verdict[person is not None]) for one, person in said]
    store.rule(rulings, [a_membership(one, person) for one, person in said])


def run(store: Store, step: tuple[str, object], number: int) -> None:
    """Whatever a run may do, whether it makes sense or not."""
    kind, what = step
    if kind == "propose":
        propose(store, what, f"run-{number}")
    elif kind == "alias":
        store.alias(*what, f"run-{number}")
    elif kind == "rescan":
        store.drop_spans(VIDEOS[what].id)
        watch(store, VIDEOS[what], f"settings-{number}")
    else:
        store.add_embeddings({one.id: an_embedding(at, space=NEWER) for at, one in enumerate(SEEN)})
        store.change_space(NEWER if NEWER in store.spaces() else SPACE, {})


def an_act_of(kind: str, one: str, other: str, at: list[int]) -> Act:
    seen = [SEEN[place] for place in at]
    return {
        "name": an_act("name", one, name=f"Name {at}"),
        "merge": an_act("merge", one, other),
        "tell apart": an_act("reject", one, other),
        "confirm": an_act("confirm", one),
        "ignore": an_act("ignore", one),
        "unignore": an_act("unignore", one),
        "note": an_act("note", one, why="x", seen=seen),
        "not-a-face": an_act("not-a-face", seen=seen),
    }.get(kind) or an_act(kind, one, seen=seen)


def do(store: Store, said: list[tuple[str, str, str, list[int]]]) -> list[int]:
    """Acts that make sense, one after the other; their numbers."""
    numbers = []
    for one in said:
        with suppress(CrossidError):
            numbers.append(store.act(an_act_of(*one)).number)
    return numbers


def picture(store: Store) -> tuple[object, ...]:
    """All that people can see, and all that binds a run."""
    return (
        store.memberships(),
        [(one.id, one.name) for one in store.people()],
        {person: [claim.name for claim in claims] for person, claims in store.names().items()},
        store.aliases(),
        store.ignored(),
        store.reviewed(),
    )


@QUICK
@given(said=st.lists(acts, min_size=1, max_size=6), steps=st.lists(runs, min_size=1, max_size=6))
def test_no_run_undoes_a_reviewer(whole, said, steps):
    with tried(whole) as store:
        do(store, said)
        bound, names = store.reviewed(), store.names()
        settled = {one: row for one, row in store.memberships().items() if one in {*bound.anchored, *bound.faceless}}
        for number, step in enumerate(steps, start=2):
            run(store, step, number)
            after, rows = store.reviewed(), store.memberships()
            assert after.anchored == bound.anchored
            assert after.barred == bound.barred
            assert after.faceless == bound.faceless
            for one, row in settled.items():
                assert (rows[one].person, rows[one].status) == (row.person, row.status)
            assert not [
                one for one in after.barred if rows[one[0]].person == one[1] and rows[one[0]].status != "rejected"
            ]
        assert {one: claims for one, claims in store.names().items() if one in names} == names
        assert store.check_ledger() == []


@QUICK
@given(before=st.lists(acts, max_size=5), steps=st.lists(runs, max_size=3), said=acts)
def test_undo_after_do_equals_before(whole, before, steps, said):
    with tried(whole) as store:
        do(store, before)
        for number, step in enumerate(steps, start=2):
            run(store, step, number)
        was = picture(store)
        for number in do(store, [said]):
            now = picture(store)
            store.act(an_act("undo", acts=(number,)))
            assert picture(store) == was
            store.act(an_act("redo", acts=(number,)))
            assert picture(store) == now


@QUICK
@given(said=st.lists(acts, min_size=2, max_size=7), data=st.data())
def test_the_order_of_undoing_does_not_matter(whole, said, data):
    with tried(whole) as store:
        first = picture(store)
        numbers = do(store, said)
        some = data.draw(st.permutations(numbers))[: len(numbers) // 2]
        pictures = []
        for order in (some, sorted(some), data.draw(st.permutations(some))):
            for number in order:
                store.act(an_act("undo", acts=(number,)))
            pictures.append(picture(store))
            for number in data.draw(st.permutations(some)):
                store.act(an_act("redo", acts=(number,)))
        assert pictures[0] == pictures[1] == pictures[2]
        for number in data.draw(st.permutations(numbers)):
            store.act(an_act("undo", acts=(number,)))
        assert picture(store) == first


@QUICK
@given(steps=st.lists(st.one_of(acts, runs), max_size=10), undone=st.lists(st.integers(1, 10), max_size=4))
def test_who_is_who_follows_from_what_is_kept(whole, steps, undone):
    """Working out all memberships anew from proposals and acts changes nothing, and the ledger holds."""
    with tried(whole) as store:
        for number, step in enumerate(steps, start=2):
            if len(step) == 2:
                run(store, step, number)
            else:
                do(store, [step])
        for number in undone:
            with suppress(CrossidError):
                store.act(an_act("undo", acts=(number,)))
        was = picture(store)
        refresh(store.database, [key for (key,) in store.database.rows("SELECT key FROM tracks")])
        assert picture(store) == was
        assert store.check_ledger() == []
