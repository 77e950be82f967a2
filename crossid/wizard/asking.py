"""What the wizard asks: which footage, which archive."""

from __future__ import annotations

import os
from pathlib import Path

from crossid.archive import exists
from crossid.wizard.questions import ask_path, choose

HERE = Path("archive")
"""What `crossid scan` takes if nothing is said."""


def ask_footage(recent: tuple[str, ...]) -> list[Path]:
    """One or more folders or files that are there."""
    chosen: list[Path] = []
    while True:
        left = [Path(path) for path in recent if Path(path) not in chosen]
        answer = _one_footage(chosen, left)
        if answer is None:
            return chosen
        if answer not in chosen:
            chosen.append(answer)


def _one_footage(chosen: list[Path], recent: list[Path]) -> Path | None:
    """One more place, or None for "that is all"."""
    enough = [("That is all", "enough")] if chosen else []
    known = [(str(path), path) for path in recent]
    other = [("Another folder or file…", "other")]
    answers: list[tuple[str, str | Path]] = [*enough, *known, *other]
    if len(answers) > 1:
        answer = choose("More footage?" if chosen else "Where is the footage?", answers)
        if isinstance(answer, Path) or answer == "enough":
            return answer if isinstance(answer, Path) else None
    return ask_path("Folder or file with footage (Tab completes):", footage_complaint)


def footage_complaint(path: Path) -> str:
    """Why a path cannot be footage, or ""."""
    if not path.exists():
        return "That does not exist"
    return "" if os.access(path, os.R_OK) else "That cannot be read"


def ask_archive(recent: tuple[str, ...]) -> Path:
    """A folder that holds an archive, or can be made to."""
    here = Path("archive")
    known = [Path(path) for path in recent if Path(path) != here.absolute()]
    answers: list[tuple[str, Path | None]] = [(str(path), path) for path in known]
    default = f"{here} (in this folder{'' if exists(here) else ', will be made'})"
    answers.insert(0 if exists(here) or not known else len(known), (default, here))
    answer = choose("Which archive shall hold the people?", [*answers, ("Another folder…", None)])
    return answer or ask_path(
        "Folder of the archive (made if it does not exist):", archive_complaint, folders_only=True
    )


def archive_complaint(path: Path) -> str:
    """Why a path cannot become an archive, or ""."""
    if not str(path).strip() or path == Path():
        return "Give it a folder of its own"
    if path.exists() and not path.is_dir():
        return "That is a file"
    if path.is_dir() and not exists(path) and any(path.iterdir()):
        return "That folder holds other things: give the archive one of its own"
    place = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    return "" if os.access(place, os.W_OK) else f"Nothing can be written to {place}"
