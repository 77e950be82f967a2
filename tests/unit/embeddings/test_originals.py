"""The original implementations, as parts, answer as crossid's own do on the same weights."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import sys
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image as Pictures

from crossid.embeddings import EMBEDDERS, EmbeddingSettings, embedders, spaces
from crossid.errors import ModelError
from crossid.faces import FaceSettings, detector, find
from crossid.inference import weights
from crossid.inference.originals import _folder, _module
from crossid.inference.weights import of_model
from crossid.types import Crop, Decision, Frame, Moment
from unit.embeddings.test_deepface import small_network

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def crops(six_people: Path) -> list[Crop]:
    moment = Moment(video="v" * 64, pts=0, time_base=Fraction(1, 25))
    decision = Decision(moment=moment, number=0, reason="first", motion=0, brightness=0.5)
    frame = Frame(decision=decision, image=np.asarray(Pictures.open(six_people).convert("RGB")))
    return find([frame], detector(FaceSettings()), FaceSettings())[0]


def need(*packages: str) -> None:
    for package in packages:
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed (extras facenet, deepface)")


def alike(ours: str, theirs: str, crops: list[Crop]) -> float:
    """The least cosine between what two parts say of the same faces."""
    vectors = [embedders(EmbeddingSettings(embedders=(name,)))[0].embed(crops) for name in (ours, theirs)]
    assert (vectors[0] @ vectors[0].T).min() < 0.9999, "faces that all look alike would prove nothing"
    return float((vectors[0] * vectors[1]).sum(axis=1).min())


@pytest.mark.parametrize("name", ["facenet512", "vggface"])
def test_deepfaces_clients_answer_as_crossids_graphs(
    name: str, crops: list[Crop], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a small network of the real shapes: the weights could not be had."""
    need("deepface")
    ours, (file,) = EMBEDDERS.load(name), of_model(name)
    monkeypatch.setenv("CROSSID_MODELS", str(tmp_path))
    small_network(tmp_path / file.file, ours.look.side_px, ours.dimensions)
    digest = hashlib.sha256((tmp_path / file.file).read_bytes()).hexdigest()
    file.record().write_text(digest, encoding="ascii")
    assert alike(name, f"deepface_{name}", crops) > 0.99999
    assert spaces(EmbeddingSettings(embedders=(name,)))[0].name == name
    assert not [module for module in sys.modules if module.partition(".")[0] == "deepface"]


@pytest.mark.slow
def test_facenet_pytorchs_module_answers_as_crossids_graph(
    crops: list[Crop], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On random weights of the exact architecture: those that are published could not be had."""
    need("facenet_pytorch", "torch")
    import torch

    network = _module(_folder("facenet_pytorch", "facenet") / "models" / "inception_resnet_v1.py").InceptionResnetV1()
    torch.manual_seed(3)
    for part in network.modules():
        if isinstance(part, torch.nn.Conv2d | torch.nn.Linear):
            torch.nn.init.kaiming_normal_(part.weight)
    packed = io.BytesIO()
    torch.save(network.state_dict(), packed)
    (file,) = of_model("inception_resnet_v1")
    (tmp_path / file.file).write_bytes(packed.getvalue())
    known = replace(file, sha256=hashlib.sha256(packed.getvalue()).hexdigest())
    monkeypatch.setenv("CROSSID_MODELS", str(tmp_path))
    monkeypatch.setattr(weights, "CATALOGUE", (known,))
    assert alike("inception_resnet_v1", "facenet_pytorch", crops[:3]) > 0.99999
    assert "facenet_pytorch" not in sys.modules


@pytest.mark.parametrize(("name", "extra"), [("facenet512", "deepface"), ("inception_resnet_v1", "facenet")])
def test_without_its_package_an_original_names_the_extra(
    name: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = of_model(name)
    (tmp_path / file.file).write_bytes(b"weights")
    known = replace(file, sha256=hashlib.sha256(b"weights").hexdigest())
    monkeypatch.setenv("CROSSID_MODELS", str(tmp_path))
    monkeypatch.setattr(weights, "CATALOGUE", (known,))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    part = {"deepface": "deepface_facenet512", "facenet": "facenet_pytorch"}[extra]
    with pytest.raises(ModelError, match="is not installed") as refusal:
        EMBEDDERS.load(part)(EmbeddingSettings())
    assert f"pip install crossid[{extra}]" in refusal.value.remedy
