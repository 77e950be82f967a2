"""Sketches say about how alike two vectors are."""

import numpy as np
import pytest

from crossid import sketches
from crossid.sketches import BITS, Estimates, sketched
from crossid.types import Sketches


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sketches, "WORTH", 10)
    monkeypatch.setattr(sketches, "BLOCK", 64)


def estimates(made: Sketches, vector: np.ndarray) -> np.ndarray:
    """Of all, in two parts."""
    some = Estimates(made, vector)
    return np.concatenate([some.of(slice(0, 33)), some.of(slice(33, None))])


def directions(size: int, dimensions: int, common: float = 2.0) -> np.ndarray:
    dice = np.random.default_rng(3)
    vectors = dice.normal(0, 1, (size, dimensions)) / np.sqrt(dimensions)
    vectors[1::2] = 0.7 * vectors[::2] + 0.7 * vectors[1::2]
    vectors[:, 0] += common
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("dimensions", [128, 512])
@pytest.mark.parametrize("common", [0.0, 2.0])
def test_a_cosine_is_estimated(dimensions: int, common: float) -> None:
    vectors = directions(300, dimensions, common)
    made = sketched(vectors.astype(np.float16))
    assert made.bits.shape == (BITS // 64, 300)
    for row in (0, 7, 299):
        error = estimates(made, vectors[row]) - vectors @ vectors[row]
        assert np.sqrt((error**2).mean()) < 0.075 / (1 + common)
        assert abs(error[row]) < 0.01


def test_likeness_is_told_from_chance() -> None:
    vectors = directions(300, 512)
    made = sketched(vectors.astype(np.float16))
    nearest = [np.argsort(-estimates(made, vectors[row]))[:2] for row in range(0, 300, 2)]
    assert all({*pair.tolist()} == {row, row + 1} for pair, row in zip(nearest, range(0, 300, 2), strict=True))


def test_few_vectors_have_no_sketches() -> None:
    assert len(sketched(directions(8, 128).astype(np.float16))) == 0
    assert len(sketched(np.empty((0, 128), np.float16))) == 0


def test_vectors_that_are_no_numbers_are_like_nobody_and_harm_nobody_else() -> None:
    vectors = directions(40, 128)
    vectors[5], vectors[6] = 0, np.nan
    found = estimates(sketched(vectors.astype(np.float16)), vectors[0])
    assert np.abs(found[:5] - vectors[:5] @ vectors[0]).max() < 0.2
    assert abs(found[6]) < 0.2
