"""Somebody who is seen more often than lists of the nearest are long is one person all the same."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from crossid.people import UNLIKE, Constraints, PeopleSettings, recognise
from crossid.people.auditing import audit
from crossid.people.bounds import HAIR, at_most
from crossid.people.calibration import calibration_of, needed_evidence
from crossid.people.crowds import all_pairs, rejoined
from crossid.people.hybrid import HybridClusterer
from crossid.people.nearest import MOST
from crossid.people.similarity import log_odds
from crossid.people.sweeping import sweep
from crossid.types import Gallery, Reviewed, Space

SPACE = Space(name="dlib_resnet", dimensions=128, fingerprint="0" * 16)
OFTEN = 3 * MOST


def gallery(people: list[int], spread: float = 0.1) -> Gallery:
    """Appearances near their person's direction, one to a video; people are apart as dlib's are."""
    dice = np.random.default_rng(4)
    centres = 0.9 / np.sqrt(128) + dice.normal(0, 0.42 / np.sqrt(128), (max(people) + 1, 128))
    vectors = centres[people] + dice.normal(0, spread / np.sqrt(128), (len(people), 128))
    size = len(people)
    return Gallery(
        space=SPACE,
        ids=tuple(f"{number:04}" for number in dice.permutation(size)),
        videos=tuple(f"{place:04}" for place in range(size)),
        starts=np.zeros(size),
        ends=np.ones(size),
        qualities=np.full(size, 0.9),
        vectors=(vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32),
        boxes=tuple(np.array([[0, 0, 0, 50, 50]], np.float32) for _ in range(size)),
    )


def groups(labels: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)}


def found(seen: Gallery, constraints: Constraints, labels: np.ndarray | None = None) -> np.ndarray:
    """What comes of the pieces that the default clusterer leaves, or of those given."""
    calibration, bar = calibration_of(SPACE), needed_evidence(len(seen))
    graph = log_odds(seen, calibration, bar)
    labels = HybridClusterer().cluster(graph, constraints) if labels is None else labels
    return rejoined(seen, calibration, bar, graph, labels, constraints=constraints)


def test_who_is_seen_very_often_is_one_person_beside_others() -> None:
    cast = [0] * OFTEN + [1] * OFTEN + [2, 2, 3]
    people = [row.person for row in recognise(gallery(cast), {}, PeopleSettings()).memberships]
    assert groups(np.unique(people, return_inverse=True)[1]) == groups(np.array(cast))


def test_the_graph_alone_leaves_pieces() -> None:
    """If this fails, nothing has to be put together any more."""
    seen = gallery([0] * OFTEN)
    graph = log_odds(seen, calibration_of(SPACE), needed_evidence(len(seen)))
    assert HybridClusterer().cluster(graph, Constraints()).max() > 0


def test_the_order_of_rows_does_not_matter() -> None:
    seen = gallery([0] * OFTEN + [1] * OFTEN, spread=0.25)
    order = np.random.default_rng(1).permutation(len(seen))
    mixed = replace(
        seen,
        ids=tuple(seen.ids[row] for row in order),
        videos=tuple(seen.videos[row] for row in order),
        vectors=seen.vectors[order],
    )
    back = np.empty(len(seen), np.int64)
    back[order] = found(mixed, Constraints())
    assert groups(back) == groups(found(seen, Constraints()))


@pytest.mark.parametrize(
    "constraints", [Constraints(cannot=((0, OFTEN - 1),)), Constraints(together=((0, OFTEN - 1),))], ids=str
)
def test_pieces_that_rulings_or_the_screen_tell_apart_stay_apart(constraints: Constraints) -> None:
    seen, halves = gallery([0] * OFTEN), np.repeat([0, 1], OFTEN // 2)
    assert found(seen, Constraints(), halves).max() == 0
    assert groups(found(seen, constraints, halves)) == groups(halves)


def test_what_a_ruling_says_of_one_piece_it_says_of_what_that_piece_joins() -> None:
    seen, thirds = gallery([0] * OFTEN), np.repeat([0, 1, 2], OFTEN // 3)
    labels = found(seen, Constraints(cannot=((0, OFTEN - 1),)), thirds)
    assert labels.max() == 1
    assert labels[0] != labels[-1]


def test_what_is_no_face_joins_nobody() -> None:
    seen = gallery([0] * OFTEN)
    rows = recognise(seen, {}, PeopleSettings(), Reviewed(faceless=frozenset({seen.ids[5]}))).memberships
    assert rows[5].person is None
    assert len({row.person for row in rows}) == 2


def test_other_operating_points_put_pieces_together_too() -> None:
    seen = gallery([0] * OFTEN)
    assert [labels.max() for _, labels in sweep(seen, PeopleSettings(), [0.0, 1.0])] == [0, 0]


def test_two_ways_to_look_are_one_person_though_no_list_holds_a_link_between_them() -> None:
    """So alike are those who look one way that they fill each other's lists."""
    dice = np.random.default_rng(6)
    ways = gallery([0, 0], spread=0.12).vectors
    size = MOST + 20
    vectors = np.repeat(ways, size, axis=0) + dice.normal(0, 0.03 / np.sqrt(128), (2 * size, 128))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    seen = replace(gallery([0] * 2 * size), vectors=vectors)
    graph = log_odds(seen, calibration_of(SPACE), needed_evidence(len(seen)))
    halves = np.repeat([0, 1], size)
    assert graph[:size][:, size:].nnz == 0
    assert found(seen, Constraints(), halves).max() == 0


