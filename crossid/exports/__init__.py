"""Exports: what the archive knows comes in, files for people and other programs go out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from crossid.types import Coverage, LogRow, Mishap, NameClaim, Observation, Question, RunRecord, Video


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelNote:
    """A model that took part, and under which licence; `files` are (name, SHA-256 or "").

    `commercial`: whether the licence lets a company use it; None where nobody said.
    """

    name: str
    role: str
    licence: str
    commercial: bool | None
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
        silhouettes: Person id -> how well they are set apart from the next person, in words; not of those seen
            once, and only where it is shown.
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
    silhouettes: Mapping[str, str] = field(default_factory=dict)


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


def as_document(findings: Findings, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All that is known as one document of plain values; see `document`."""
    from crossid.exports.document import document

    return document(findings, records)


def as_geojson(findings: Findings) -> dict[str, Any]:
    """Footage whose place is known, as GeoJSON of plain values; see `places`."""
    from crossid.exports.places import places

    return places(findings)


def as_vtt(rows: Iterable[LogRow]) -> str:
    """Who is seen in one video, as WebVTT; see `captions`."""
    from crossid.exports.captions import captions

    return captions(rows)


def is_caption(file: Path) -> bool:
    """Whether a file is one that `captions` made."""
    from crossid.exports.captions import is_own

    return is_own(file)


def as_xmp(photograph: Video, rows: Iterable[LogRow]) -> bytes:
    """Faces in a photograph as an XMP packet; see `regions`."""
    from crossid.exports.regions import regions

    return regions(photograph, rows)


def person_timeline(rows: Sequence[LogRow], videos: Mapping[str, Video]) -> str:
    """One person's appearances as OTIO; see `timelines`, also for the next two.

    Raises:
        CrossidError: the library for it is not installed.
    """
    from crossid.exports import timelines

    return timelines.person_timeline(rows, videos)


def video_timeline(video: Video, rows: Iterable[LogRow]) -> str:
    """One video with a marker for each appearance, as OTIO."""
    from crossid.exports import timelines

    return timelines.video_timeline(video, rows)


def person_list(rows: Sequence[LogRow], videos: Mapping[str, Video]) -> str:
    """One person's appearances as a CMX 3600 edit decision list."""
    from crossid.exports import timelines

    return timelines.person_list(rows, videos)


def pixels(jpeg: bytes, width: int, height: int) -> bytes:
    """A picture as red, green and blue of each pixel, row by row; nothing for what is no picture."""
    from crossid.exports import thumbnails

    return thumbnails.pixels(jpeg, width, height)
