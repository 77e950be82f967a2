"""What an archive knows, carried from the archive to the exports."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crossid import archive, exports
from crossid.archive.folders import picture_paths
from crossid.archive.label import licences
from crossid.inference.weights import models, of_model
from crossid.people.silhouette import of_people, told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crossid.archive import Store
    from crossid.settings import Settings
    from crossid.types import LogRow, RunRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What was written: the page, the plots beside it, how many bytes in all, how many people."""

    page: Path
    plots: tuple[Path, ...]
    size_bytes: int
    people: int


def report(folder: Path, settings: Settings, out: Path | None = None) -> Reported:
    """Make the report and its plots; see `crossid.pipeline.report`."""
    if out is not None:
        with closing(archive.open_archive(folder, settings.archive)) as store:
            found = _with_silhouettes(findings(store), store)
            page = exports.render_report(found, linked=False).encode()
        exports.write_file(out, page)
        return Reported(page=out, plots=(), size_bytes=len(page), people=_people(found))
    with closing(archive.open_archive(folder, settings.archive, write=True)) as store:
        found = _with_silhouettes(findings(store), store)
        files = {archive.REPORT: exports.render_report(found, linked=True).encode()}
        files |= {f"{archive.PLOTS}{name}": plot for name, plot in exports.draw_plots(found).items()}
        archive.put_report(store, files)
    return Reported(
        page=folder / archive.REPORT,
        plots=tuple(folder / path for path in files if path != archive.REPORT),
        size_bytes=sum(map(len, files.values())),
        people=_people(found),
    )


def findings(store: Store) -> exports.Findings:
    """All that an archive knows, as exports take it."""
    rows, runs = store.log(), store.runs()
    by_person: dict[str, list[LogRow]] = {}
    for row in rows:
        by_person.setdefault(row.person_id, []).append(row)
    return exports.Findings(
        archive=store.folder.resolve().name,
        rows=rows,
        claims=store.names(),
        videos=store.videos(),
        coverage=store.coverage(),
        mishaps=store.mishaps(),
        runs=runs,
        questions=store.questions(),
        models=model_notes(runs),
        pictures={one: path for seen in by_person.values() for one, path in picture_paths(seen).items()},
        portrait=store.portrait,
    )


def _with_silhouettes(found: exports.Findings, store: Store) -> exports.Findings:
    """The same, and how well each person is set apart: only the page shows it, and it takes all vectors."""
    spaces = store.spaces()
    if not spaces:
        return found
    gallery, rows = store.gallery(spaces[0]), store.memberships()
    standing = {one: row.person or "" for one, row in rows.items() if row.status != "rejected"}
    values = of_people(gallery.vectors, [standing.get(one, "") for one in gallery.ids])
    return replace(found, silhouettes={person: told(value) for person, value in values.items()})


def model_notes(runs: Sequence[RunRecord]) -> list[exports.ModelNote]:
    """The models that runs used, each once, as their records have them; files and origin as the catalogue does."""
    detectors = {name for one in runs for name in one.run.settings.get("faces", {}).get("detectors", ())}
    return [_note(told, "detector" if told["part"] in detectors else "embedder") for told in licences(runs)]


def _note(told: dict[str, Any], role: str) -> exports.ModelNote:
    catalogued = of_model(told["model"]) if told["model"] in models() else []
    return exports.ModelNote(
        name=told["model"],
        role=role,
        licence=told["licence"],
        commercial=told["commercial"],
        source=catalogued[0].source if catalogued else "",
        files=tuple((one.file, one.sha256) for one in catalogued),
    )


def _people(found: exports.Findings) -> int:
    return len({row.person_id for row in found.rows if row.person_id and row.status != "rejected"})
