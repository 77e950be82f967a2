"""Embedders of the catalogue have an address without their weights, and are fed as their publishers feed them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image as Pictures
from skimage.transform import SimilarityTransform

from crossid.embeddings import EmbeddingSettings, embedders, spaces
from crossid.embeddings.alignments import ARCFACE_POINTS, arcface
from crossid.embeddings.arcface import ArcfaceEmbedder
from crossid.embeddings.sface import SfaceEmbedder
from crossid.errors import ModelError
from crossid.types import Box, Crop, Face, Moment

if TYPE_CHECKING:
    from pathlib import Path

MOMENT = Moment(video="v" * 64, pts=0, time_base=Fraction(1, 25))
POINTS = np.array([[73, 81], [116, 83.5], [93, 107], [72, 119], [118, 120]], np.float32)


@pytest.mark.parametrize(("name", "dimensions"), [("arcface", 512), ("sface", 128)])
def test_a_space_is_known_without_the_weights(
    name: str, dimensions: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROSSID_MODELS", str(tmp_path))
    settings = EmbeddingSettings(embedders=(name,))
    (space,) = spaces(settings)
    assert (space.name, space.dimensions) == (name, dimensions)
    with pytest.raises(ModelError) as refusal:
        embedders(settings)
    assert "crossid models" in refusal.value.remedy


def test_arcface_is_fed_as_insightface_feeds_it() -> None:
    """`ArcFaceONNX.get_feat`: BGR picture, channels swapped, (x - 127.5) / 127.5."""
    chip = np.random.default_rng(3).integers(0, 256, (112, 112, 3), dtype=np.uint8)
    mean = (127.5, 127.5, 127.5)
    theirs = cv2.dnn.blobFromImage(chip[..., ::-1], 1 / 127.5, (112, 112), mean, swapRB=True)
    np.testing.assert_allclose(ArcfaceEmbedder.look.feed(chip[None]), theirs, atol=1e-6)


def test_sface_is_fed_as_opencv_feeds_it() -> None:
    """`FaceRecognizerSF.feature`: BGR picture, channels swapped, values as they are."""
    chip = np.random.default_rng(3).integers(0, 256, (112, 112, 3), dtype=np.uint8)
    theirs = cv2.dnn.blobFromImage(chip[..., ::-1], 1, (112, 112), (0, 0, 0), swapRB=True)
    np.testing.assert_array_equal(SfaceEmbedder.look.feed(chip[None]), theirs)


@pytest.mark.parametrize("side_px", [112, 224])
def test_faces_are_aligned_as_insightface_aligns_them(side_px: int, astronaut: Path) -> None:
    """`face_align.norm_crop`, whose transform is scikit-image's."""
    portrait = np.asarray(Pictures.open(astronaut).convert("RGB"))[20:220, 130:330]
    box = Box(left=130, top=20, right=330, bottom=220)
    face = Face(id="f", moment=MOMENT, number=0, box=box, landmarks=POINTS, score=1.0, quality=1.0, seen_by=("drawn",))
    transform = SimilarityTransform.from_estimate(POINTS, ARCFACE_POINTS * (side_px / 112))
    theirs = cv2.warpAffine(portrait, transform.params[:2], (side_px, side_px), borderValue=0.0)
    ours = arcface(Crop(face=face, portrait=portrait, landmarks=POINTS), side_px)
    assert np.abs(ours.astype(int) - theirs).max() <= 1
