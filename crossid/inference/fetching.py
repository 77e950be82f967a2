"""Brings models to this machine and takes them away again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossid.errors import ModelError, UnknownNameError
from crossid.inference.downloading import download
from crossid.inference.importing import Find, install, recognise
from crossid.inference.licences import unaccepted
from crossid.inference.weights import PACKS, Weights, carried, models, models_folder, of_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from crossid.inference.downloading import Progress
    from crossid.inference.importing import Arrival
    from crossid.inference.weights import Download


def named(names: Sequence[str]) -> list[str]:
    """The models that models and packs stand for, each once, in the order of the catalogue.

    Raises:
        UnknownNameError: a name is neither.
    """
    asked = set()
    for name in names:
        if name not in PACKS and name not in models():
            raise UnknownNameError("model or pack", name, [*models(), *PACKS])
        asked |= set(PACKS.get(name, (name,)))
    return [model for model in models() if model in asked]


def missing(names: Sequence[str]) -> list[str]:
    """The models to fetch for `names`: what is not here or not sound, and what comes in the same archive."""
    lacking = [model for model in named(names) if not is_sound(model)]
    archives = {weights.archive for model in lacking for weights in of_model(model)} - {""}
    together = [weights.model for weights in carried() if weights.archive in archives and not is_sound(weights.model)]
    return [model for model in models() if model in {*lacking, *together}]


def is_sound(model: str) -> bool:
    """Whether all files of a model are here, and are what they should be; reads all of them."""
    try:
        for weights in of_model(model):
            weights.checked()
    except ModelError:
        return False
    return True


def fetch(wanted: Sequence[str], told: Callable[[Progress], None]) -> Iterator[Arrival]:
    """Download models and install them, one after the other.

    Args:
        wanted: Names of models, as `missing` returns them.
        told: Hears how much has come.

    Raises:
        ModelError: a licence was not agreed to, or a model comes with a package, cannot be had, or is
            not what was published.
    """
    require_accepted(wanted)
    files = [weights for model in wanted for weights in of_model(model)]
    for source, members in _by_download(files).items():
        part = download(source, models_folder(), told)
        try:
            for find in _finds(part, members):
                yield install(find)
        finally:
            part.unlink()
            part.with_suffix(".version").unlink(missing_ok=True)


def require_accepted(wanted: Sequence[str]) -> None:
    """Raise a ModelError if the licence of a model was not agreed to yet."""
    if open_questions := unaccepted(wanted):
        raise ModelError(
            f"The licences of {', '.join(open_questions)} were not accepted yet.",
            remedy="Read them (crossid models list), then repeat the command with --accept-licence.",
        )


def remove(names: Sequence[str]) -> list[Path]:
    """Delete the files of models, with what is recorded of them; returns those that were there.

    Raises:
        UnknownNameError: a name is neither a model nor a pack.
        ModelError: a file cannot be deleted, or nothing of what is named can be removed.
    """
    files = [weights for model in named(names) for weights in of_model(model) if not weights.package]
    if not files:
        raise ModelError(
            "What comes with a package cannot be removed.", remedy="Choose other models with --pack instead."
        )
    paths = [models_folder() / weights.file for weights in files]
    there = [path for path in paths if path.is_file()]
    try:
        for path in there:
            path.unlink()
        for weights in files:
            weights.record().unlink(missing_ok=True)
    except OSError as error:
        raise ModelError(
            f"{error.filename} cannot be deleted: {error.strerror}.", remedy="Delete it by hand."
        ) from error
    return there


def _by_download(files: Sequence[Weights]) -> dict[Download, list[Weights]]:
    grouped: dict[Download, list[Weights]] = {}
    for weights in files:
        if weights.package:
            weights.checked()  # says how to install it again
            continue
        grouped.setdefault(weights.download(), []).append(weights)
    return grouped


def _finds(part: Path, members: Sequence[Weights]) -> list[Find]:
    """The members in what was fetched.

    Raises:
        ModelError: one is not there.
    """
    if not members[0].archive:
        return [Find(weights=weights, path=part) for weights in members]
    found = {seen.weights: seen for seen in recognise(part) if isinstance(seen, Find)}
    if lacking := [weights.file for weights in members if weights not in found]:
        raise ModelError(
            f"{', '.join(lacking)} is not in {part.stem} as published.", remedy="Try again, or import the file itself."
        )
    return [found[weights] for weights in members]
