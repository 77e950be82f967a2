"""Recognises weights that somebody carried in, by their content, and puts them into the models folder.

Names in a folder or a zip file are never used to write: a file lands under the name that the
catalogue gives it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, TypeAlias

from crossid.errors import ModelError
from crossid.inference.downloading import MAX_BYTES
from crossid.inference.weights import MODELS_VARIABLE, Weights, carried, models_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CHUNK_BYTES = 1 << 20
MAX_MEMBERS = 10_000
MAX_UNPACKED_BYTES = 4 << 30
"""What is unpacked of one zip file at most while looking for weights."""
ENDINGS = {Path(weights.file).suffix for weights in carried()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """Weights that were recognised: in the file `path`, or in its member `member` if it is a zip file."""

    weights: Weights
    path: Path
    member: str = ""

    @property
    def place(self) -> str:
        """Where they are, in words."""
        return f"{self.path}, {self.member}" if self.member else str(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A file that looked like weights and cannot be used."""

    place: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Weights that are installed now; `vouched`: their hash is published, else this first one was recorded."""

    model: str
    file: Path
    sha256: str
    vouched: bool


Seen: TypeAlias = Find | Refusal


def recognise(place: Path) -> Iterator[Seen]:
    """Look for weights of the catalogue in a file, a zip file, or a folder and all below it; changes nothing.

    Files whose hash is published are known by it, under any name; others by their name.

    Raises:
        ModelError: there is no such place.
    """
    if not os.path.lexists(place):
        raise ModelError(f"{place} is not there.", remedy="Name a file, a zip file or a folder with models.")
    for path in _files(place):
        try:
            if zipfile.is_zipfile(path) and path.suffix not in ENDINGS:
                yield from _in_zip(path)
            elif candidates := _candidates(path.name, path.stat().st_size):
                with path.open("rb") as file:
                    yield from _judge(path, "", candidates, file)
        except (OSError, zipfile.BadZipFile) as error:
            yield Refusal(place=str(path), why=f"cannot be read: {error}")


def install(find: Find) -> Arrival:
    """Copy weights into the models folder: all of them, checked, or nothing.

    Raises:
        ModelError: they are not what was recognised, they are damaged, or the folder cannot be written.
    """
    folder = models_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=folder, prefix=".coming-")
        try:
            with os.fdopen(handle, "wb") as file, _opened(find) as source:
                found = _copy(source, file)
            vouched = _vouch(find.weights, found, Path(beside))
            path = folder / find.weights.file
            Path(beside).chmod(0o644)  # a folder may serve several people
            Path(beside).replace(path)
        finally:
            Path(beside).unlink(missing_ok=True)
    except OSError as error:
        raise ModelError(
            f"{find.weights.file} cannot be put into {folder}: {error.strerror or error}.",
            remedy=f"Free some space, or set {MODELS_VARIABLE} to a folder that can be written.",
        ) from error
    return Arrival(model=find.weights.model, file=path, sha256=found, vouched=vouched)


def _files(place: Path) -> Iterator[Path]:
    """Regular files, in the order of their names; links to folders are not followed."""
    if place.is_file():
        yield place
        return
    for folder, folders, names in os.walk(place):
        folders.sort()
        yield from (path for name in sorted(names) if (path := Path(folder, name)).is_file())


def _in_zip(path: Path) -> Iterator[Seen]:
    budget = MAX_UNPACKED_BYTES
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist()[:MAX_MEMBERS]:
            candidates = _candidates(member.filename, member.file_size)
            budget -= member.file_size if candidates else 0
            if budget < 0:
                yield Refusal(place=str(path), why="unpacks to more than all models together")
                return
            try:
                if candidates:
                    with archive.open(member) as file:
                        yield from _judge(path, member.filename, candidates, file)
            except _DAMAGE as error:
                yield Refusal(place=f"{path}, {member.filename}", why=f"is damaged: {error}")


def _judge(path: Path, member: str, candidates: Sequence[Weights], file: IO[bytes]) -> Iterator[Seen]:
    """Which of the candidates a file is, by all of its content; what is none of them and has no such name is passed."""
    found = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # a zip's member reads as well
    name = member or path.name
    known = [weights for weights in candidates if weights.sha256 == found]
    named = [weights for weights in candidates if _is_named(weights, name)]
    if known or (named and not named[0].sha256):
        yield Find(weights=(known or named)[0], path=path, member=member)
    elif named:
        place = f"{path}, {member}" if member else str(path)
        yield Refusal(place=place, why=f"has the name of {named[0].model}, but is not the published file")


def _candidates(name: str, size: int) -> list[Weights]:
    """What a file may be, going by its size where one is published, else by its ending, or by its name alone."""
    if not 0 < size <= MAX_BYTES:
        return []
    return [
        weights
        for weights in carried()
        if _is_named(weights, name)
        or (weights.sha256 and weights.size_bytes == size)
        or (weights.sha256 and not weights.size_bytes and name.endswith(Path(weights.file).suffix))
    ]


def _is_named(weights: Weights, name: str) -> bool:
    return PurePosixPath(name).name == weights.file


@contextmanager
def _opened(find: Find) -> Iterator[IO[bytes]]:
    try:
        if not find.member:
            with find.path.open("rb") as file:
                yield file
        else:
            with zipfile.ZipFile(find.path) as archive, archive.open(find.member) as file:
                yield file
    except _DAMAGE as error:
        raise ModelError(f"{find.place} is damaged: {error}.", remedy="Get the file again.") from error


def _copy(source: IO[bytes], file: IO[bytes]) -> str:
    """Copy, see it to the disk, and return the SHA-256 of what was written."""
    digest, left = hashlib.sha256(), MAX_BYTES
    while left > 0 and (chunk := source.read(CHUNK_BYTES)):
        digest.update(chunk)
        file.write(chunk)
        left -= len(chunk)
    file.flush()
    os.fsync(file.fileno())
    return digest.hexdigest()


def _vouch(weights: Weights, found: str, path: Path) -> bool:
    """Whether the file is the published one; where none is, record what came first, and hold later ones to it."""
    record = weights.record()
    if weights.sha256 or record.is_file():
        if found != weights.digest():
            raise ModelError(
                f"{weights.file} is not the {'published file' if weights.sha256 else 'file that came first'}.",
                remedy=f"To accept a new one, run first: crossid models remove {weights.model}"
                if not weights.sha256
                else "Get the file again, from where its publisher says.",
            )
        return bool(weights.sha256)
    _require_network(weights, path)
    record.write_text(found, encoding="ascii")
    return False


def _require_network(weights: Weights, path: Path) -> None:
    """Refuse what is no ONNX graph: an error page must not become the file that is trusted."""
    import onnx  # half a second, for the few files whose hash nobody publishes

    try:
        nodes = len(onnx.load(path, load_external_data=False).graph.node)
    except Exception as error:  # protobuf raises what it likes
        raise ModelError(f"{weights.file} is no ONNX file.", remedy="Get the file again.") from error
    if not nodes:
        raise ModelError(f"{weights.file} holds no network.", remedy="Get the file again.")


_DAMAGE = (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, RuntimeError, NotImplementedError)
"""What reading a member of a zip file raises where it is damaged, locked by a password, or packed strangely."""
