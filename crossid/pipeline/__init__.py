"""The corridor: the only place that knows the order of the rooms.

`scan` is the main job. Ground floor, per video: `watch`. Upper floor, all videos: `gather`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossid.pipeline.events import Listener, Silence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from crossid.pipeline.exporting import Exported, Kind
    from crossid.pipeline.reporting import Reported
    from crossid.settings import Settings
    from crossid.types import Diff, Mishap, OperatingPoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a scan would do: videos and photographs found, how many are in the archive, seconds and bytes to read."""

    files: int
    known: int
    seconds: float
    size_bytes: int
    mishaps: tuple[Mishap, ...]
    estimate_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoTimes:
    """Where the time went that a video took: its length, and seconds by stage as `Stopwatch` counts them."""

    video: str
    duration_s: float
    stages: Mapping[str, float]

    @property
    def seconds(self) -> float:
        """All stages together."""
        return sum(self.stages.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a scan did; `times` of what was watched now, in the order of its names.

    `appearances`: of people, as the log has them: several tracks may be one. `operating_point`: from when
    on two were one; None where nobody was seen.
    """

    run_id: str
    diff: Diff
    videos: int
    watched: int
    people: int
    appearances: int
    mishaps: tuple[Mishap, ...]
    seconds: float
    times: tuple[VideoTimes, ...] = ()
    operating_point: OperatingPoint | None = None


def preview(footage: Sequence[Path], archive: Path, settings: Settings) -> Preview:
    """Look at folders without watching anything: what a scan would do, with an estimate of its time."""
    from crossid.pipeline.planning import look_ahead

    return look_ahead(footage, archive, settings)


def bring_up_to_date(archive: Path, settings: Settings) -> None:
    """Make an archive of an earlier format one of today; a copy of its database as it was stays beside it.

    Raises:
        ArchiveError: it cannot be used, or cannot be written.
    """
    from contextlib import closing

    from crossid.archive import open_archive, paint

    with closing(open_archive(archive, settings.archive, write=True)) as store:
        paint(store)


def scan(
    footage: Sequence[Path],
    archive: Path,
    settings: Settings,
    *,
    rescan: bool = False,
    listener: Listener | None = None,
) -> Outcome:
    """The main job: read, find, follow, describe, recognise, keep; see `scanning`.

    Raises:
        FootageError: there is nothing to read.
        ArchiveError: the archive cannot be used.
        KeyboardInterrupt: passed on after what is finished was kept; the next scan goes on from there.
    """
    from crossid.pipeline.scanning import run

    return run(footage, archive, settings, rescan=rescan, listener=listener or Silence())


def reembed(archive: Path, settings: Settings, tell: Callable[[int, int], None]) -> Outcome:
    """Describe an archive's faces with other models, from the portraits that were kept; see `reembedding`.

    Ids, names and rulings stay; nothing is watched again.

    Args:
        archive: Its folder.
        settings: With the embedders of now.
        tell: Told how many of how many appearances are described.

    Raises:
        ArchiveError: there is none, or it cannot be used.
        ModelError: weights or a calibration are missing.
        KeyboardInterrupt: passed on; the same call goes on where it was stopped.
    """
    from crossid.pipeline.reembedding import run

    return run(archive, settings, tell)


def report(archive: Path, settings: Settings, out: Path | None = None) -> Reported:
    """Put what an archive knows on one page, `reports/report.html`, with plots beside it; see `reporting`.

    Args:
        archive: Its folder; written to unless `out` is given.
        settings: Names the store.
        out: Write only the page, and there.

    Raises:
        ArchiveError: the archive cannot be used.
        CrossidError: `out` cannot be written.
    """
    from crossid.pipeline import reporting

    return reporting.report(archive, settings, out)


def export(archive: Path, settings: Settings, kind: Kind, out: Path, people: Sequence[str] = ()) -> Exported:
    """Write what an archive knows as files for other programs; see `exporting`.

    Args:
        archive: Its folder.
        settings: Names the store.
        kind: csv, json, geojson: one file. otio, edl, vtt, xmp: several, in a folder.
        out: That file (`-` for stdout) or folder; what has the same name there is replaced.
        people: Ids of those whom it is about; everybody if empty.

    Raises:
        ArchiveError: the archive cannot be read, or has no such person.
        CrossidError: there is nothing to write, a library is missing, or `out` cannot be written.
    """
    from crossid.pipeline import exporting

    return exporting.export(archive, settings, kind, out, people)


def captions_beside(archive: Path, settings: Settings) -> Exported:
    """Write captions beside the videos, where players find them; where one cannot be, that is told and the others are.

    Raises:
        ArchiveError: the archive cannot be read.
        CrossidError: a file that crossid did not write has such a name already; nothing was written.
    """
    from crossid.pipeline import exporting

    return exporting.captions_beside(archive, settings)
