"""Every clusterer keeps the contract: a part is tested by being named in the registry."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from crossid.errors import SettingsError
from crossid.people import CLUSTERERS, Constraints

PARTS = CLUSTERERS.names()


def graph_of(people: list[int], seed: int, *, noise: float = 1.5) -> csr_array:
    """Log-odds in which people stand out: about 6 within, about -6 between."""
    random = np.random.default_rng(seed)
    same = np.equal.outer(people, people)
    odds = np.where(same, 6.0, -6.0) + random.normal(0, noise, same.shape)
    odds = np.triu(odds, 1)
    return csr_array((odds + odds.T).astype(np.float32))


def groups(labels: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}


castings = st.lists(st.integers(0, 5), min_size=1, max_size=25)


@pytest.mark.parametrize("name", PARTS)
class TestClusterer:
    def test_clear_people_are_told_apart(self, name: str) -> None:
        cast = [0, 1, 0, 2, 1, 0, 2, 2, 1, 0, 3]
        labels = CLUSTERERS.load(name)().cluster(graph_of(cast, 1), Constraints())
        assert groups(labels) == groups(np.array(cast))

    @settings(max_examples=40)
    @given(cast=castings, seed=st.integers(0, 2**20))
    def test_the_order_of_input_does_not_matter(self, name: str, cast: list[int], seed: int) -> None:
        graph = graph_of(cast, seed, noise=6)
        order = np.random.default_rng(seed).permutation(len(cast))
        straight = CLUSTERERS.load(name)().cluster(graph, Constraints())
        shuffled = CLUSTERERS.load(name)().cluster(csr_array(graph[order][:, order]), Constraints())
        back = np.empty_like(shuffled)
        back[order] = shuffled
        assert groups(back) == groups(straight)

    @settings(max_examples=40)
    @given(cast=castings, seed=st.integers(0, 2**20), data=st.data())
    def test_constraints_are_obeyed(self, name: str, cast: list[int], seed: int, data: st.DataObject) -> None:
        truth = data.draw(st.lists(st.integers(0, 3), min_size=len(cast), max_size=len(cast)))
        pairs = data.draw(st.lists(st.tuples(*[st.integers(0, len(cast) - 1)] * 2), max_size=8))
        must = tuple((a, b) for a, b in pairs if a != b and truth[a] == truth[b])
        cannot = tuple((a, b) for a, b in pairs if truth[a] != truth[b])
        labels = CLUSTERERS.load(name)().cluster(graph_of(cast, seed), Constraints(must=must, cannot=cannot))
        assert all(labels[a] == labels[b] for a, b in must)
        assert all(labels[a] != labels[b] for a, b in cannot)

    def test_contradicting_rulings_are_refused(self, name: str) -> None:
        with pytest.raises(SettingsError, match="ruled to be one person, and to be two"):
            CLUSTERERS.load(name)().cluster(
                graph_of([0, 0, 0], 1), Constraints(must=((0, 1), (1, 2)), cannot=((0, 2),))
            )

    def test_no_appearances_are_no_people(self, name: str) -> None:
        assert CLUSTERERS.load(name)().cluster(csr_array((0, 0), dtype=np.float32), Constraints()).shape == (0,)

    def test_one_look_alike_does_not_chain_two_people(self, name: str) -> None:
        cast = [0] * 6 + [1] * 6
        odds = graph_of(cast, 3).toarray()
        odds[0, 6] = odds[6, 0] = 5.0
        labels = CLUSTERERS.load(name)().cluster(csr_array(odds), Constraints())
        assert groups(labels) == groups(np.array(cast))
