"""Finds weights inside dependencies, checks them, and keeps what was converted from them.

Weights never execute: a file is used only if its SHA-256 is the one in the catalogue, and packages
are found without being imported.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from platformdirs import user_cache_path

from crossid.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CACHE_VARIABLE = "CROSSID_CACHE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """One file of published weights that comes inside a dependency.

    `model` is the name of the part that uses it; `file` is its POSIX path inside `package`;
    `source` is where its publisher says it comes from; `licence` is that of the weights.
    """

    model: str
    role: Literal["detector", "embedder"]
    package: str
    file: str
    size_bytes: int
    sha256: str
    licence: str
    source: str

    @property
    def name(self) -> str:
        """The file's name without folder and ending."""
        return Path(self.file).stem

    def path(self) -> Path:
        """Where the file lies on this machine.

        Raises:
            ModelError: if the package is not installed, or lacks the file.
        """
        spec = find_spec(self.package)
        for folder in (spec.submodule_search_locations or []) if spec else []:
            path = Path(folder, self.file)
            if path.is_file():
                return path
        raise ModelError(
            f"The weights {self.file} of the package {self.package} are not there.", remedy=self._reinstall()
        )

    def read(self) -> bytes:
        """The file's bytes, checked.

        Raises:
            ModelError: if the file is missing, unreadable, or not the one in the catalogue.
        """
        try:
            content = self.path().read_bytes()
        except OSError as error:
            raise ModelError(
                f"The weights {self.file} cannot be read: {error.strerror}.", remedy=self._reinstall()
            ) from error
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise ModelError(
                f"The weights {self.file} of the package {self.package} are not those that crossid knows.",
                remedy=self._reinstall(),
            )
        return content

    def _reinstall(self) -> str:
        return f"Install them again: pip install --force-reinstall --no-deps {_REQUIREMENTS[self.package]}"


_REQUIREMENTS = {"mtcnn": "mtcnn==1.0.0", "face_recognition_models": "face_recognition_models==0.3.0"}


def _mtcnn(file: str, size_bytes: int, sha256: str) -> Weights:
    return Weights(
        model="mtcnn",
        role="detector",
        package="mtcnn",
        file=f"assets/weights/{file}",
        size_bytes=size_bytes,
        sha256=sha256,
        licence="MIT",
        source="https://github.com/ipazc/mtcnn",
    )


CATALOGUE: tuple[Weights, ...] = (
    _mtcnn("pnet.lz4", 27119, "ea6b0c3e685ebee3165326ad6484acc95f2ef78f1c94fbf40a55704fa989f7b5"),
    _mtcnn("rnet.lz4", 401659, "cb00e6460f3c98b0bfafaba3c0a0ded4bdf6e62cee7174d969e8670d7e757fee"),
    _mtcnn("onet.lz4", 1557637, "94f6ea2f4cf985275ee958cdd762d17b6009348a4fb9d8c6be39ba73ffd22ca3"),
    Weights(
        model="dlib_resnet",
        role="embedder",
        package="face_recognition_models",
        file="models/dlib_face_recognition_resnet_model_v1.dat",
        size_bytes=22466066,
        sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
        licence="CC0-1.0",
        source="https://github.com/davisking/dlib-models",
    ),
)


def of_model(model: str) -> list[Weights]:
    """The files of a model, in the order of the catalogue."""
    return [weights for weights in CATALOGUE if weights.model == model]


def cache_folder() -> Path:
    """Where converted graphs are kept: `CROSSID_CACHE`, else the user's cache folder."""
    given = os.environ.get(CACHE_VARIABLE)
    return Path(given) if given else user_cache_path("crossid", appauthor=False)


def converted(name: str, sources: Sequence[Weights], build: Callable[..., bytes], *, version: int) -> Path:
    """A graph made out of weights, once: built, kept in the cache folder, and checked whenever it is opened.

    A damaged file in the cache is built again. Where the cache folder cannot be written, a
    temporary folder serves until the process ends. Safe for several processes at once.

    Args:
        name: First part of the file's name.
        sources: What it is made of.
        build: Called with the bytes of each source, returns the graph's bytes.
        version: Of the conversion: raise it when `build` changes what it returns.

    Raises:
        ModelError: if a source is missing or is not the one in the catalogue, or no folder takes the graph.
    """
    key = hashlib.sha256("/".join([str(version), *(source.sha256 for source in sources)]).encode()).hexdigest()[:16]
    file = f"{name}-{key}.onnx"
    kept = cache_folder() / file
    if _is_sound(kept):
        return kept
    spare = _temporary_folder() / file
    if _is_sound(spare):
        return spare
    graph = build(*(source.read() for source in sources))
    try:
        return _keep(graph, kept)
    except OSError:
        return _keep_spare(graph, spare)


def _seal(graph: Path) -> Path:
    return graph.with_suffix(".sha256")


def _is_sound(graph: Path) -> bool:
    """Whether a kept graph is what its seal says; one that cannot be read is not."""
    try:
        return hashlib.sha256(graph.read_bytes()).hexdigest() == _seal(graph).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return False


def _keep(graph: bytes, kept: Path) -> Path:
    """Write beside and rename, so that no process ever opens half a file."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    _replace(kept, graph)
    _replace(_seal(kept), hashlib.sha256(graph).hexdigest().encode("ascii"))
    return kept


def _replace(path: Path, content: bytes) -> None:
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(beside).replace(path)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise


def _keep_spare(graph: bytes, spare: Path) -> Path:
    try:
        return _keep(graph, spare)
    except OSError as error:
        raise ModelError(
            f"{spare.name} can be kept neither in {cache_folder()} nor in {spare.parent}: {error.strerror}.",
            remedy=f"Free some space, or set {CACHE_VARIABLE} to a folder that can be written.",
        ) from error


@cache
def _temporary_folder() -> Path:
    """A folder that goes when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="crossid-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
