"""Faces are cut out of a portrait as each network's own program cuts them out of the picture."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image as Pictures

from crossid.embeddings.alignments import ALIGNMENTS, alignment
from crossid.errors import UnknownNameError
from crossid.faces import FaceSettings
from crossid.faces.cutting import cut
from crossid.types import Box, Crop, Decision, Detection, Frame, Moment

if TYPE_CHECKING:
    from pathlib import Path

    from crossid.types import Image

POINTS = np.array([[203, 101], [246, 103.5], [223, 127], [202, 139], [248, 140]], np.float32)
BOX = Box(left=170, top=60, right=272, bottom=170)


@pytest.fixture(scope="module")
def picture(astronaut: Path) -> Image:
    return np.asarray(Pictures.open(astronaut).convert("RGB"))


def crop(picture: Image, box: Box) -> Crop:
    moment = Moment(video="v" * 64, pts=0, time_base=Fraction(1, 25))
    decision = Decision(moment=moment, number=0, reason="first", motion=0, brightness=0.5)
    found = Detection(box=box, landmarks=POINTS, score=1.0, seen_by=("drawn",))
    (face,) = cut(Frame(decision=decision, image=picture), [found], FaceSettings())
    return face


def test_facenet_pytorch_cuts_the_box_and_a_margin(picture: Image) -> None:
    """`extract_face(image, box, image_size=160, margin=14)` of facenet-pytorch, on the whole picture."""
    margin = [14 * side / (160 - 14) for side in (BOX.width, BOX.height)]
    left, top = int(max(BOX.left - margin[0] / 2, 0)), int(max(BOX.top - margin[1] / 2, 0))
    right, bottom = int(BOX.right + margin[0] / 2), int(BOX.bottom + margin[1] / 2)
    theirs = cv2.resize(picture[top:bottom, left:right], (160, 160), interpolation=cv2.INTER_AREA)
    ours = alignment("facenet_pytorch")(crop(picture, BOX), 160)
    assert np.abs(ours.astype(int) - theirs).mean() < 7
    shifted = cv2.resize(picture[top + 4 : bottom + 4, left:right], (160, 160), interpolation=cv2.INTER_AREA)
    assert np.abs(ours.astype(int) - shifted).mean() > 14


@pytest.mark.parametrize("name", sorted(ALIGNMENTS))
@pytest.mark.parametrize("side_px", [96, 224])
def test_a_chip_has_the_size_that_is_asked_for_even_at_the_border(name: str, side_px: int, picture: Image) -> None:
    face = crop(picture, Box(left=170, top=-40, right=272, bottom=170))
    chip = alignment(name)(face, side_px)
    assert chip.shape == (side_px, side_px, 3)
    assert chip.dtype == np.uint8


def test_an_unknown_alignment_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as refusal:
        alignment("arcfase")
    assert "arcface" in refusal.value.remedy
