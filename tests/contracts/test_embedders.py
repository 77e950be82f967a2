"""What every embedder must do; a part is tested by being named in the registry."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image as Pictures

from crossid.embeddings import EMBEDDERS, Embedder, EmbeddingSettings
from crossid.errors import ModelError
from crossid.faces import FaceSettings, detector, find
from crossid.types import Crop, Decision, Frame, Moment

if TYPE_CHECKING:
    from pathlib import Path

    from crossid.types import Image


def frame(image: Image) -> Frame:
    moment = Moment(video="v" * 64, pts=0, time_base=Fraction(1, 25))
    return Frame(decision=Decision(moment=moment, number=0, reason="first", motion=0, brightness=0.5), image=image)


@pytest.fixture(scope="module")
def crops(six_people: Path) -> list[Crop]:
    """The faces of six people, then the same faces from a smaller, darker copy of the picture."""
    group = np.asarray(Pictures.open(six_people).convert("RGB"))
    smaller = (cv2.resize(group, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA) * 0.8).astype(np.uint8)
    settings = FaceSettings()
    first, again = find([frame(group), frame(smaller)], detector(settings), settings)
    return [crop for found in (first, again) for crop in sorted(found, key=lambda crop: crop.face.box.left)]


@pytest.fixture(scope="module", params=EMBEDDERS.names())
def part(request: pytest.FixtureRequest, models_here: None) -> Embedder:
    try:
        return EMBEDDERS.load(request.param)(EmbeddingSettings(embedders=(request.param,)))
    except ModelError as refusal:
        if not re.search("are not there|did not come", str(refusal)):
            raise
        return pytest.skip(str(refusal))


def test_vectors_are_unit_vectors_of_its_space_row_by_row(part: Embedder, crops: list[Crop]) -> None:
    vectors = part.embed(crops)
    assert vectors.shape == (len(crops), part.space.dimensions)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_crops_make_no_vectors(part: Embedder) -> None:
    assert part.embed([]).shape == (0, part.space.dimensions)
    assert part.embed([]).dtype == np.float32


def test_the_size_of_a_batch_cannot_change_a_vector(part: Embedder, crops: list[Crop]) -> None:
    together = part.embed(crops)
    np.testing.assert_allclose(np.vstack([part.embed([crop]) for crop in crops]), together, atol=1e-5)
    small = EMBEDDERS.load(part.space.name)(EmbeddingSettings(embedders=(part.space.name,), batch=5))
    np.testing.assert_allclose(small.embed(crops), together, atol=1e-5)


def test_a_person_is_nearest_to_the_same_person(part: Embedder, crops: list[Crop]) -> None:
    assert len(crops) == 12
    vectors = part.embed(crops)
    nearest = (vectors[:6] @ vectors[6:].T).argmax(axis=1)
    assert nearest.tolist() == list(range(6))


def test_the_space_is_an_address(part: Embedder) -> None:
    again = EMBEDDERS.load(part.space.name)(EmbeddingSettings(embedders=(part.space.name,), batch=3))
    assert part.space == again.space
    assert re.fullmatch(r"[0-9a-f]{16}", part.space.fingerprint)
    assert part.space.name in EMBEDDERS.names()


@pytest.mark.parametrize("tone", [0, 255])
def test_a_portrait_that_shows_nothing_is_survived(part: Embedder, crops: list[Crop], tone: int) -> None:
    blank = replace(crops[0], portrait=np.full_like(crops[0].portrait, tone))
    assert part.embed([blank]).shape == (1, part.space.dimensions)


def test_landmarks_in_one_point_are_survived(part: Embedder, crops: list[Crop]) -> None:
    odd = replace(crops[0], landmarks=np.full((5, 2), 20, np.float32))
    assert part.embed([odd]).shape == (1, part.space.dimensions)


def test_portraits_are_not_changed(part: Embedder, crops: list[Crop]) -> None:
    before = crops[0].portrait.copy()
    part.embed(crops[:1])
    np.testing.assert_array_equal(crops[0].portrait, before)
