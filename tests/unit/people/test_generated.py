"""Made-up embeddings overlap as they are meant to, and rivals do what their names say."""

import numpy as np
import pytest

from benchmarks.elsewhere import incremental, rivals
from benchmarks.generator import Recipe, generate


def cosines(who: np.ndarray, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    upper = np.triu_indices(len(who), 1)
    values = (vectors @ vectors.T)[upper]
    same = (who[:, None] == who[None, :])[upper]
    return values[same], values[~same]


def test_the_same_seed_makes_the_same_and_another_seed_something_else() -> None:
    one, who = generate(300, 1)
    again, same = generate(300, 1)
    other, _ = generate(300, 2)
    assert np.array_equal(one.vectors, again.vectors)
    assert np.array_equal(who, same)
    assert not np.array_equal(one.vectors, other.vectors)
    assert len(one) == len(who) == len(set(one.ids)) == 300
    np.testing.assert_allclose(np.linalg.norm(one.vectors, axis=1), 1, atol=1e-5)
    assert list(zip(one.videos, one.starts, strict=True)) == sorted(zip(one.videos, one.starts, strict=True))


def test_classes_overlap_but_most_pairs_are_told_apart() -> None:
    gallery, who = generate(1500, 3)
    same, different = cosines(who, gallery.vectors)
    assert same.min() < np.quantile(different, 0.999)
    assert 0.6 < (same > np.quantile(different, 0.999)).mean() < 0.99


@pytest.mark.parametrize("what", ["pose", "age", "noise"])
def test_what_moves_a_face_makes_one_person_less_alike(what: str) -> None:
    calm = {"pose": 0.0, "age": 0.0, "noise": 0.0}
    still, who = generate(400, 4, Recipe(**calm))
    moved, _ = generate(400, 4, Recipe(**(calm | {what: 0.6})))
    assert cosines(who, moved.vectors)[0].mean() < cosines(who, still.vectors)[0].mean() - 0.01


def test_twins_and_hubs_are_liker_to_strangers_than_others_are() -> None:
    plain, who = generate(600, 5, Recipe(twins=0.0, hubs=0.0))
    twins, theirs = generate(600, 5, Recipe(twins=0.5, hubs=0.0))
    hubs, whose = generate(600, 5, Recipe(twins=0.0, hubs=1.0))
    usual = cosines(who, plain.vectors)[1]
    assert np.quantile(cosines(theirs, twins.vectors)[1], 0.999) > np.quantile(usual, 0.999) + 0.02
    assert cosines(whose, hubs.vectors)[1].mean() > usual.mean() + 0.02


def test_every_rival_tells_clear_people_apart_with_some_of_its_parameters() -> None:
    pytest.importorskip("hdbscan", reason="needs the extra 'rivals'", exc_type=ImportError)
    random = np.random.default_rng(1)
    who = np.repeat(np.arange(8), 6)
    vectors = random.normal(0, 1, (8, 32))[who] + random.normal(0, 0.1, (48, 32))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    for name, named in rivals(vectors).items():
        tried = (rival(vectors) for _, rival in (named[::3] if len(named) > 9 else named))
        assert any(_is_right(labels, who, split=name == "FINCH") for labels in tried), name


def test_an_incremental_rival_depends_on_the_order_of_arrival() -> None:
    """A face between two people joins whom it meets; enough neighbours make a person, and the rest wait."""
    turn = np.radians([0, 10, 20, 30, 40, 90])
    vectors = np.stack([np.cos(turn), np.sin(turn)], axis=1).astype(np.float32)
    near = float(1 - np.cos(np.radians(11)))
    assert incremental(vectors, distance=near, least=2).tolist() == [0, 0, 0, 0, 0, -1]
    assert incremental(vectors, distance=near, least=1).tolist() == [0, 0, 0, 0, 0, 1]


def _is_right(labels: np.ndarray, who: np.ndarray, *, split: bool) -> bool:
    """Whether nobody is left out or mixed, and nobody split unless `split` lets them (FINCH has few levels)."""
    ours, true = np.equal.outer(labels, labels), np.equal.outer(who, who)
    fewer = len(set(labels.tolist())) < len(labels)
    return bool(labels.min() >= 0 and fewer and not (ours & ~true).any() and (split or (ours == true).all()))
