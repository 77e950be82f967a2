"""What the wizard asks: which footage, which archive."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from crossid.archive import exists
from crossid.wizard.questions import ask_path, choose

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    T = TypeVar("T")
    Answers: TypeAlias = list[tuple[str, Callable[[], T]]]

HERE = Path("archive")
"""What `crossid scan` takes if nothing is said."""


def ask_footage(recent: Sequence[str]) -> list[Path]:
    """One or more folders or files that are there, in the order in which they were named."""
    chosen: list[Path] = []
    while (place := _ask_place(chosen, recent)) is not None:
        if place not in chosen:
            chosen.append(place)
    return chosen


def _ask_place(chosen: list[Path], recent: Sequence[str]) -> Path | None:
    """One more place, or None for "that is all"; where there is no choice, none is offered."""
    enough: Answers[Path | None] = [("That is all", lambda: None)] if chosen else []
    known: Answers[Path | None] = [(path, partial(Path, path)) for path in recent if Path(path) not in chosen]
    if not enough and not known:
        return _ask_footage_path()
    question = "More footage?" if chosen else "Where is the footage?"
    return choose(question, [*enough, *known, ("Another folder or file…", _ask_footage_path)])()


def _ask_footage_path() -> Path:
    return ask_path("Folder or file with footage (Tab completes):", footage_complaint)


def footage_complaint(path: Path) -> str:
    """Why a path cannot be footage, or ""."""
    if not path.exists():
        return "There is nothing of that name"
    return "" if os.access(path, os.R_OK) else "That cannot be read"


def ask_archive(recent: Sequence[str]) -> Path:
    """A folder that holds an archive, or can be made to; what was used last is proposed."""
    known: Answers[Path] = [(path, partial(Path, path)) for path in recent if Path(path) != HERE.absolute()]
    here: Answers[Path] = [(f"{HERE}, in this folder{'' if exists(HERE) else ' (new)'}", lambda: HERE)]
    if archive_complaint(HERE):
        here = []
    first = [*here, *known] if exists(HERE) else [*known, *here]
    return choose("Which archive?", [*first, ("Another folder…", _ask_archive_path)])()


def _ask_archive_path() -> Path:
    return ask_path("Folder of the archive, made if it is not there:", archive_complaint, folders_only=True)


def archive_complaint(path: Path) -> str:
    """Why a path cannot become an archive, or ""."""
    if path.exists() and not path.is_dir():
        return "That is a file"
    place = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    if not os.access(place, os.W_OK):
        return f"Nothing can be written to {place}"
    if path.is_dir() and not exists(path) and any(path.iterdir()):
        return "That folder holds other things: give the archive one of its own"
    return ""
