"""What is known of each video and run: who is seen when, why frames were dropped, how much was looked at."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from crossid.archive.logs import csv_bytes, json_bytes, log_csv, record
from crossid.archive.naming import hash_name, safe_name
from crossid.archive.pieces import Piece, written
from crossid.types import content_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crossid.archive import Store
    from crossid.types import Coverage, Decision, LogRow, RunRecord, Video

COVERAGE_COLUMNS: dict[str, int | None] = {
    "video": None,
    "video_sha256": None,
    "duration_s": 3,
    "pictures": 0,
    "looked_at": 0,
    "looked_at_s": 3,
    "still_s": 3,
    "dark_s": 3,
    "unreadable_s": 3,
    "missable_s": 3,
    "unwatched_s": 3,
}
FRAME_COLUMNS: dict[str, int | None] = {
    "time_s": 3,
    "pts": 0,
    "frame": 0,
    "decision": None,
    "reason": None,
    "motion": 4,
    "brightness": 4,
}


def video_piece(video: Video, rows: Sequence[LogRow], pictures: dict[str, str]) -> Piece:
    """Who is seen in a video, when; those who are nobody yet included."""
    records = (record(row, pictures[row.appearance_id]) for row in rows)
    return written(f"videos/{hash_name(video.name, video.id)}.csv", log_csv(records))


def coverage_piece(coverage: Sequence[Coverage]) -> Piece:
    """How much of each video was looked at."""
    rows = (tuple(getattr(one, column) for column in COVERAGE_COLUMNS) for one in coverage)
    return written("reports/coverage.csv", csv_bytes(COVERAGE_COLUMNS, rows))


def frames_piece(video: Video, store: Store) -> Piece:
    """Why each frame of a video was kept or dropped: long, so it is made only when the decisions changed."""

    def make() -> bytes:
        return csv_bytes(FRAME_COLUMNS, (_frame(one) for one in store.decisions(video.id)))

    path = f"reports/frames/{hash_name(video.name, video.id)}.csv"
    return Piece(path=path, source=content_id("frames", store.decisions_digest(video.id)), make=make)


def run_pieces(runs: Sequence[RunRecord]) -> Iterator[Piece]:
    """What each run was told, with what it ran, what it did."""
    for one in runs:
        yield written(f"runs/{safe_name(one.run.id)}.json", json_bytes(_run(one)))


def _frame(decision: Decision) -> tuple[float | int | str, ...]:
    moment = decision.moment
    what = "kept" if decision.kept else "dropped"
    return (
        moment.seconds,
        moment.pts,
        decision.number,
        what,
        decision.reason,
        decision.motion,
        decision.brightness,
    )


def _run(one: RunRecord) -> dict[str, object]:
    return {
        "id": one.run.id,
        "started": one.run.started.isoformat(),
        "ended": one.ended.isoformat() if one.ended else None,
        "versions": {"crossid": one.run.version},
        "settings_digest": one.run.settings_digest,
        "settings": one.run.settings,
        "models": [asdict(space) for space in one.run.spaces],
        "timings": {key: value for key, value in one.timings.items() if key != "operating_point"},
        "operating_point": one.timings.get("operating_point"),
        "mishaps": [asdict(mishap) for mishap in one.mishaps],
        "diff": asdict(one.diff),
    }
