"""Nouns hold what they say."""

import pickle
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from crossid.errors import CrossidError, SpaceMismatchError, UnknownNameError
from crossid.registry import Registry
from crossid.types import Embedding, Moment, Space, content_id


def embedding(space: str, *numbers: float) -> Embedding:
    vector = np.array(numbers, np.float32)
    return Embedding(
        space=Space(name=space, dimensions=len(numbers), fingerprint="f"),
        vector=vector,
        views=vector[None],
        weights=np.ones(1, np.float32),
    )


def test_vectors_of_two_spaces_are_never_compared() -> None:
    assert embedding("a", 1, 0).cosine(embedding("a", 0.6, 0.8)) == pytest.approx(0.6)
    with pytest.raises(SpaceMismatchError) as caught:
        embedding("a", 1, 0).cosine(embedding("b", 1, 0))
    assert "--reembed" in caught.value.remedy


def test_time_is_exact() -> None:
    assert Moment(video="v", pts=3003, time_base=Fraction(1001, 30000)).seconds == pytest.approx(100.2001)


def test_ids_depend_on_content_alone() -> None:
    assert content_id("a", 1) == content_id("a", 1) != content_id("a1")
    assert content_id("ab", "c") != content_id("a", "bc")


def test_errors_keep_their_remedy_between_processes() -> None:
    error = pickle.loads(pickle.dumps(UnknownNameError("part", "mtcn", ["mtcnn"])))
    assert isinstance(error, UnknownNameError)
    assert (str(error), error.remedy, error.exit_code) == ("There is no part named 'mtcn'.", "Did you mean 'mtcnn'?", 2)
    assert pickle.loads(pickle.dumps(CrossidError("x", remedy="y"))).remedy == "y"


def test_a_registry_loads_by_name_and_proposes_the_nearest() -> None:
    registry = Registry("number", "crossid.nothing", {"fraction": "fractions:Fraction"})
    assert registry.load("fraction") is Fraction
    assert registry.names() == ["fraction"]
    with pytest.raises(UnknownNameError) as caught:
        registry.load("fracton")
    assert caught.value.remedy == "Did you mean 'fraction'?"


def test_another_package_adds_a_part_by_an_entry_point_and_cannot_shadow_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "foreign-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: foreign\nVersion: 1.0\n", encoding="utf-8")
    points = "[crossid.numbers]\ndecimal = decimal:Decimal\nfraction = decimal:Decimal\n"
    (info / "entry_points.txt").write_text(points, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    registry = Registry("number", "crossid.numbers", {"fraction": "fractions:Fraction"})
    assert registry.names() == ["decimal", "fraction"]
    assert registry.load("decimal").__name__ == "Decimal"
    assert registry.load("fraction") is Fraction
