"""What each run was told, and what it did."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crossid.archive import EVERYTHING
from crossid.archive.videos import Videos
from crossid.types import Diff, Mishap, Run, RunRecord, Space

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RUNS = """
SELECT id, started, version, settings_digest, spaces, settings, ended, diff, mishaps, timings
FROM runs ORDER BY started, id
"""


class Runs(Videos):
    """The part of the store that deals in runs."""

    def begin_run(self, run: Run) -> None:
        """See `Store`."""
        told = [json.dumps([asdict(space) for space in run.spaces]), json.dumps(run.settings)]
        row = [run.id, run.started.isoformat(), run.version, run.settings_digest, *told]
        self.database.insert_new("runs", [*row, None, None, None, None])

    def end_run(self, run_id: str, diff: Diff, mishaps: Sequence[Mishap], timings: Mapping[str, Any]) -> None:
        """See `Store`."""
        did = [asdict(diff), [asdict(mishap) for mishap in mishaps], dict(timings)]
        with self.database.transaction():
            self.database.execute(
                "UPDATE runs SET ended = ?, diff = ?, mishaps = ?, timings = ? WHERE id = ?",
                [datetime.now(UTC).isoformat(), *map(json.dumps, did), run_id],
            )
            self.add_mishaps(mishaps, None)
            self.database.execute("INSERT OR IGNORE INTO unpainted VALUES (?)", [EVERYTHING])

    def runs(self) -> list[RunRecord]:
        """See `Store`."""
        return [_record(row) for row in self.database.rows(RUNS)]


def _record(row: tuple[Any, ...]) -> RunRecord:
    spaces, settings, diff, mishaps, timings = (json.loads(cell) if cell else {} for cell in (*row[4:6], *row[7:]))
    return RunRecord(
        run=Run(
            id=row[0],
            started=datetime.fromisoformat(row[1]),
            version=row[2],
            settings_digest=row[3],
            spaces=tuple(Space(**space) for space in spaces),
            settings=settings,
        ),
        ended=datetime.fromisoformat(row[6]) if row[6] else None,
        diff=_diff(diff),
        mishaps=tuple(Mishap(**mishap) for mishap in mishaps),
        timings=timings,
    )


def _diff(cells: Mapping[str, Any]) -> Diff:
    bar = cells.get("bar")
    return Diff(
        new=tuple(cells.get("new", ())),
        seen_again=tuple(cells.get("seen_again", ())),
        merged=tuple((gone, stays) for gone, stays in cells.get("merged", ())),
        split=tuple((stays, new) for stays, new in cells.get("split", ())),
        bar=(bar[0], bar[1]) if bar else None,
    )
