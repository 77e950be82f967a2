"""Answers for machines: one JSON object (or array) on stdout."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, is_dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import PurePath
from typing import Any

from crossid.errors import SettingsError


def print_json(answer: Any) -> None:
    """Write `answer` as JSON: nouns become objects, paths and exact numbers text, in plain ASCII.

    ASCII, because a name may hold bytes that are no UTF-8, and a pipe may have any encoding.
    """
    sys.stdout.write(json.dumps(answer, indent=2, default=_as_json) + "\n")


def one_answer(out: PurePath, *, as_json: bool) -> None:
    """Whoever reads stdout gets one thing there: the file that is written to `-`, or what is said of it.

    Raises:
        SettingsError: both were asked for.
    """
    if as_json and str(out) == "-":
        raise SettingsError("The file itself goes to stdout, and so would --json.", remedy="Leave one of them out.")


def _as_json(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (PurePath, Fraction)):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
