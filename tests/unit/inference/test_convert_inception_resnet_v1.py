"""The graph computes what facenet-pytorch's own module computes."""

from __future__ import annotations

import importlib.util
import io
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crossid.errors import ModelError
from crossid.inference.convert.inception_resnet_v1 import build
from crossid.inference.session import Session

torch = pytest.importorskip("torch", reason="needs torch (CPU), the reference of the parity tests")


@pytest.fixture(scope="module")
def module() -> Any:
    """The module's file alone: the package's `__init__` wants torchvision, and a download wants requests."""
    spec = importlib.util.find_spec("facenet_pytorch")
    if spec is None or spec.submodule_search_locations is None:
        pytest.skip("needs facenet-pytorch (--no-deps), the reference of the parity tests")
    absent = {name: types.ModuleType(name) for name in ("requests", "requests.adapters", "reference.utils.download")}
    absent["requests.adapters"].HTTPAdapter = object  # type: ignore[attr-defined]
    absent["reference.utils.download"].download_url_to_file = None  # type: ignore[attr-defined]
    file = Path(spec.submodule_search_locations[0], "models", "inception_resnet_v1.py")
    with pytest.MonkeyPatch.context() as patch:
        for name, content in absent.items():
            patch.setitem(sys.modules, name, content)
        own = importlib.util.spec_from_file_location("reference.inception_resnet_v1", file)
        assert own is not None
        assert own.loader is not None
        loaded = importlib.util.module_from_spec(own)
        own.loader.exec_module(loaded)
    return loaded


def random_network(module: Any) -> Any:
    """Random weights under which values neither die out nor explode on their way through the network."""
    torch.manual_seed(3)
    network = module.InceptionResnetV1().eval()
    for part in network.modules():
        if isinstance(part, torch.nn.Conv2d | torch.nn.Linear):
            torch.nn.init.kaiming_normal_(part.weight)
        if isinstance(part, torch.nn.BatchNorm2d | torch.nn.BatchNorm1d):
            torch.nn.init.normal_(part.running_mean, 0, 0.1)
            torch.nn.init.uniform_(part.running_var, 0.5, 1.5)
            torch.nn.init.uniform_(part.weight, 0.5, 1.5)
            torch.nn.init.normal_(part.bias, 0, 0.1)
    return network


def packed(network: Any) -> bytes:
    file = io.BytesIO()
    torch.save(network.state_dict(), file)
    return file.getvalue()


def test_the_graph_of_random_weights_agrees_with_the_module(module: Any) -> None:
    network = random_network(module)
    faces = np.random.default_rng(2).normal(0, 0.5, (4, 3, 160, 160)).astype(np.float32)
    (vectors,) = Session(build(packed(network)), threads=2).run(faces)
    with torch.no_grad():
        expected = network(torch.from_numpy(faces)).numpy()
    assert vectors.shape == (4, 512)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert (unit * expected).sum(axis=1).min() >= 0.99999
    np.testing.assert_allclose(unit, expected, atol=1e-5)
    apart = expected @ expected.T
    assert apart[np.triu_indices(4, 1)].max() < 0.9999, "faces that all look alike would prove nothing"


def test_the_published_file_has_a_classifier_too_which_is_left_out(module: Any) -> None:
    network = random_network(module)
    network.logits = torch.nn.Linear(512, 8631)
    assert build(packed(network))


def test_a_state_dict_of_another_network_is_refused() -> None:
    with pytest.raises(ModelError, match=r"conv2d_1a\.conv\.weight"):
        build(packed(torch.nn.Linear(3, 4)))
