"""`export geojson`: where footage says it was recorded, and who is seen there (RFC 7946)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crossid.exports import Findings
    from crossid.types import LogRow, Place, Video


def places(findings: Findings) -> dict[str, Any]:
    """A feature for each piece of footage whose place is known; what a camera says may be wrong."""
    seen: dict[str, list[LogRow]] = {}
    for row in findings.rows:
        if row.person_id and row.status != "rejected":
            seen.setdefault(row.video_sha256, []).append(row)
    features = [
        _feature(video, video.place, seen.get(video.id, [])) for video in findings.videos if video.place is not None
    ]
    return {"type": "FeatureCollection", "features": features}


def _feature(video: Video, place: Place, rows: list[LogRow]) -> dict[str, Any]:
    people: dict[str, dict[str, Any]] = {}
    for row in rows:
        person = people.setdefault(row.person_id, {"id": row.person_id, "name": row.name or None, "appearances": 0})
        person["appearances"] += 1
    position = [round(place.longitude, 7), round(place.latitude, 7)]  # 7 decimals: a centimetre
    return {
        "type": "Feature",
        "id": video.id,
        "geometry": {
            "type": "Point",
            "coordinates": position + ([place.altitude] if place.altitude is not None else []),
        },
        "properties": {
            "footage": video.name,
            "sha256": video.id,
            "kind": video.kind,
            "recorded_at": video.recorded_at.isoformat() if video.recorded_at else None,
            "clock": video.clock,
            "device": video.device,
            "people": list(people.values()),
        },
    }
