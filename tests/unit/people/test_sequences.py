"""Two sets of views are as alike as the definitions say, and in whatever order they come."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import subspace_angles
from scipy.spatial.distance import directed_hausdorff

from crossid.errors import UnknownNameError
from crossid.people import LINKAGES
from crossid.people.sequences import _patches

NAMES = LINKAGES.names()


def views(seed: int, count: int, spread: float = 0.4, dimensions: int = 16) -> np.ndarray:
    random = np.random.default_rng(seed)
    rows = random.normal(0, 1, dimensions) + random.normal(0, spread, (count, dimensions))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def alike(name: str, one: np.ndarray, other: np.ndarray) -> float:
    return LINKAGES.load(name)(one, other)


@pytest.mark.parametrize("name", NAMES)
class TestLinkage:
    @settings(max_examples=25, deadline=None)
    @given(seed=st.integers(0, 2**20), sizes=st.tuples(st.integers(1, 12), st.integers(1, 12)))
    def test_order_does_not_matter(self, name: str, seed: int, sizes: tuple[int, int]) -> None:
        one, other = views(seed, sizes[0]), views(seed + 1, sizes[1])
        shuffled = np.random.default_rng(seed).permutation(one)
        found = alike(name, one, other)
        assert alike(name, other, one) == pytest.approx(found, abs=1e-5)
        assert alike(name, shuffled, other) == pytest.approx(found, abs=1e-5)

    def test_one_person_is_liker_than_two(self, name: str) -> None:
        whole, other = views(1, 16), views(2, 8)
        assert alike(name, whole[:8], whole[8:]) > alike(name, whole[:8], other)

    def test_two_single_views_rank_by_their_cosine(self, name: str) -> None:
        here = views(3, 1)
        others = [views(seed, 1) for seed in range(20)]
        others = [other for other in others if float(here[0] @ other[0]) > 0]
        by_cosine = sorted(others, key=lambda other: float(here[0] @ other[0]))
        values = [alike(name, here, other) for other in by_cosine]
        assert values == sorted(values)
        assert alike(name, here, here) == pytest.approx(1, abs=1e-5)

    def test_a_set_of_equal_views_is_a_single_view(self, name: str) -> None:
        one, other = views(1, 1), views(2, 1)
        assert alike(name, np.repeat(one, 9, 0), np.repeat(other, 3, 0)) == pytest.approx(alike(name, one, other))


def test_hausdorff_is_that_of_scipy() -> None:
    one, other = views(1, 7).astype(np.float64), views(2, 9).astype(np.float64)
    distance = max(directed_hausdorff(one, other)[0], directed_hausdorff(other, one)[0])
    assert alike("hausdorff", one, other) == pytest.approx(1 - distance**2 / 2)


def test_mean_is_the_mean_of_all_pairs() -> None:
    one, other = views(1, 7), views(2, 9)
    assert alike("mean", one, other) == pytest.approx(float((one @ other.T).mean()), abs=1e-6)


@pytest.mark.parametrize("name", ["medoid", "partial_hausdorff"])
def test_one_poisoned_view_changes_nothing(name: str) -> None:
    whole = views(1, 10, spread=0.1)
    poisoned = np.r_[whole[:4], views(9, 1)]
    clean = alike(name, whole[:5], whole[5:])
    assert alike(name, poisoned, whole[5:]) == pytest.approx(clean, abs=0.02)
    assert alike("hausdorff", poisoned, whole[5:]) < clean - 0.2


def test_patches_of_one_plane_have_the_principal_angles_of_scipy() -> None:
    random = np.random.default_rng(1)
    planes = [np.linalg.qr(random.normal(0, 1, (6, 2)))[0] for _ in range(2)]
    sets = [5 * np.eye(6)[0] + random.normal(0, 0.1, (40, 2)) @ plane.T for plane in planes]
    sets = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in sets]
    means = [rows.mean(axis=0) / np.linalg.norm(rows.mean(axis=0)) for rows in sets]
    centred = [np.linalg.svd(rows - rows.mean(axis=0))[2][:2].T for rows in sets]
    expected = 1 - (means[0] @ means[1]) ** 2 + (np.sin(subspace_angles(*centred)) ** 2).mean()
    assert alike("manifold", *sets) == pytest.approx(1 - expected / 2, abs=1e-3)


def test_a_curved_set_is_made_of_several_patches_and_a_straight_one_of_one() -> None:
    turn = np.linspace(0, 1.6 * np.pi, 60)
    curved = np.stack([np.cos(turn), np.sin(turn), np.zeros(60)], axis=1)
    straight = np.stack([np.cos(turn / 30), np.sin(turn / 30), np.zeros(60)], axis=1)
    assert len(_patches(straight)) == 1
    assert len(_patches(curved)) > 1
    assert sum(map(len, _patches(curved))) == 60


def test_an_unknown_linkage_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UnknownNameError) as refused:
        LINKAGES.load("hausdorf")
    assert "hausdorff" in refused.value.remedy
