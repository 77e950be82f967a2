"""Finds weights, checks them, and keeps what was converted from them.

The catalogue is `catalogue.toml`. Weights never execute, and a file is used only if its SHA-256 is
the one in the catalogue or, where none is published, the one it had when it first came. Packages
that bring weights are found without being imported.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from platformdirs import user_cache_path, user_data_path

from crossid.errors import ModelError, UnknownNameError
from crossid.processes import lives

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

CACHE_VARIABLE = "CROSSID_CACHE"
MODELS_VARIABLE = "CROSSID_MODELS"
PART = ".part"
Graph: TypeAlias = Path | bytes
"""A graph's file, or the graph itself where no folder takes it."""
_UNKEPT: dict[Path, bytes] = {}
"""Graphs that the cache folder did not take, by where they belong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One file to fetch: weights, or a zip file that holds some; `urls` are its publisher's and then mirrors."""

    name: str
    urls: tuple[str, ...]
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """One file of published weights.

    Attributes:
        model: The part that uses it.
        package: The dependency that brings the file; "" for one that is fetched or imported.
        file: Its POSIX path inside the package, or its name in the models folder.
        size_bytes: 0 where it is not published.
        sha256: "" where it is not published; see `digest`.
        licence: Of the weights, as their publisher states it.
        source: Where their publisher is found.
        commercial: Whether the licence lets a company use them.
        urls: Where the file is published, then mirrors.
        archive: The archive that holds the file, instead of `urls`.
        input: What the network is given, in words.
    """

    model: str
    role: Literal["detector", "embedder", "quality"]
    package: str = ""
    file: str
    size_bytes: int
    sha256: str
    licence: str
    source: str
    commercial: bool = True
    urls: tuple[str, ...] = ()
    archive: str = ""
    input: str = ""

    @property
    def name(self) -> str:
        """The file's name without folder and ending."""
        return Path(self.file).stem

    def download(self) -> Download:
        """What to fetch in order to get the file."""
        if self.archive:
            return ARCHIVES[self.archive]
        return Download(name=self.file, urls=self.urls, size_bytes=self.size_bytes, sha256=self.sha256)

    def path(self) -> Path:
        """Where the file lies on this machine, unchecked.

        Raises:
            ModelError: if it is not there; names what brings it.
        """
        for folder in _package_folders(self.package) if self.package else [models_folder()]:
            path = folder / self.file
            if path.is_file():
                return path
        origin = f"of the package {self.package}" if self.package else f"of the model {self.model}"
        raise ModelError(f"The weights {self.file} {origin} are not there.", remedy=self._remedy())

    def digest(self) -> str:
        """The SHA-256 that the file must have: as published, else as it was when the file first came.

        Raises:
            ModelError: if none is published and the file did not come through `fetch` or `import` yet.
        """
        if self.sha256:
            return self.sha256
        try:
            return self.record().read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise ModelError(f"The weights {self.file} did not come yet.", remedy=self._remedy()) from None

    def record(self) -> Path:
        """Where the SHA-256 of a file is kept that nobody publishes."""
        return _seal(models_folder() / self.file)

    def checked(self) -> Path:
        """Where the file lies, after all of it was read and compared.

        Raises:
            ModelError: if the file is missing, unreadable, or not the one that is known.
        """
        path = self.path()
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise self._unreadable(error) from error
        if found != self.digest():
            raise self._foreign()
        return path

    def read(self) -> bytes:
        """The file's bytes, checked.

        Raises:
            ModelError: if the file is missing, unreadable, or not the one that is known.
        """
        try:
            content = self.path().read_bytes()
        except OSError as error:
            raise self._unreadable(error) from error
        if hashlib.sha256(content).hexdigest() != self.digest():
            raise self._foreign()
        return content

    def _unreadable(self, error: OSError) -> ModelError:
        return ModelError(f"The weights {self.file} cannot be read: {error.strerror}.", remedy=self._remedy())

    def _foreign(self) -> ModelError:
        return ModelError(
            f"The weights {self.file} of {self.package or self.model} are not those that crossid knows.",
            remedy=self._remedy(),
        )

    def _remedy(self) -> str:
        if self.package:
            return f"Install them again: pip install --force-reinstall --no-deps {_REQUIREMENTS[self.package]}"
        return f"Run: crossid models fetch {self.model} (without network: crossid models import FOLDER)"


_REQUIREMENTS = {"mtcnn": "mtcnn==1.0.0", "face_recognition_models": "face_recognition_models==0.3.0"}


