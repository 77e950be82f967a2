"""Where calibrations are kept: named by the user, installed on this machine, or part of crossid.

A file holds the space it is for, what was fitted, for an ensemble its members, and on whom and how
well it held (docs/people.md).
"""

from __future__ import annotations

import json
import os
import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_data_path

from crossid.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.resources.abc import Traversable

FOLDER_VARIABLE = "CROSSID_CALIBRATIONS"


def calibrations_folder() -> Path:
    """Where this machine's own calibrations lie: `CROSSID_CALIBRATIONS`, else below the user's data folder."""
    given = os.environ.get(FOLDER_VARIABLE)
    return Path(given) if given else user_data_path("crossid", appauthor=False) / "calibrations"


def installed(space_name: str, fingerprint: str) -> Path:
    """Where the calibration of a space lies that was installed on this machine, whether it is there or not."""
    return calibrations_folder() / f"{space_name}-{fingerprint}.json"


def calibration_table(
    space_name: str, given: Iterable[tuple[str, str]] = (), fingerprint: str = ""
) -> tuple[str, dict[str, Any]]:
    """Name and content of the calibration file of a space: the user's, the installed one, else crossid's.

    Args:
        space_name: Name of the space.
        given: (space, file) of those that the user names.
        fingerprint: Of the space; "" where only the name is known: then nothing installed is found.

    Raises:
        ModelError: there is none, it cannot be read, or it is that of another space.
    """
    file = _file(space_name, dict(given), fingerprint)
    if file is None:
        raise ModelError(
            f"The space '{space_name}' has no calibration, so nobody can be recognised in it.",
            remedy=f"Make one: crossid calibrate PHOTOS --embedder {space_name.replace('+', ',')} --install, "
            "with PHOTOS/Person_Name/*.jpg; see docs/people.md.",
        )
    table = _read(file)
    made_for = str(table.get("fingerprint", ""))
    if fingerprint and made_for and made_for != fingerprint:
        raise ModelError(
            f"The calibration {file} was made for other weights or another preprocessing than {space_name} has now.",
            remedy=f"Make it anew: crossid calibrate PHOTOS --embedder {space_name.replace('+', ',')}.",
        )
    return str(file), table


def unreadable(file: str, why: object) -> ModelError:
    """What is said of a calibration that makes no sense."""
    return ModelError(
        f"The calibration {file} cannot be read: {why}.", remedy="Make it anew: crossid calibrate PHOTOS."
    )


def _file(space_name: str, given: dict[str, str], fingerprint: str) -> Path | Traversable | None:
    if space_name in given:
        return Path(given[space_name])
    if not re.fullmatch(r"[\w+-][\w+.-]*", space_name):
        return None  # an archive may come from anybody: the name of its space is no path
    own = installed(space_name, fingerprint)
    ours = files("crossid.people").joinpath("calibrations", f"{space_name}.json")
    return next((file for file in (own, ours) if file.is_file()), None)


def _read(file: Path | Traversable) -> dict[str, Any]:
    try:
        table = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise unreadable(str(file), error) from None
    if not isinstance(table, dict):
        raise unreadable(str(file), "it holds no object")
    return table
