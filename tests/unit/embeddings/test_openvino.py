"""OpenVINO describes real faces as ONNX Runtime does."""

from __future__ import annotations

from fractions import Fraction
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image as Pictures

from crossid.embeddings import EmbeddingSettings, embedders
from crossid.faces import FaceSettings, detector, find
from crossid.inference import providers
from crossid.inference.session import failing
from crossid.types import Decision, Frame, Moment

if TYPE_CHECKING:
    from pathlib import Path

if find_spec("openvino") is None:
    pytest.skip("openvino is not installed (pip install crossid[openvino])", allow_module_level=True)


@pytest.mark.parametrize("device", ["openvino", "openvino-bf16"])
def test_real_faces_are_found_and_described_alike(six_people: Path, device: str) -> None:
    if failing(device):
        pytest.skip(f"{device}: {failing(device)}")
    moment = Moment(video="v" * 64, pts=0, time_base=Fraction(1, 25))
    decision = Decision(moment=moment, number=0, reason="first", motion=0, brightness=0.5)
    frame = Frame(decision=decision, image=np.asarray(Pictures.open(six_people).convert("RGB")))
    seen = {}
    for one in ("cpu", device):
        providers.use(one)
        try:
            (crops,) = find([frame], detector(FaceSettings()), FaceSettings())
            (part,) = embedders(EmbeddingSettings())
        finally:
            providers.use("auto")
        crops.sort(key=lambda crop: crop.face.box.left)
        seen[one] = crops, part.embed(crops)
    (crops, vectors), (others, theirs) = seen.values()
    assert len(crops) == len(others) == 6
    for mine, other in zip(crops, others, strict=True):
        np.testing.assert_allclose(mine.landmarks, other.landmarks, atol=0.5)
    assert (vectors * theirs).sum(axis=1).min() > 0.999
