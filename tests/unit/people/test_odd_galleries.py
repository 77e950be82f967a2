"""Whatever the vectors hold, everybody gets an answer, and nobody suffers for what one row holds."""

from dataclasses import replace

import numpy as np
import pytest

from crossid.errors import SettingsError
from crossid.people import CLUSTERERS, PeopleSettings, recognise
from crossid.types import Gallery, Reviewed, Space

PARTS = CLUSTERERS.names()
CAST = [0, 0, 0, 1, 1, 1]


def gallery(people: list[int]) -> Gallery:
    """Appearances near their person's direction, one to a video; people are apart as dlib's are."""
    dice = np.random.default_rng(4)
    centres = 0.9 / np.sqrt(128) + dice.normal(0, 0.42 / np.sqrt(128), (max(people) + 1, 128))
    vectors = centres[people] + dice.normal(0, 0.1 / np.sqrt(128), (len(people), 128))
    size = len(people)
    return Gallery(
        space=Space(name="dlib_resnet", dimensions=128, fingerprint="0" * 16),
        ids=tuple(f"a{place}" for place in range(size)),
        videos=tuple(f"v{place:04}" for place in range(size)),
        starts=np.zeros(size),
        ends=np.ones(size),
        qualities=np.full(size, 0.9),
        vectors=(vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32),
        boxes=tuple(np.array([[0, 0, 0, 50, 50]], np.float32) for _ in range(size)),
    )


def people(seen: Gallery, name: str) -> list[str | None]:
    return [row.person for row in recognise(seen, {}, PeopleSettings(clusterer=name)).memberships]


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_what_is_no_vector_is_like_nobody_and_leaves_the_others_as_they_are(name: str, value: float) -> None:
    seen = gallery(CAST)
    vectors = seen.vectors.copy()
    vectors[0] = value
    found = people(replace(seen, vectors=vectors), name)
    assert found[1] == found[2] != found[3] == found[4] == found[5]
    assert found.count(found[0]) == 1


@pytest.mark.parametrize("name", PARTS)
def test_nothing_but_what_is_no_vector_is_nobody_else(name: str) -> None:
    seen = gallery(CAST)
    assert len(set(people(replace(seen, vectors=np.full_like(seen.vectors, np.nan)), name))) == len(CAST)


@pytest.mark.parametrize("name", PARTS)
def test_all_identical_are_one_and_all_unlike_are_as_many_as_there_are(name: str) -> None:
    seen = gallery([0] * 40)
    one = replace(seen, vectors=np.repeat(seen.vectors[:1], 40, axis=0))
    apart = np.eye(40, 128, dtype=np.float32)
    assert len(set(people(one, name))) == 1
    assert len(set(people(replace(seen, vectors=apart), name))) == 40


@pytest.mark.parametrize("name", PARTS)
def test_one_appearance_is_one_person(name: str) -> None:
    assert people(gallery([0]), name) == ["new-0"]


def test_a_ruling_on_what_is_no_vector_does_not_make_the_rest_of_the_person_sure() -> None:
    seen = gallery([0, 0, 1])
    vectors = seen.vectors.copy()
    vectors[1] = np.nan
    ruled = Reviewed(anchored=dict.fromkeys(seen.ids, "P-000001"))
    chances = [
        row.probability for row in recognise(replace(seen, vectors=vectors), {}, PeopleSettings(), ruled).memberships
    ]
    assert all(chance is not None and chance < 0.5 for chance in chances)


def test_rulings_that_contradict_each_other_are_named() -> None:
    ruled = Reviewed(anchored={"a0": "P-000001", "a1": "P-000001"}, barred=frozenset({("a1", "P-000001")}))
    with pytest.raises(SettingsError, match="Appearance a1 is ruled to be P-000001, and not to be P-000001") as error:
        recognise(gallery(CAST), {}, PeopleSettings(), ruled)
    assert "crossid undo" in error.value.remedy
