"""dlib's ResNet sees the same person in the same face, however it lies in the portrait."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image as Pictures

from crossid.embeddings import EmbeddingSettings, dlib_resnet
from crossid.embeddings.dlib_resnet import CHIP_POINTS, DlibResnetEmbedder
from crossid.faces import FaceSettings, detector, find
from crossid.inference.convert.dlib_resnet import graph
from crossid.inference.session import Session
from crossid.types import Box, Crop, Decision, Face, Frame, Moment

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from crossid.types import Image

MOMENT = Moment(video="v" * 64, pts=0, time_base=Fraction(1, 25))
LANDMARKS = np.array([[73, 81], [116, 83.5], [93, 107], [72, 119], [118, 120]], np.float32)


@pytest.fixture(scope="module")
def part() -> DlibResnetEmbedder:
    return DlibResnetEmbedder(EmbeddingSettings())


@pytest.fixture(scope="module")
def portrait(astronaut: Path) -> Image:
    return np.asarray(Pictures.open(astronaut).convert("RGB"))[20:220, 130:330]


def crop(portrait: Image, landmarks: NDArray[np.float32]) -> Crop:
    box = Box(left=0, top=0, right=portrait.shape[1], bottom=portrait.shape[0])
    face = Face(
        id="f", moment=MOMENT, number=0, box=box, landmarks=landmarks, score=1.0, quality=1.0, seen_by=("drawn",)
    )
    return Crop(face=face, portrait=portrait, landmarks=landmarks.astype(np.float32))


def moved(portrait: Image, matrix: NDArray[np.float64]) -> Crop:
    """A crop after a similarity, with its landmarks."""
    picture = cv2.warpAffine(portrait, matrix, (240, 240), borderMode=cv2.BORDER_REPLICATE)
    return crop(picture, LANDMARKS @ matrix[:, :2].T + matrix[:, 2])


def test_the_vector_is_that_of_the_face_and_its_mirror_image_together(part: DlibResnetEmbedder) -> None:
    """With landmarks that lie where the chip wants them, the portrait is the chip."""
    chip = cv2.GaussianBlur(np.random.default_rng(5).integers(0, 256, (150, 150, 3), dtype=np.uint8), (0, 0), 4)
    (vectors,) = Session(graph(), threads=1).run(np.stack([chip, chip[:, ::-1]]))
    expected = vectors.sum(axis=0) / np.linalg.norm(vectors.sum(axis=0))
    np.testing.assert_allclose(part.embed([crop(chip, CHIP_POINTS)])[0], expected, atol=1e-4)


@pytest.mark.parametrize(("degrees", "scale"), [(0, 0.6), (20, 1.0), (-35, 1.15)])
def test_a_face_that_leans_or_is_smaller_is_the_same(
    part: DlibResnetEmbedder, portrait: Image, degrees: float, scale: float
) -> None:
    other = moved(portrait, cv2.getRotationMatrix2D((95, 100), degrees, scale))
    mine, theirs = part.embed([crop(portrait, LANDMARKS), other])
    assert mine @ theirs > 0.98


def test_a_mirrored_face_is_the_same(part: DlibResnetEmbedder, portrait: Image) -> None:
    landmarks = (LANDMARKS * [-1, 1] + [200, 0])[[1, 0, 2, 4, 3]]
    mine, theirs = part.embed([crop(portrait, LANDMARKS), crop(np.ascontiguousarray(portrait[:, ::-1]), landmarks)])
    assert mine @ theirs > 0.99


def test_other_preprocessing_is_another_space(part: DlibResnetEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dlib_resnet, "PREPROCESSING", "something else")
    other = DlibResnetEmbedder(EmbeddingSettings()).space
    assert (other.name, other.dimensions) == (part.space.name, part.space.dimensions)
    assert other.fingerprint != part.space.fingerprint


def central(crops: list[Crop]) -> list[Crop]:
    """The face in the middle of a photograph of 250 × 250, if there is one."""
    near = [crop for crop in crops if np.abs(np.subtract(crop.face.box.centre, 125)).max() < 50]
    return sorted(near, key=lambda crop: crop.face.box.width)[-1:]


@pytest.mark.shared
def test_people_of_labelled_faces_in_the_wild_are_told_apart(part: DlibResnetEmbedder, shared_data: Path) -> None:
    """Of pairs of one person at least 0.98 pass a threshold that lets one pair of strangers in a hundred pass."""
    settings = FaceSettings()
    finder = detector(settings)
    decision = Decision(moment=MOMENT, number=0, reason="first", motion=0, brightness=0.5)
    crops, people = [], []
    for number, folder in enumerate(sorted((shared_data / "lfw-dev").iterdir())[:20]):
        frames = [
            Frame(decision=decision, image=np.asarray(Pictures.open(file).convert("RGB")))
            for file in sorted(folder.glob("*.jpg"))
        ]
        found = [crop for here in find(frames, finder, settings) for crop in central(here)]
        crops += found
        people += [number] * len(found)
    cosines = part.embed(crops) @ part.embed(crops).T
    one, other = np.triu_indices(len(crops), 1)
    same = np.array(people)[one] == np.array(people)[other]
    threshold = np.quantile(cosines[one, other][~same], 0.99)
    assert (cosines[one, other][same] > threshold).mean() >= 0.98