def test_an_audit_does_not_take_for_mixed_whom_the_graph_holds_in_part() -> None:
    seen = gallery([0] * OFTEN)
    rows = recognise(seen, {}, PeopleSettings()).memberships
    standing = {row.appearance: replace(row, person="P-000001") for row in rows}
    assert [one for one in audit(seen, standing, Reviewed(), PeopleSettings()) if one.kind == "mixed"] == []


def test_very_many_pieces_are_put_together_in_rounds() -> None:
    seen = gallery([0] * OFTEN)
    assert found(seen, Constraints(), np.arange(OFTEN)).max() == 0


@pytest.mark.parametrize("spread", [0.05, 0.25, 0.4])
def test_no_two_groups_are_more_alike_than_the_graph_lets_them_be(spread: float) -> None:
    cast = [0] * OFTEN + [1] * OFTEN + [2] * 40 + [3] * 3
    seen, calibration, bar = gallery(cast, spread), calibration_of(SPACE), needed_evidence(len(cast))
    dice = np.random.default_rng(3)
    rows = dice.permutation(len(cast))[:900]
    some = [*np.split(rows[:850], np.arange(50, 850, 50)), *rows[850:, None]]
    bounds = np.concatenate(list(at_most(log_odds(seen, calibration, bar), some, 7)))
    for (place, one), (beside, other) in combinations(enumerate(some), 2):
        assert all_pairs(seen, calibration, bar, one, other).mean() <= bounds[place, beside]


def test_the_graph_settles_that_people_are_two_whose_lists_are_not_full() -> None:
    cast = [0] * OFTEN + [1] * 50 + [2] * 50
    graph = log_odds(gallery(cast), calibration_of(SPACE), needed_evidence(len(cast)))
    bounds = np.concatenate(list(at_most(graph, [np.flatnonzero(np.array(cast) == who) for who in range(3)], 2)))
    assert bounds[~np.eye(3, dtype=bool)].max() == pytest.approx(UNLIKE + HAIR, abs=0.1)


def test_the_graph_leaves_open_whether_pieces_that_fill_their_own_lists_are_one() -> None:
    """What nobody looked at may be as alike as what is in the lists."""
    halves = np.repeat([0, 1], OFTEN // 2)
    graph = log_odds(gallery([0] * OFTEN), calibration_of(SPACE), needed_evidence(OFTEN))
    (bounds,) = at_most(graph, [np.flatnonzero(halves == half) for half in (0, 1)], 2)
    assert bounds[0, 1] > 0


def test_bounds_do_not_depend_on_how_many_groups_are_bounded_at_once() -> None:
    graph = log_odds(gallery([0] * OFTEN + [1] * 50), calibration_of(SPACE), needed_evidence(OFTEN))
    groups = np.array_split(np.random.default_rng(1).permutation(OFTEN + 50), 11)
    whole = np.concatenate(list(at_most(graph, groups, 11)))
    for block in (1, 4, 10, 100):
        assert np.array_equal(np.concatenate(list(at_most(graph, groups, block))), whole)