def _package_folders(package: str) -> list[Path]:
    spec = find_spec(package)
    return [Path(folder) for folder in (spec.submodule_search_locations or [])] if spec else []


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the catalogue as the arguments of its noun."""
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return {"size_bytes": values.pop("bytes")} | values


_TABLES = tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8"))
CATALOGUE: tuple[Weights, ...] = tuple(Weights(**_row(row)) for row in _TABLES["weights"])
ARCHIVES = {name: Download(name=f"{name}.zip", **_row(row)) for name, row in _TABLES["archives"].items()}
PACKS: dict[str, tuple[str, ...]] = {name: tuple(models) for name, models in _TABLES["packs"].items()}
"""Which models make a pack, in the order in which they are shown."""


def models() -> list[str]:
    """The names of all models, in the order of the catalogue."""
    return list(dict.fromkeys(weights.model for weights in CATALOGUE))


def carried() -> list[Weights]:
    """The files that no dependency brings: they are fetched or imported."""
    return [weights for weights in CATALOGUE if not weights.package]


def of_model(model: str) -> list[Weights]:
    """The files of a model, in the order of the catalogue.

    Raises:
        UnknownNameError: if the catalogue does not know the model.
    """
    files = [weights for weights in CATALOGUE if weights.model == model]
    if not files:
        raise UnknownNameError("model", model, models())
    return files


def file_of(model: str) -> Path:
    """The file of a model that has one, checked: ready to be opened.

    Raises:
        UnknownNameError: if the catalogue does not know the model.
        ModelError: if the file is missing or is not the one that is known; the remedy says how to get it.
    """
    (weights,) = of_model(model)
    return weights.checked()


def is_here(model: str) -> bool:
    """Whether the files of a model lie on this machine; says nothing of what is in them."""
    try:
        return all(weights.path().is_file() for weights in of_model(model))
    except ModelError:
        return False


def models_folder() -> Path:
    """Where fetched and imported weights lie: `CROSSID_MODELS`, else below the user's data folder."""
    given = os.environ.get(MODELS_VARIABLE)
    return Path(given) if given else user_data_path("crossid", appauthor=False) / "models"


def cache_folder() -> Path:
    """Where converted graphs are kept: `CROSSID_CACHE`, else the user's cache folder."""
    given = os.environ.get(CACHE_VARIABLE)
    return Path(given) if given else user_cache_path("crossid", appauthor=False)


def converted(name: str, sources: Sequence[Weights], build: Callable[..., bytes], *, version: int) -> Graph:
    """A graph made out of weights, once: built, kept in the cache folder, and checked whenever it is opened.

    A damaged file in the cache is built again. Where the cache folder cannot be written, the graph's bytes
    serve, and each process builds its own. Safe for several processes at once.

    Args:
        name: First part of the file's name.
        sources: What it is made of.
        build: Called with the bytes of each source, returns the graph's bytes.
        version: Of the conversion: raise it when `build` changes what it returns.

    Raises:
        ModelError: if a source is missing or is not the one in the catalogue.
    """
    key = hashlib.sha256("/".join([str(version), *(source.digest() for source in sources)]).encode()).hexdigest()[:16]
    kept = cache_folder() / f"{name}-{key}.onnx"
    if kept in _UNKEPT:
        return _UNKEPT[kept]
    if _is_sound(kept):
        return kept
    graph = build(*(source.read() for source in sources))
    try:
        return _keep(graph, kept)
    except OSError:
        return _UNKEPT.setdefault(kept, graph)


def _seal(file: Path) -> Path:
    return file.with_suffix(".sha256")


def _is_sound(graph: Path) -> bool:
    """Whether a kept graph is what its seal says; one that cannot be read is not."""
    try:
        return hashlib.sha256(graph.read_bytes()).hexdigest() == _seal(graph).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return False


def _keep(graph: bytes, kept: Path) -> Path:
    """Write beside and rename, so that no process ever opens half a file."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    _sweep(kept.parent)
    _replace(kept, graph)
    _replace(_seal(kept), hashlib.sha256(graph).hexdigest().encode("ascii"))
    return kept


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}{PART}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Delete what processes left that were killed while they wrote a graph."""
    for part in folder.glob(f".*{PART}"):
        process = part.name.removesuffix(PART).rpartition(".")[2]
        if process.isdecimal() and not lives(int(process)):
            part.unlink(missing_ok=True)
