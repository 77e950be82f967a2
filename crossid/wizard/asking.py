"""What the wizard asks: which footage, which archive, how closely to look."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from crossid.archive import exists
from crossid.settings import SPEEDS
from crossid.wizard.questions import ask_path, choose

if TYPE_CHECKING:
    from collections.abc import Sequence

    Ways: TypeAlias = list[tuple[str, Path | Literal["other", "enough"]]]

HERE = Path("archive")
"""What `crossid scan` takes if nothing is said."""


def ask_footage(recent: Sequence[str]) -> list[Path]:
    """One or more folders or files that are there, in the order in which they were named."""
    chosen: list[Path] = []
    while True:
        ways: Ways = [("That is all", "enough")] if chosen else []
        ways += [(path, Path(path)) for path in recent if Path(path) not in chosen]
        ways += [("Another folder or file…", "other")]
        way = choose("More footage?" if chosen else "Where is the footage?", ways)
        if way == "enough":
            return chosen
        place = way if isinstance(way, Path) else ask_path("Folder or file (Tab completes):", footage_complaint)
        if place is not None and place not in chosen:
            chosen.append(place)


def ask_archive(recent: Sequence[str]) -> Path:
    """A folder that holds an archive, or can be made to; what was used last is proposed."""
    ways: Ways = [(path, Path(path)) for path in recent if Path(path) != HERE.absolute()]
    if not archive_complaint(HERE):
        here = (f"{HERE}, in this folder{'' if exists(HERE) else ' (new)'}", HERE)
        ways.insert(0 if exists(HERE) else len(ways), here)
    ways += [("Another folder…", "other")]
    place = None
    while place is None:
        way = choose("Which archive shall keep the people?", ways)
        question = "Folder, made if it is not there (Tab completes):"
        place = way if isinstance(way, Path) else ask_path(question, archive_complaint, folders_only=True)
    return place


def ask_speed(now: str) -> str:
    """One of the speeds; the one that holds now is proposed."""
    names = sorted(SPEEDS, key=lambda name: name != now)
    return choose("How closely shall it look?", [(f"{name}: may miss {SPEEDS[name].may_miss}", name) for name in names])


def footage_complaint(path: Path) -> str:
    """Why a path cannot be footage, or ""."""
    if not path.exists():
        return "There is nothing of that name"
    return "" if os.access(path, os.R_OK) else "That cannot be read"


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
