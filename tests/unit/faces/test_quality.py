"""The worse a face can be recognised, the lower its quality."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pictures

from crossid.faces.quality import aspects, quality

if TYPE_CHECKING:
    from crossid.types import Image

# Eyes, nose and mouth of the astronaut, in pixels of the portrait that `face` cuts.
LANDMARKS = np.array([[73, 81], [116, 83.5], [93, 107], [72, 119], [118, 120]], np.float32)


@pytest.fixture(scope="module")
def face(astronaut: Path) -> Image:
    return np.asarray(Pictures.open(astronaut).convert("RGB"))[20:220, 130:330]


def blurred(face: Image, sigma: float) -> Image:
    return cv2.GaussianBlur(face, (0, 0), sigma)


def darkened(face: Image, light: float) -> Image:
    return (face.astype(np.float32) * light).astype(np.uint8)


def brightened(face: Image, light: float) -> Image:
    return np.clip(face.astype(np.float32) * light, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("degrade", "steps"),
    [(blurred, (1.5, 2.5, 4, 6)), (darkened, (0.4, 0.2, 0.1, 0.05)), (brightened, (1.6, 2.2, 3, 5))],
)
def test_quality_falls_as_a_face_is_degraded(
    face: Image, degrade: Callable[[Image, float], Image], steps: tuple[float, ...]
) -> None:
    qualities = [quality(face, LANDMARKS), *(quality(degrade(face, step), LANDMARKS) for step in steps)]
    assert all(better > worse for better, worse in pairwise(qualities))
    assert qualities[0] > 0.8
    assert qualities[-1] < 0.6


def test_quality_falls_as_a_face_gets_smaller(face: Image) -> None:
    sides = (200, 120, 70, 40, 24)
    shrunk = [cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA) for side in sides]
    qualities = [quality(small, LANDMARKS * len(small) / 200) for small in shrunk]
    assert all(better > worse for better, worse in pairwise(qualities))


def test_a_portrait_that_was_scaled_down_counts_with_its_size_in_the_frame(face: Image) -> None:
    half = cv2.resize(face, (40, 40), interpolation=cv2.INTER_AREA)
    as_it_is, as_it_was = (aspects(half, LANDMARKS / 5, frame_px=scale).size for scale in (1.0, 5.0))
    assert as_it_was > as_it_is
    assert as_it_was == pytest.approx(aspects(face, LANDMARKS).size)


def test_sharpness_does_not_depend_on_contrast_or_on_noise(face: Image) -> None:
    pale = (face * 0.4 + 80).astype(np.uint8)
    grainy = np.clip(face + np.random.default_rng(0).normal(0, 12, face.shape), 0, 255).astype(np.uint8)
    soft = blurred(face, 4)
    grainy_and_soft = np.clip(soft + np.random.default_rng(0).normal(0, 12, face.shape), 0, 255).astype(np.uint8)
    assert aspects(pale, LANDMARKS).sharpness == pytest.approx(aspects(face, LANDMARKS).sharpness, abs=0.1)
    assert aspects(grainy, LANDMARKS).sharpness == pytest.approx(aspects(face, LANDMARKS).sharpness, abs=0.1)
    assert aspects(grainy_and_soft, LANDMARKS).sharpness < 0.8


def turned(landmarks: NDArray[np.float32], aside: float, under: float) -> NDArray[np.float32]:
    """The nose moved by shares of the distance between the eyes."""
    moved = landmarks.copy()
    moved[2] += np.array([aside, under]) * np.linalg.norm(landmarks[1] - landmarks[0])
    return moved


@pytest.mark.parametrize("way", [(1, 0), (-1, 0), (0, 1), (0, -1)])
def test_pose_falls_as_a_head_turns_either_way(face: Image, way: tuple[int, int]) -> None:
    poses = [aspects(face, turned(LANDMARKS, way[0] * turn, way[1] * turn)).pose for turn in (0.15, 0.35, 0.6)]
    assert poses[0] > poses[1] > poses[2]


def test_a_head_that_leans_is_as_good_as_an_upright_one(face: Image) -> None:
    turn = cv2.getRotationMatrix2D((95, 105), 30, 1.0)
    leaning = cv2.warpAffine(face, turn, (200, 200), borderMode=cv2.BORDER_REPLICATE)
    landmarks = (LANDMARKS @ turn[:, :2].T + turn[:, 2]).astype(np.float32)
    assert quality(leaning, landmarks) == pytest.approx(quality(face, LANDMARKS), abs=0.05)


@pytest.mark.parametrize("tone", [0, 128, 255])
def test_an_even_portrait_has_no_quality(tone: int) -> None:
    assert quality(np.full((120, 120, 3), tone, np.uint8), LANDMARKS / 2) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    "landmarks",
    [np.full((5, 2), 60), np.zeros((5, 2)), np.array([[60, 50], [60, 50], [60, 60], [60, 50], [60, 50]])],
)
def test_landmarks_in_one_place_give_a_number_all_the_same(face: Image, landmarks: NDArray[np.float32]) -> None:
    assert 0 <= quality(face, landmarks.astype(np.float32)) <= 1
