"""Exports: what the archive knows comes in, files for people and other programs go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from crossid.types import Coverage, LogRow, Mishap, NameClaim, Observation, Question, RunRecord, Video


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelNote:
    """A model that took part, and under which licence; `files` are (name, SHA-256 or "")."""

    name: str
    role: str
    licence: str
    commercial: bool
    source: str
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that an archive knows, as exports take it.

    Attributes:
        archive: The archive's name, for people to read.
        rows: The appearance log, the unidentified and the rejected included.
        claims: Person id -> what they were called, the name that holds last.
        videos: All footage, by id.
        coverage: How much of each was looked at.
        mishaps: What went wrong and still stands.
        runs: All scans, in order.
        questions: What crossid would rather ask than decide.
        models: What the scans ran with.
        pictures: Appearance id -> path of its best face's picture, relative to the archive; "" for none.
        portrait: Face id -> JPEG; raises KeyError for a face of which none was kept.
    """

    archive: str
    rows: Sequence[LogRow]
    claims: Mapping[str, Sequence[NameClaim]]
    videos: Sequence[Video]
    coverage: Sequence[Coverage]
    mishaps: Sequence[Mishap]
    runs: Sequence[RunRecord]
    questions: Sequence[Question]
    models: Sequence[ModelNote]
    pictures: Mapping[str, str]
    portrait: Callable[[str], bytes]


def write_observations(rows: Iterable[Observation], out: Path) -> int:
    """Write one row for every face seen to `out` (`-` for stdout) and say how many; see `observations`."""
    from crossid.exports import observations

    return observations.write_observations(rows, out)


def render_report(findings: Findings, *, linked: bool) -> str:
    """The report as one HTML page that needs no other file; see `report`.

    Args:
        findings: What to show.
        linked: The page will lie in the archive's `reports` folder: link to the folders beside it.
    """
    from crossid.exports.report.page import render

    return render(findings, linked=linked)


def draw_plots(findings: Findings) -> dict[str, bytes]:
    """Name of a file -> a plot as PNG or SVG; see `plots`."""
    from crossid.exports import plots

    return plots.draw(findings)


def write_file(out: Path, data: bytes) -> None:
    """Write a file whole or not at all (`-` for stdout).

    Raises:
        CrossidError: it cannot be written.
    """
    from crossid.exports import files

    files.write_file(out, data)
