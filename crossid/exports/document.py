"""`export json`: what is known of people, footage and runs in one document; docs/export.schema.json is its schema."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crossid.exports import Findings
    from crossid.types import LogRow, NameClaim, RunRecord, Video

VERSION = 1
"""Goes up when something is renamed or removed; what is added does not change it."""
STATEMENT = "crossid proposes that appearances show the same person; it never says who somebody is. A name is a claim."


def document(findings: Findings, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The document as plain values.

    Args:
        findings: What is known.
        records: The rows of `findings`, in their order, by the columns of `appearances.csv`.
    """
    people: dict[str, list[LogRow]] = {}
    for row in findings.rows:
        if row.person_id:
            people.setdefault(row.person_id, []).append(row)
    tracks = {row.appearance_id: list(row.tracks) for row in findings.rows}
    return {
        "format": "crossid",
        "version": VERSION,
        "statement": STATEMENT,
        "archive": findings.archive,
        "people": [_person(one, people[one], findings.claims.get(one, ())) for one in sorted(people)],
        "appearances": [{**record, "tracks": tracks[str(record["appearance_id"])]} for record in records],
        "footage": [_video(video) for video in findings.videos],
        "coverage": [asdict(one) for one in findings.coverage],
        "mishaps": [asdict(one) for one in findings.mishaps],
        "questions": [asdict(one) for one in findings.questions],
        "models": [{**asdict(one), "files": [list(file) for file in one.files]} for one in findings.models],
        "runs": [_run(one) for one in findings.runs],
    }


def _person(person: str, rows: Sequence[LogRow], claims: Iterable[NameClaim]) -> dict[str, Any]:
    standing = [row for row in rows if row.status != "rejected"]
    return {
        "id": person,
        "name": rows[0].name or None,
        "names": [{"name": one.name, "by": one.by, "source": one.source, "at": one.at.isoformat()} for one in claims],
        "appearances": [row.appearance_id for row in standing],
        "footage": list(dict.fromkeys(row.video_sha256 for row in standing)),
        "confirmed": sum(row.status == "confirmed" for row in standing),
    }


def _video(video: Video) -> dict[str, Any]:
    return {
        "sha256": video.id,
        "name": video.name,
        "kind": video.kind,
        "size_bytes": video.size_bytes,
        "width": video.width,
        "height": video.height,
        "duration_s": video.duration_s,
        "rate": str(video.rate),
        "codec": video.codec,
        "recorded_at": video.recorded_at.isoformat() if video.recorded_at else None,
        "clock": video.clock,
        "device": video.device,
        "place": asdict(video.place) if video.place else None,
    }


def _run(one: RunRecord) -> dict[str, Any]:
    return {
        "id": one.run.id,
        "started": one.run.started.isoformat(),
        "ended": one.ended.isoformat() if one.ended else None,
        "version": one.run.version,
        "settings_digest": one.run.settings_digest,
        "spaces": [asdict(space) for space in one.run.spaces],
        "operating_point": one.timings.get("operating_point"),
        "diff": asdict(one.diff),
    }
