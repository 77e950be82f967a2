"""A fit finds the calibration that made the pairs, on one half of the people, and holds on the other."""

import dataclasses
from functools import cache

import numpy as np
import pytest

from crossid.people.calibration import Calibration, needed_evidence
from crossid.people.fitting import Sample, fit, is_fitted, pairs
from crossid.people.reliability import reliability

PEOPLE, PHOTOS, VERSIONS, DIMENSIONS = 40, 4, 2, 32


def sample(spread: float = 0.55, seed: int = 3) -> Sample:
    """People as directions, photographs near them; the poorer a picture, the farther from its person."""
    lot = np.random.default_rng(seed)
    centres = lot.normal(size=(PEOPLE, DIMENSIONS))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    rows = [(who, photo) for who in range(PEOPLE) for photo in range(PHOTOS) for _ in range(VERSIONS)]
    qualities = lot.uniform(0.2, 1, len(rows))
    noise = lot.normal(size=(len(rows), DIMENSIONS)) / np.sqrt(DIMENSIONS)
    vectors = np.stack([centres[who] for who, _ in rows]) + noise * (spread / qualities**0.5)[:, None]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Sample(
        names=np.array([f"person {who}" for who, _ in rows]),
        photos=np.array([f"person {who}/{photo}.jpg" for who, photo in rows]),
        vectors=vectors.astype(np.float32),
        qualities=qualities,
    )


@cache
def fitted() -> Calibration:
    return fit(sample(seed=3))


def test_every_pair_of_different_photographs_is_counted_once() -> None:
    seen = pairs(sample())
    pictures = PEOPLE * PHOTOS * VERSIONS
    of_one_photograph = PEOPLE * PHOTOS
    assert len(seen.same) == pictures * (pictures - 1) // 2 - of_one_photograph
    assert seen.same.sum() == PEOPLE * PHOTOS * (PHOTOS - 1) // 2 * VERSIONS**2


def test_of_too_many_pairs_those_of_one_person_are_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pairs(sample())
    monkeypatch.setattr("crossid.people.fitting.MOST_PAIRS", 5000)
    some = pairs(sample())
    assert some.same.sum() == whole.same.sum()
    assert 4000 < (~some.same).sum() < 6000


def test_evidence_is_calibrated_on_other_people() -> None:
    """At the prior that was fitted, of pairs said to be one person with probability p a share p is."""
    calibration, other = fitted(), pairs(sample(seed=4))
    odds = calibration.evidence(other.cosines, other.poorer) + np.log(0.01 / 0.99)
    said, weights = 1 / (1 + np.exp(-odds)), other.weights()
    for low, high in ((0.0, 0.1), (0.1, 0.9), (0.9, 1.0)):
        here = (said >= low) & (said <= high)
        assert np.average(said[here], weights=weights[here]) == pytest.approx(
            np.average(other.same[here], weights=weights[here]), abs=0.1
        )


def test_the_poorer_a_pair_the_less_its_cosine_says() -> None:
    calibration = fitted()
    ends = np.array([0.1, 0.9], np.float32)
    good = calibration.evidence(ends, np.full(2, 0.95, np.float32))
    poor = calibration.evidence(ends, np.full(2, 0.25, np.float32))
    assert poor[1] - poor[0] < good[1] - good[0]


def test_what_held_is_measured_on_the_others() -> None:
    held = reliability(fitted(), sample(seed=4))
    assert held.people == PEOPLE
    assert held.true_accepts[1e-2] > held.true_accepts[1e-3] > held.true_accepts[1e-4] > 0
    assert held.calibration_error < 0.1
    assert sum(each.count for each in held.bins) == 2 * held.pictures
    assert held.cost < 0.5


def test_strangers_who_reach_a_bar_are_counted() -> None:
    other = sample(seed=4)
    held, seen = reliability(fitted(), other), pairs(other)
    evidence = fitted().evidence(seen.cosines, seen.poorer)[~seen.same]
    assert held.strangers == len(evidence)
    assert held.reaching[4.5] == int(np.count_nonzero(evidence >= 4.5)) > 0
    assert {needed_evidence(10**power) for power in range(9)} <= set(held.reaching)


def test_a_calibration_that_promises_too_much_is_seen_to() -> None:
    sound, other = fitted(), sample(seed=4)
    bold = dataclasses.replace(sound, member_bias=sound.member_bias + 4)
    louder = dataclasses.replace(sound, bias=sound.bias + 6)
    assert reliability(bold, other).calibration_error > 2 * reliability(sound, other).calibration_error
    assert reliability(louder, other).cost > reliability(sound, other).cost


def test_halves_depend_on_the_name_alone() -> None:
    assert is_fitted("Abdullah") == is_fitted("Abdullah")
    share = np.mean([is_fitted(f"person {number}") for number in range(1000)])
    assert 0.4 < share < 0.6
