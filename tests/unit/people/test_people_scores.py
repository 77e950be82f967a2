"""Figures of a grouping are those of their definitions, written down plainly, and of scikit-learn's."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, silhouette_samples
from sklearn.metrics.cluster import pair_confusion_matrix

from crossid.people.identification import EDGES, search_all
from crossid.people.scores import calibration_error, purity, score
from crossid.people.silhouette import of_people, person_silhouettes, silhouettes, structure, told
from crossid.types import Gallery, Space

groupings = st.lists(
    st.tuples(st.sampled_from(["P-1", "P-2", "P-3", None]), st.sampled_from("abc"), st.sampled_from(["v", "w"])),
    min_size=1,
    max_size=20,
)


def alone(people: list[str | None]) -> list[str]:
    return [f"nobody-{place}" if one is None else one for place, one in enumerate(people)]


@given(groupings)
def test_bcubed_is_the_mean_over_showings(rows: list[tuple[str | None, str, str]]) -> None:
    people, truth, videos = map(list, zip(*rows, strict=True))
    labels, every = alone(people), range(len(rows))
    precision = recall = 0.0
    for one in every:
        mates = [other for other in every if labels[other] == labels[one]]
        kin = [other for other in every if truth[other] == truth[one]]
        both = len(set(mates) & set(kin))
        precision += both / len(mates) / len(rows)
        recall += both / len(kin) / len(rows)
    found = score(people, truth, videos)
    assert (found.bcubed_p, found.bcubed_r) == pytest.approx((precision, recall))


@given(groupings)
def test_pairs_and_links_are_counted_one_by_one(rows: list[tuple[str | None, str, str]]) -> None:
    people, truth, videos = map(list, zip(*rows, strict=True))
    labels, found = alone(people), score(people, truth, videos)
    for shares, pairs in (
        ((found.pair_p, found.pair_r), list(combinations(range(len(rows)), 2))),
        (
            (found.link_p, found.link_r),
            [(a, b) for a, b in combinations(range(len(rows)), 2) if videos[a] != videos[b]],
        ),
    ):
        said = {(a, b) for a, b in pairs if labels[a] == labels[b]}
        due = {(a, b) for a, b in pairs if truth[a] == truth[b]}
        right = len(said & due)
        assert shares == pytest.approx((right / len(said) if said else 1, right / len(due) if due else 1))


@given(groupings)
def test_nmi_ari_purity_and_pairs_are_those_of_scikit_learn(rows: list[tuple[str | None, str, str]]) -> None:
    people, truth, videos = map(list, zip(*rows, strict=True))
    labels, found = alone(people), score(people, truth, videos)
    if len(rows) == 1:
        assert (found.nmi, found.ari) == (None, None)
        return
    assert found.nmi == pytest.approx(normalized_mutual_info_score(truth, labels))
    assert found.ari == pytest.approx(adjusted_rand_score(truth, labels))
    (_, false), (missed, right) = pair_confusion_matrix(truth, labels)
    assert found.pair_p == pytest.approx(right / (right + false) if right + false else 1)
    assert found.pair_r == pytest.approx(right / (right + missed) if right + missed else 1)
    most = [
        max(Counter(t for t, one in zip(truth, labels, strict=True) if one == label).values()) for label in set(labels)
    ]
    assert purity(labels, truth) == pytest.approx(sum(most) / len(rows))


def test_who_is_mixed_and_who_is_split_is_counted_and_nobody_is_neither() -> None:
    found = score(["P-1", "P-1", "P-2", None, None], ["a", "b", "a", "c", "c"], ["v"] * 5)
    assert (found.mixed, found.split, found.persons, found.identities) == (1, 1, 2, 3)


def test_calibration_error_is_zero_for_what_holds_and_the_gap_for_what_does_not() -> None:
    right = np.array([True] * 9 + [False])
    assert calibration_error(np.full(10, 0.9), right) == pytest.approx(0)
    assert calibration_error(np.full(10, 1.0), right) == pytest.approx(0.1)
    assert calibration_error(np.empty(0), np.empty(0, bool)) is None


def people_in_space(seed: int, size: int = 40) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 6, size)
    vectors = random.normal(0, 1, (6, 8))[labels] + random.normal(0, 0.8, (size, 8))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), labels


@pytest.mark.parametrize("seed", range(5))
def test_silhouettes_are_those_of_scikit_learn(seed: int) -> None:
    vectors, labels = people_in_space(seed)
    labels[0] = 99  # somebody who is alone
    found = silhouettes(vectors, labels)
    np.testing.assert_allclose(found, silhouette_samples(vectors, labels, metric="cosine"), atol=1e-6)
    means = person_silhouettes(found, labels)
    assert means[1] == pytest.approx(found[labels == 1].mean())
    assert means[99] == 0


def test_nobody_has_no_silhouette_and_changes_nobody_elses() -> None:
    vectors, labels = people_in_space(1)
    stray = np.r_[labels, -1]
    found = silhouettes(np.r_[vectors, vectors[:1]], stray)
    assert np.isnan(found[-1])
    np.testing.assert_allclose(found[:-1], silhouettes(vectors, labels))
    assert np.isnan(silhouettes(vectors, np.zeros(len(vectors), np.int64))).all()
    assert person_silhouettes(found, np.full(len(stray), -1)) == {}


def test_the_silhouette_of_people_leaves_out_nobody_and_those_seen_once() -> None:
    vectors, labels = people_in_space(2)
    people = [f"P-{label}" for label in labels[:-2]] + ["P-alone", ""]
    known = np.array([*labels[:-2], 99, -1])
    expected = person_silhouettes(silhouettes(vectors, known), known)
    assert of_people(vectors, people) == {f"P-{label}": expected[label] for label in range(6)}
    assert of_people(vectors, [""] * len(people)) == {}


def test_the_word_for_a_silhouette_is_that_of_the_figure_shown() -> None:
    assert [told(value) for value in (0.504, 0.506, -0.1)] == ["0.50 (weak)", "0.51 (reasonable)", "-0.10 (none)"]


def test_a_silhouette_is_called_by_the_table_of_kaufman_and_rousseeuw() -> None:
    assert [structure(value) for value in (0.71, 0.7, 0.5, 0.26, 0.25, -1)] == [
        "strong",
        "reasonable",
        "weak",
        "weak",
        "none",
        "none",
    ]


def searched(cosines_to: list[tuple[float, str, str]]) -> object:
    """Appearances in a plane, at an angle whose cosine to the first axis is given."""
    angles = np.array([(cosine, np.sqrt(1 - cosine**2)) for cosine, _, _ in cosines_to], np.float32)
    size = len(angles)
    gallery = Gallery(
        space=Space(name="plane", dimensions=2, fingerprint="0" * 16),
        ids=tuple(map(str, range(size))),
        videos=tuple(video for _, _, video in cosines_to),
        starts=np.zeros(size),
        ends=np.ones(size),
        qualities=np.ones(size),
        vectors=angles,
        boxes=tuple(np.zeros((0, 5), np.float32) for _ in angles),
    )
    return search_all(gallery, lambda cosines, _: cosines, [who or None for _, who, _ in cosines_to])


def test_a_search_leaves_out_its_own_video_and_those_whom_nobody_knows() -> None:
    found = searched([(1.0, "a", "v"), (0.99, "a", "v"), (0.8, "a", "w"), (0.6, "b", "w"), (1.0, "", "w")])
    assert len(found.mates) == 3  # each of a's three appearances has one in the other video
    assert found.mates.max() == pytest.approx(0.8 * 0.99 + np.sqrt((1 - 0.99**2) * (1 - 0.8**2)), abs=1e-5)
    assert len(found.strangers) == 3  # the one in w sees no stranger in v
    assert (int(found.same.sum()), int(found.different.sum()), len(EDGES)) == (2, 2, 201)


def test_misses_at_a_rate_of_false_positives_are_those_below_the_bar_that_it_allows() -> None:
    found = searched([(1.0, "a", "v"), (0.9, "a", "w"), (0.5, "b", "v"), (0.4, "b", "w"), (0.0, "c", "x")])
    bar = np.sort(found.strangers)[::-1][1]
    assert found.fnir(0.2) == pytest.approx((found.mates <= bar).mean())
    assert found.fnir(0.1) is None, "five searches cannot tell one in ten"
    fpir, fnir = found.curve()
    assert ((np.diff(fpir) <= 0) & (np.diff(fnir) >= 0)).all()


def test_without_mates_there_is_no_curve() -> None:
    found = searched([(1.0, "a", "v"), (0.5, "b", "w")])
    assert found.fnir(0.5) is None
    assert all(len(rates) == 0 for rates in found.curve())
