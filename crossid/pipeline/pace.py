"""How fast this machine is: seconds of footage watched per second, remembered from run to run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

if TYPE_CHECKING:
    from crossid.settings import Settings

SLOW_PACE = 2.0
"""Times real time; what is promised before this machine was measured."""

MOST = 20
"""So many settings are remembered, the latest."""


def remembered_pace(settings: Settings) -> float:
    """Times real time at which footage was watched here last with these settings, else `SLOW_PACE`."""
    try:
        pace = float(_remembered()[settings.watch_digest()])
    except (ValueError, KeyError, TypeError):
        return SLOW_PACE
    return pace if pace > 0 else SLOW_PACE


def remember_pace(settings: Settings, footage_s: float, took_s: float) -> None:
    """Note how long it took; too little footage says nothing, and a folder that cannot be written is no harm."""
    if footage_s < 20 or took_s <= 0:
        return
    paces = _remembered()
    paces.pop(settings.watch_digest(), None)
    paces[settings.watch_digest()] = round(footage_s / took_s, 3)
    try:
        _file().parent.mkdir(parents=True, exist_ok=True)
        _file().write_text(json.dumps(dict(list(paces.items())[-MOST:])), encoding="utf-8")
    except OSError:
        return


def _remembered() -> dict[str, Any]:
    """Digest of settings -> times real time, the oldest first; nothing where the file makes no sense."""
    try:
        paces = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return paces if isinstance(paces, dict) else {}


def _file() -> Path:
    return Path(platformdirs.user_state_path("crossid")) / "pace.json"
