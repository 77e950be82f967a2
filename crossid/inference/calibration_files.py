"""Where calibrations are kept: named by the user, installed on this machine, or part of crossid.

A file holds the space it is for, what was fitted, for an ensemble its members, and on whom and how
well it held (docs/people.md). Two rooms read it: what cosines mean, and how members are fused.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from importlib.resources import files
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_data_path

from crossid.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from importlib.resources.abc import Traversable

    from crossid.types import Space

FOLDER_VARIABLE = "CROSSID_CALIBRATIONS"
JOINT = "+"
"""Stands between the members' names in the name of an ensemble's space."""
SAFE_NAME = r"[\w+-][\w+.-]*"


@dataclass(frozen=True, slots=True, kw_only=True)
class FusedMember:
    """A member of an ensemble as its calibration tells it.

    `scale` is the length of its block in the fused vector; `table` holds its own calibration.
    """

    name: str
    dimensions: int
    fingerprint: str
    scale: float
    table: Mapping[str, Any]


def calibrations_folder() -> Path:
    """Where this machine's own calibrations lie: `CROSSID_CALIBRATIONS`, else below the user's data folder."""
    given = os.environ.get(FOLDER_VARIABLE)
    return Path(given) if given else user_data_path("crossid", appauthor=False) / "calibrations"


def installed(space: Space) -> Path:
    """Where the calibration of a space lies that was installed on this machine, whether it is there or not."""
    return calibrations_folder() / f"{space.name}-{space.fingerprint}.json"


def calibration_table(space: Space, given: Iterable[tuple[str, str]] = ()) -> tuple[str, dict[str, Any]]:
    """Name and content of the calibration file of a space: the user's, the installed one, else crossid's.

    Args:
        space: The space.
        given: (name of a space, file) of those that the user names.

    Raises:
        ModelError: there is none, it cannot be read, or it is that of another space.
    """
    file = _file(space, dict(given))
    if file is None:
        raise ModelError(
            f"The space '{space.name}' has no calibration, so nobody can be recognised in it.",
            remedy=_remedy(space.name),
        )
    table = _read(file)
    if table.get("fingerprint", space.fingerprint) != space.fingerprint:
        raise ModelError(
            f"The calibration {file} was made for other weights or another preprocessing than {space.name} has now.",
            remedy=_remedy(space.name),
        )
    return str(file), table


def fusion_of(members: Sequence[Space]) -> tuple[FusedMember, ...]:
    """How an ensemble of these spaces is fused: as the newest installed calibration says, else as crossid's does.

    Raises:
        ModelError: there is none for these members as they are now.
    """
    wanted = [(space.name, space.fingerprint) for space in members]
    name = JOINT.join(space.name for space in members)
    for file in _candidates(name):
        told = fused_members(_read(file), str(file))
        if [(member.name, member.fingerprint) for member in told] == wanted:
            return told
    raise ModelError(f"The ensemble {name} has no calibration, so nothing can be fused.", remedy=_remedy(name))


def fused_members(table: Mapping[str, Any], file: str) -> tuple[FusedMember, ...]:
    """The members that a calibration names, none where it is that of one embedder.

    Raises:
        ModelError: they make no sense.
    """
    try:
        told = tuple(
            FusedMember(
                name=str(member["space"]),
                dimensions=int(member["dimensions"]),
                fingerprint=str(member["fingerprint"]),
                scale=float(member["scale"]),
                table=member,
            )
            for member in table.get("members", ())
        )
    except (KeyError, TypeError, ValueError) as error:
        raise unreadable(file, f"its members make no sense ({error!r})") from None
    if not all(isfinite(member.scale) and member.scale >= 0 and member.dimensions > 0 for member in told):
        raise unreadable(file, "a member's scale or dimensions make no sense")
    return told


def unreadable(file: str, why: object) -> ModelError:
    """What is said of a calibration that makes no sense."""
    return ModelError(
        f"The calibration {file} cannot be read: {why}.", remedy="Make it anew: crossid calibrate PHOTOS."
    )


def _remedy(space_name: str) -> str:
    return f"Make one: crossid calibrate PHOTOS --embedder {space_name.replace(JOINT, ',')} --install, \
with PHOTOS/Person_Name/*.jpg; see docs/people.md."


def _file(space: Space, given: dict[str, str]) -> Path | Traversable | None:
    if space.name in given:
        return Path(given[space.name])
    if not re.fullmatch(SAFE_NAME, space.name):
        return None  # an archive may come from anybody: the name of its space is no path
    return next((file for file in (installed(space), _ours(space.name)) if file.is_file()), None)


def _candidates(name: str) -> Iterator[Path | Traversable]:
    """Calibrations of an ensemble of that name, the newest of those installed first."""
    try:
        yield from sorted(calibrations_folder().glob(f"{name}-*.json"), key=lambda file: -file.stat().st_mtime_ns)
    except OSError as error:
        raise unreadable(str(calibrations_folder()), error.strerror) from None
    if _ours(name).is_file():
        yield _ours(name)


def _ours(name: str) -> Traversable:
    return files("crossid.inference").joinpath("calibrations", f"{name}.json")


def _read(file: Path | Traversable) -> dict[str, Any]:
    try:
        table = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise unreadable(str(file), error) from None
    if not isinstance(table, dict):
        raise unreadable(str(file), "it holds no object")
    return table
