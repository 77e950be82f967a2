"""The original implementations of two embedders, run on the same checked weights: to compare with (extras).

Both packages are entered by a side door: neither's own way in is taken, which would download weights or
want libraries that running a network does not need.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import onnxruntime

from crossid.errors import ModelError
from crossid.inference.session import default_threads
from crossid.inference.tensors import state_dict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

LOADERS = ("image_utils", "weight_utils")
"""Modules of DeepFace that fetch pictures and weights: they are kept out."""


class Network(Protocol):
    """What can be run: a session, or an original."""

    @property
    def shape(self) -> list[int | None]:
        """The sizes of the first input; None where a size may vary."""
        ...

    def run(self, *inputs: NDArray[Any]) -> list[NDArray[Any]]:
        """Outputs for inputs."""
        ...


class FacenetPytorch:
    """facenet-pytorch's own InceptionResnetV1 (extra `facenet`), on the CPU.

    Args:
        content: A state dict as it is published; it is read without executing anything.

    Raises:
        ModelError: the package or PyTorch is not installed, or the state dict is that of another network.
    """

    shape: list[int | None]

    def __init__(self, content: bytes) -> None:
        folder = _folder("facenet_pytorch", "facenet")
        try:
            self._torch = importlib.import_module("torch")
        except ImportError as error:
            raise _absent("PyTorch", "facenet") from error
        network = _module(folder / "models" / "inception_resnet_v1.py").InceptionResnetV1()
        known = network.state_dict().keys()
        tensors = {
            name: self._torch.from_numpy(np.array(value))
            for name, value in state_dict(content).items()
            if name in known
        }
        try:
            network.load_state_dict(tensors)
        except RuntimeError as error:
            raise ModelError(
                f"The weights are not those of facenet-pytorch's network: {str(error).splitlines()[0]}",
                remedy="Run: crossid models verify inception_resnet_v1",
            ) from error
        self._network = network.eval()
        self.shape = [None, 3, 160, 160]

    def run(self, *inputs: NDArray[Any]) -> list[NDArray[Any]]:
        """Unit vectors (N, 512) of pictures (N, 3, 160, 160) float32."""
        with self._torch.no_grad():
            return [self._network(self._torch.from_numpy(inputs[0])).numpy()]


class DeepfaceClient:
    """One of DeepFace's own clients (extra `deepface`), with its network opened by ONNX Runtime as it does itself.

    Args:
        module: Where the client's class is, in `deepface.models.facial_recognition.onnx`.
        client: Its name.
        file: The checked weights.

    Raises:
        ModelError: the package is not installed.
    """

    shape: list[int | None]

    def __init__(self, module: str, client: str, file: Path) -> None:
        folder = _folder("deepface", "deepface")
        try:
            with _deepface(folder):
                found = importlib.import_module(f"deepface.models.facial_recognition.onnx.{module}")
        except ImportError as error:
            raise _absent(f"deepface ({error})", "deepface") from error
        self._client = object.__new__(getattr(found, client))  # its own way of being made fetches weights
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = default_threads()
        self._client.model = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self.shape = [1]

    def run(self, *inputs: NDArray[Any]) -> list[NDArray[Any]]:
        """What the client answers to a picture (1, side, side, 3) BGR float32 in [0, 1]."""
        return [np.asarray(self._client.predict(inputs[0]), np.float32).reshape(1, -1)]


def _folder(package: str, extra: str) -> Path:
    """Where a package lies; it is not imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise _absent(package.replace("_", "-"), extra)
    return Path(spec.submodule_search_locations[0])


def _absent(what: str, extra: str) -> ModelError:
    return ModelError(f"{what} is not installed.", remedy=f"Run: pip install crossid[{extra}]")


def _module(file: Path) -> Any:
    """One file of facenet-pytorch: its package wants torchvision, and its downloader wants requests."""
    download = types.ModuleType("crossid_original.utils.download")
    download.download_url_to_file = None  # type: ignore[attr-defined]
    requests, adapters = types.ModuleType("requests"), types.ModuleType("requests.adapters")
    adapters.HTTPAdapter = object  # type: ignore[attr-defined]
    absent = {"requests": requests, "requests.adapters": adapters, "crossid_original.utils.download": download}
    spec = importlib.util.spec_from_file_location("crossid_original.inception_resnet_v1", file)
    assert spec is not None
    assert spec.loader is not None
    with _standing_in(absent):
        loaded = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(loaded)
    return loaded


@contextmanager
def _deepface(folder: Path) -> Iterator[None]:
    """DeepFace as a package without its `__init__` and loaders; afterwards it is as if it had not been imported."""
    package = types.ModuleType("deepface")
    package.__path__ = [str(folder)]
    commons = types.ModuleType("deepface.commons")
    commons.__path__ = [str(folder / "commons")]
    loaders = {f"deepface.commons.{name}": types.ModuleType(name) for name in LOADERS}
    for name, module in zip(LOADERS, loaders.values(), strict=True):
        setattr(commons, name, module)
    others = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "deepface"}
    for name in others:
        del sys.modules[name]
    try:
        with _standing_in({"deepface": package, "deepface.commons": commons, **loaders}):
            yield
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "deepface"]:
            del sys.modules[name]
        sys.modules.update(others)


@contextmanager
def _standing_in(modules: Mapping[str, types.ModuleType]) -> Iterator[None]:
    """These modules instead of what goes by their names, for as long as the block lasts."""
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module
