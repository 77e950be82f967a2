"""Joining all mutual first choices at once gives what joining the surest pair first gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from crossid.people import UNLIKE, Constraints, dbscan
from crossid.people.agglomerative import TOGETHER, grown, pairs_of
from crossid.people.bonds import Bonds
from crossid.people.hybrid import HybridClusterer
from crossid.people.similarity import graph_of
from crossid.types import Neighbours

PENALTY = -4.0


def greedy(
    odds: np.ndarray, cannot: list[tuple[int, int]], together: list[tuple[int, int]], penalty: float = PENALTY
) -> set[frozenset[int]]:
    """Average linkage as the textbook has it: the surest pair joins, one at a time."""
    groups = [frozenset([row]) for row in range(len(odds))]
    while True:
        best, pair = 0.0, None
        for one in groups:
            for other in groups:
                if one is other or any((a in one and b in other) or (b in one and a in other) for a, b in cannot):
                    continue
                seen = sum((a in one and b in other) or (b in one and a in other) for a, b in together)
                mean = odds[np.ix_(sorted(one), sorted(other))].mean() + penalty * seen
                if mean > best + 1e-9:
                    best, pair = mean, (one, other)
        if pair is None:
            return set(groups)
        groups = [group for group in groups if group not in pair] + [pair[0] | pair[1]]


@settings(max_examples=60)
@given(size=st.integers(1, 14), seed=st.integers(0, 2**20), data=st.data())
def test_rounds_of_mutual_choices_are_average_linkage(size: int, seed: int, data: st.DataObject) -> None:
    pairs = st.lists(st.tuples(*[st.integers(0, size - 1)] * 2).filter(lambda pair: pair[0] != pair[1]), max_size=4)
    cannot, together = data.draw(pairs) if size > 1 else [], data.draw(pairs) if size > 1 else []
    together = list({tuple(sorted(pair)) for pair in together})
    odds = np.triu(np.random.default_rng(seed).normal(-1, 4, (size, size)), 1)
    odds = odds + odds.T
    held = np.where(odds > -3, odds, 0)  # what a graph leaves out counts as unlike
    dense = np.where(odds > -3, odds, UNLIKE)
    found = Bonds(csr_array(held), np.arange(size), pairs_of(cannot), pairs_of(together), PENALTY)
    found.grow()
    groups = {frozenset(np.flatnonzero(found.labels == label).tolist()) for label in range(found.count)}
    assert groups == greedy(dense, cannot, together)


@settings(max_examples=60)
@given(size=st.integers(1, 14), seed=st.integers(0, 2**20), entries=st.integers(1, 40), data=st.data())
def test_growing_down_to_one_height_after_the_other_and_in_blocks_is_average_linkage(
    size: int, seed: int, entries: int, data: st.DataObject
) -> None:
    pairs = st.lists(st.tuples(*[st.integers(0, size - 1)] * 2).filter(lambda pair: pair[0] != pair[1]), max_size=4)
    cannot, together = data.draw(pairs) if size > 1 else [], data.draw(pairs) if size > 1 else []
    together = list({tuple(sorted(pair)) for pair in together})
    odds = np.triu(np.random.default_rng(seed).normal(1, 5, (size, size)), 1)
    odds = odds + odds.T
    dense = np.where(odds > -3, odds, UNLIKE)
    constraints = Constraints(cannot=tuple(cannot), together=tuple(together))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dbscan, "ENTRIES", entries)
        labels = grown(csr_array(np.where(odds > -3, odds, 0)), constraints, np.arange(size))
    groups = {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}
    assert groups == greedy(dense, cannot, together, TOGETHER)


def test_one_moment_together_weighs_as_much_in_a_large_group() -> None:
    odds = np.full((20, 20), 3.0) - 3 * np.eye(20)
    halves = np.repeat([0, 1], 10)
    found = Bonds(csr_array(odds), halves, pairs_of(()), pairs_of([(0, 10)]), PENALTY)
    found.grow()
    assert found.count == 2


def test_how_much_is_looked_at_at_once_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    people = np.repeat(np.arange(8), 6)
    odds = np.where(np.equal.outer(people, people), 6.0, -6.0) + np.random.default_rng(2).normal(0, 3, (48, 48))
    graph = csr_array(np.triu(odds, 1) + np.triu(odds, 1).T)
    constraints = Constraints(cannot=((0, 1),), must=((6, 12),), together=((20, 30),))
    whole = HybridClusterer().cluster(graph, constraints)
    monkeypatch.setattr(dbscan, "ENTRIES", 5)
    assert np.array_equal(HybridClusterer().cluster(graph, constraints), whole)
    assert 7 <= len(set(whole.tolist())) <= 20


@pytest.mark.parametrize("entries", [1, 7, 1000])
def test_links_are_the_pairs_of_these_log_odds_and_more(entries: int, monkeypatch: pytest.MonkeyPatch) -> None:
    odds = np.random.default_rng(1).integers(-4, 5, (12, 12)) * (1 - np.eye(12, dtype=int))
    odds[3] = odds[:, 3] = 0  # a row without links
    dense = np.triu(odds, 1) + np.triu(odds, 1).T
    monkeypatch.setattr(dbscan, "ENTRIES", entries)
    found = dbscan.links(csr_array(dense.astype(np.float32)), 2.0)
    assert np.array_equal(found.toarray(), dense >= 2)
    once = dbscan.links(csr_array(dense.astype(np.float32)), 2.0, once=True)
    assert np.array_equal(once.toarray(), np.triu(dense >= 2))


def test_the_graph_holds_what_either_end_holds_in_order_and_takes_eight_bytes_a_pair() -> None:
    lists = Neighbours(
        mark="",
        marks=np.arange(4, dtype=np.uint64),
        counts=np.array([2, 0, 2, 1]),
        columns=np.array([2, 1, 1, 0, 2], np.int32),
        evidence=np.array([9, 4.5, 6, 9, -1], np.float32),
    )
    graph = graph_of(lists, 4.5)
    assert graph.toarray().tolist() == [[0, 0, 4.5, 0], [0, 0, 1.5, 0], [4.5, 1.5, 0, 0], [0, 0, 0, 0]]
    assert graph.nnz == 6  # the pair at the operating point is held, though it is zero
    assert graph.has_sorted_indices
    assert graph.indices.dtype == graph.indptr.dtype == np.int32
