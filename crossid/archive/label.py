"""`archive.json`: what this folder is, for programs that do not open databases."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from crossid import __version__
from crossid.archive import FORMAT_VERSION, LABEL
from crossid.archive.files import replace_file
from crossid.archive.translation import translated

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crossid.types import RunRecord, Space


def write_label(folder: Path, created: str, runs: Sequence[RunRecord], spaces: Sequence[Space]) -> None:
    """Write the label, unless it is there already and says the same.

    Version and settings are those of the last run.
    """
    label = {
        "format_version": FORMAT_VERSION,
        "created": created,
        "crossid_version": runs[-1].run.version if runs else __version__,
        "settings_digest": runs[-1].run.settings_digest if runs else "",
        "spaces": [asdict(space) for space in spaces],
        "licences": licences(runs),
    }
    data = (json.dumps(label, indent=2) + "\n").encode()
    file = folder / LABEL
    with translated(folder):
        if not file.is_file() or file.read_bytes() != data:
            replace_file(folder, file, data, durable=True)


def licences(runs: Sequence[RunRecord]) -> list[dict[str, Any]]:
    """Models that any run of an archive used, each once: part, model, licence, and whether a company may use it.

    `commercial` is None for a model that the user brought: nobody said.
    """
    told = [one for record in runs for one in record.run.settings.get("licences", ())]
    return list({str(one["model"]): dict(one) for one in told}.values())


def non_commercial(runs: Sequence[RunRecord]) -> list[str]:
    """Models that any run used and that a company may not."""
    return [str(one["model"]) for one in licences(runs) if one["commercial"] is False]
