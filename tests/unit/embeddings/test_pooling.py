"""A track's views become one direction, which leans on the good ones."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest

from crossid.embeddings import describe
from crossid.embeddings.pooling import pooled_quality
from crossid.types import Box, Crop, Face, Moment, Space, Track

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BOX = Box(left=0, top=0, right=60, bottom=60)
LANDMARKS = np.zeros((5, 2), np.float32)


class Corner:
    """Describes a crop by the colour of its first pixel: red, green and blue are the three directions."""

    def __init__(self, name: str = "corner") -> None:
        self.space = Space(name=name, dimensions=3, fingerprint="0" * 16)
        self.batches: list[int] = []

    def embed(self, crops: Sequence[Crop]) -> NDArray[np.float32]:
        self.batches.append(len(crops))
        colours = np.array([crop.portrait[0, 0] for crop in crops], np.float32).reshape(-1, 3)
        return colours / np.maximum(np.linalg.norm(colours, axis=1, keepdims=True), 1)


class Broken(Corner):
    """Has no number for anything."""

    def embed(self, crops: Sequence[Crop]) -> NDArray[np.float32]:
        return np.full((len(crops), 3), np.nan, np.float32)


def crop(colour: tuple[int, int, int], quality: float, pts: int = 0) -> Crop:
    moment = Moment(video="v" * 64, pts=pts, time_base=Fraction(1, 25))
    face = Face(
        id=f"{colour}{pts}",
        moment=moment,
        number=pts,
        box=BOX,
        landmarks=LANDMARKS,
        score=0.99,
        quality=quality,
        seen_by=("drawn",),
    )
    return Crop(face=face, portrait=np.full((8, 8, 3), colour, np.uint8), landmarks=LANDMARKS)


def track(name: str, *crops: Crop) -> Track:
    return Track(id=name, faces=tuple(crop.face for crop in crops), crops=tuple(crops))


RED, GREEN, BLACK = (200, 0, 0), (0, 200, 0), (0, 0, 0)


def test_the_vector_is_the_mean_direction_weighted_by_quality() -> None:
    (appearance,) = describe([track("t", crop(RED, 0.9), crop(GREEN, 0.3))], [Corner()])
    (embedding,) = appearance.embeddings
    np.testing.assert_allclose(embedding.vector, np.array([3, 1, 0]) / np.sqrt(10), atol=1e-6)
    np.testing.assert_allclose(embedding.views, [[1, 0, 0], [0, 1, 0]])
    np.testing.assert_allclose(embedding.weights, [0.9, 0.3], rtol=1e-6)
    assert {embedding.vector.dtype, embedding.views.dtype, embedding.weights.dtype} == {np.dtype(np.float32)}


def test_each_track_becomes_one_appearance_with_its_own_views() -> None:
    tracks = [track("a", crop(RED, 0.5)), track("b", crop(GREEN, 0.5), crop(GREEN, 0.7)), track("c", crop(RED, 0.2))]
    appearances = describe(tracks, [Corner()])
    assert [(each.id, each.video, each.faces) for each in appearances] == [
        (each.id, "v" * 64, each.faces) for each in tracks
    ]
    assert [[one.face for one in each.portraits] for each in appearances] == [
        [one.face for one in each.crops] for each in tracks
    ]
    assert [len(each.embeddings[0].views) for each in appearances] == [1, 2, 1]
    assert [int(each.embeddings[0].vector.argmax()) for each in appearances] == [0, 1, 0]


def test_the_crops_of_all_tracks_are_described_together() -> None:
    part = Corner()
    describe([track("a", crop(RED, 0.5)), track("b", crop(GREEN, 0.5), crop(GREEN, 0.7))], [part])
    assert part.batches == [3]


def test_there_is_one_embedding_per_space_in_the_order_of_the_parts() -> None:
    (appearance,) = describe([track("t", crop(RED, 0.5))], [Corner("first"), Corner("second")])
    assert [each.space.name for each in appearance.embeddings] == ["first", "second"]


def test_a_view_that_is_no_direction_is_left_out() -> None:
    (appearance,) = describe([track("t", crop(BLACK, 0.9), crop(GREEN, 0.4))], [Corner()])
    (embedding,) = appearance.embeddings
    np.testing.assert_allclose(embedding.vector, [0, 1, 0])
    assert embedding.views.shape == (1, 3)
    assert embedding.weights.shape == (1,)


def test_a_track_without_any_direction_has_no_embedding_there() -> None:
    (appearance,) = describe([track("t", crop(RED, 0.9))], [Broken("broken"), Corner()])
    assert [each.space.name for each in appearance.embeddings] == ["corner"]


def test_views_without_quality_still_make_a_direction() -> None:
    (appearance,) = describe([track("t", crop(RED, 0.0), crop(RED, 0.0))], [Corner()])
    np.testing.assert_allclose(appearance.embeddings[0].vector, [1, 0, 0])
    assert appearance.quality == 0


def test_no_tracks_make_no_appearances() -> None:
    assert describe([], [Corner()]) == []


def test_a_track_without_crops_has_no_embedding() -> None:
    (appearance,) = describe([Track(id="t", faces=(crop(RED, 0.5).face,), crops=())], [Corner()])
    assert appearance.embeddings == ()
    assert appearance.quality == 0


@pytest.mark.parametrize(
    ("qualities", "expected"),
    [
        ([], 0.0),
        ([0.0, 0.0], 0.0),
        ([0.8], 0.8),
        ([0.8, 0.1], 0.8),
        ([0.6, 0.6, 0.1, 0.0], 0.6),
        ([0.8, 0.4, 0.2], 2 / 3),
    ],
)
def test_quality_is_that_of_the_better_half(qualities: list[float], expected: float) -> None:
    assert pooled_quality(qualities) == pytest.approx(expected)
