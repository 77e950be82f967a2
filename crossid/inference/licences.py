"""Which licences somebody has agreed to on this machine."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crossid.errors import ModelError
from crossid.inference.weights import MODELS_VARIABLE, models_folder, of_model

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def unaccepted(models: Sequence[str]) -> list[str]:
    """Those of the models whose licence, as the catalogue states it now, nobody has agreed to yet."""
    accepted = _read()
    return [model for model in models if accepted.get(model, {}).get("licence") != of_model(model)[0].licence]


def accept(models: Sequence[str]) -> None:
    """Write down that the licences of the models were agreed to, and when.

    Raises:
        ModelError: the models folder cannot be written.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    fresh = {model: {"licence": of_model(model)[0].licence, "accepted": now} for model in unaccepted(models)}
    path = _file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(_read() | fresh, indent=2), encoding="utf-8")
    except OSError as error:
        raise ModelError(
            f"{path} cannot be written: {error.strerror}.",
            remedy=f"Set {MODELS_VARIABLE} to a folder that can be written.",
        ) from error


def _file() -> Path:
    return models_folder() / "licences.json"


def _read() -> dict[str, dict[str, Any]]:
    """What was agreed to; a record that cannot be read counts as none, and is asked for again."""
    try:
        accepted = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return accepted if isinstance(accepted, dict) else {}
