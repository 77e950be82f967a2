"""Folders that were used before, most recent first, remembered from one conversation to the next."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs

MAX_REMEMBERED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Absolute paths, most recent first: footage (folders or files) and archives."""

    footage: tuple[str, ...] = ()
    archives: tuple[str, ...] = ()


def recall() -> Places:
    """What is remembered and still there; nothing where that cannot be read."""
    try:
        kept = json.loads(_file().read_text(encoding="utf-8"))
        return Places(footage=_there(kept["footage"]), archives=_there(kept["archives"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Places()


def remember(footage: list[Path], archive: Path) -> None:
    """Put these places first; a state folder that cannot be written is no reason to stop."""
    before = recall()
    places = Places(
        footage=_first([str(path.absolute()) for path in footage], before.footage),
        archives=_first([str(archive.absolute())], before.archives),
    )
    try:
        _file().parent.mkdir(parents=True, exist_ok=True)
        _file().write_text(json.dumps(asdict(places)), encoding="utf-8")
    except OSError:
        return


def _there(paths: list[str]) -> tuple[str, ...]:
    return tuple(path for path in paths if Path(path).exists())


def _first(new: list[str], old: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*new, *old]))[:MAX_REMEMBERED]


def _file() -> Path:
    return Path(platformdirs.user_state_path("crossid")) / "places.json"
