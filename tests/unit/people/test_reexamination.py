"""What is left over joins its clear first choice, and nothing else."""

import numpy as np
from scipy.sparse import csr_array

from crossid.people.agglomerative import pairs_of, renumbered
from crossid.people.bonds import Bonds
from crossid.people.reexamination import COHORT, reexamine


def graph(size: int, *links: tuple[int, int, float]) -> csr_array:
    odds = np.zeros((size, size), np.float32)
    for one, other, value in links:
        odds[one, other] = odds[other, one] = value
    return csr_array(odds)


def together(
    links: list[tuple[int, int, float]], cannot: tuple[tuple[int, int], ...] = (), size: int = COHORT
) -> list[set[int]]:
    bonds = Bonds(graph(size, *links), np.arange(size), pairs_of(cannot), pairs_of(()), 0)
    reexamine(bonds)
    labels = bonds.labels
    return [set(np.flatnonzero(labels == label)) for label in range(labels.max() + 1) if (labels == label).sum() > 1]


def test_a_clear_first_choice_a_little_short_is_joined() -> None:
    assert together([(0, 1, -1.0)]) == [{0, 1}]


def test_far_too_little_is_too_little() -> None:
    assert together([(0, 1, -2.4)]) == [{0, 1}]
    assert together([(0, 1, -2.6)]) == []


def test_the_more_was_seen_of_both_the_less_may_they_fall_short() -> None:
    """Two who were seen twice and fall short by more than half of what one picture may are two people."""

    def joined(short: float) -> bool:
        links = [(one, other, short) for one in (0, 1) for other in (2, 3)]
        bonds = Bonds(graph(COHORT + 2, *links), np.r_[0, 0, 1, 1, 2:COHORT], pairs_of(()), pairs_of(()), 0)
        reexamine(bonds)
        return bool(bonds.labels[0] == bonds.labels[2])

    assert joined(-1.2)
    assert not joined(-1.3)


def test_who_resembles_others_as_well_is_left_alone() -> None:
    assert together([(0, 1, -1.0), (0, 2, -1.9)]) == []


def test_the_choice_must_be_mutual() -> None:
    assert together([(0, 1, -1.0), (1, 2, -0.5)]) == []


def test_rulings_are_obeyed() -> None:
    assert together([(0, 1, -1.0)], cannot=((1, 0),)) == []


def test_among_few_nobody_is_joined() -> None:
    assert together([(0, 1, -1.0)], size=COHORT - 1) == []


def test_no_links_at_all() -> None:
    assert together([]) == []


def test_groups_are_numbered_by_first_row() -> None:
    assert renumbered(np.array([5, 2, 5, 0])).tolist() == [0, 1, 0, 2]
