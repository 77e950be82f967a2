"""Clusterers beside the default: what each sees in graphs that are made to tell them apart."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.cluster import spectral_clustering

from crossid.people import UNLIKE, Constraints
from crossid.people.density import DbscanClusterer, shared_links
from crossid.people.kmeans import KMeansClusterer
from crossid.people.spectral import DENSE, SpectralClusterer, between, halves


def two_groups(one: int, other: int, *, within: float = 4.0, across: float = -4.0, seed: int = 1) -> csr_array:
    random = np.random.default_rng(seed)
    who = np.r_[np.zeros(one), np.ones(other)]
    odds = np.where(np.equal.outer(who, who), within, across) + random.normal(0, 2.0, (one + other, one + other))
    odds = np.triu(odds, 1)
    return csr_array((odds + odds.T).astype(np.float32))


@pytest.mark.parametrize(("one", "other"), [(3, 12), (20, 25), (DENSE, 60)])
def test_the_halves_of_a_group_are_its_two_people(one: int, other: int) -> None:
    graph = two_groups(one, other)
    half = halves(graph)
    small = np.arange(one + other) < one if one <= other else np.arange(one + other) >= one
    assert (half == small).all()
    assert between(graph, half) == pytest.approx(-4, abs=0.5)


def test_halves_are_those_of_scikit_learn() -> None:
    graph = two_groups(9, 12, within=2.0, across=-2.0, seed=3)
    theirs = spectral_clustering(1 / (1 + np.exp(-graph.toarray())), n_clusters=2, random_state=0)
    ours = halves(graph)
    assert (theirs == theirs[0]).tolist() in ((ours == ours[0]).tolist(), (ours != ours[0]).tolist())


def test_a_group_of_two_has_two_halves() -> None:
    assert halves(csr_array(np.array([[0, 3.0], [3.0, 0]], np.float32))).sum() == 1
    assert halves(csr_array((2, 2), dtype=np.float32)).sum() == 1


def test_pairs_that_the_graph_does_not_hold_count_as_unlike() -> None:
    graph = csr_array(np.array([[0, 3.0, 0], [3.0, 0, 0], [0, 0, 0]], np.float32))
    assert between(graph, np.array([True, False, False])) == pytest.approx((3 + UNLIKE) / 2)


def test_a_link_counts_only_between_those_who_share_neighbours() -> None:
    odds = two_groups(6, 6).toarray()
    odds = np.where(np.abs(odds) > 0, np.where(odds > 0, 4.0, -4.0), 0)
    odds[:6, :6], odds[6:, 6:], odds[:6, 6:], odds[6:, :6] = 4.0, 4.0, -4.0, -4.0
    odds[0, 6] = odds[6, 0] = 9.0
    np.fill_diagonal(odds, 0)
    kept = shared_links(csr_array(odds.astype(np.float32))).toarray()
    assert kept[0, 6] == 0
    assert np.count_nonzero(kept) == 2 * 6 * 5


@pytest.mark.parametrize("part", [DbscanClusterer, KMeansClusterer, SpectralClusterer])
def test_must_links_are_one_before_anything_is_grouped(part: type) -> None:
    """Two people whom a reviewer made one draw along all who resemble either of the linked appearances."""
    graph = two_groups(1, 6, within=6.0, across=-6.0)
    labels = part().cluster(graph, Constraints(must=((0, 1),)))
    assert labels[0] == labels[1]


@pytest.mark.parametrize("part", [DbscanClusterer, KMeansClusterer, SpectralClusterer])
def test_a_group_that_a_cannot_link_tears_is_divided_and_all_others_stay(part: type) -> None:
    odds = np.full((9, 9), -6.0)
    odds[:5, :5] = odds[5:, 5:] = 5.0
    odds[0, 1:5] = odds[1:5, 0] = [5.5, 5.4, 4.9, 4.8]
    np.fill_diagonal(odds, 0)
    labels = part().cluster(csr_array(odds.astype(np.float32)), Constraints(cannot=((0, 4),)))
    assert labels[0] != labels[4]
    assert len(set(labels[5:])) == 1
    assert set(labels[:5]) & set(labels[5:]) == set()


def test_somebody_who_resembles_the_rest_less_than_the_operating_point_leaves() -> None:
    odds = np.full((5, 5), 4.0)
    odds[4, :] = odds[:, 4] = [1.0, 1.0, -6.0, -6.0, 0]
    np.fill_diagonal(odds, 0)
    labels = KMeansClusterer().cluster(csr_array(odds.astype(np.float32)), Constraints())
    assert labels.tolist() == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("seed", range(4))
def test_pieces_with_several_centres_are_told_apart_in_whatever_order(seed: int) -> None:
    """A chain in which everybody resembles their neighbours: one piece, with several peaks of density."""
    random = np.random.default_rng(seed)
    far = np.abs(np.subtract.outer(np.arange(24), np.arange(24)))
    odds = np.where(far <= 4, 4.0, -4.0)
    noise = np.triu(random.normal(0, 1, odds.shape), 1)
    odds = odds + noise + noise.T
    np.fill_diagonal(odds, 0)
    order = random.permutation(24)
    straight = KMeansClusterer().cluster(csr_array(odds.astype(np.float32)), Constraints())
    shuffled = KMeansClusterer().cluster(csr_array(odds[order][:, order].astype(np.float32)), Constraints())
    back = np.empty_like(shuffled)
    back[order] = shuffled
    assert straight[0] != straight[23]
    assert np.array_equal(np.equal.outer(back, back), np.equal.outer(straight, straight))


@pytest.mark.parametrize("part", [DbscanClusterer, KMeansClusterer, SpectralClusterer])
def test_two_seen_side_by_side_are_not_left_in_one_group(part: type) -> None:
    odds = np.full((6, 6), 3.0)
    np.fill_diagonal(odds, 0)
    labels = part().cluster(csr_array(odds.astype(np.float32)), Constraints(together=((0, 1),)))
    assert labels[0] != labels[1]
