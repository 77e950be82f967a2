"""Tracks become appearances: somebody who turns their head, or is lost for a moment, did not leave."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crossid.archive import JOIN_GAP_S

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crossid.types import LogRow


def joined(rows: Iterable[LogRow]) -> list[LogRow]:
    """Rows of one video, one per track and in order of start, with those of one presence made one.

    Tracks of one person are joined when they overlap or the gap is under `JOIN_GAP_S`; the
    unidentified never are, and neither are what a reviewer rejected and what nobody did.
    """
    presences: list[list[LogRow]] = []
    latest: dict[tuple[str, bool], list[LogRow]] = {}
    until_s: dict[tuple[str, bool], float] = {}
    for row in rows:
        who = (row.person_id, row.status == "rejected")
        if row.person_id and who in latest and row.start_s - until_s[who] < JOIN_GAP_S:
            latest[who].append(row)
            until_s[who] = max(until_s[who], row.end_s)
        else:
            latest[who], until_s[who] = [row], row.end_s
            presences.append(latest[who])
    return [_one(presence) for presence in presences]


def _one(presence: Sequence[LogRow]) -> LogRow:
    """The first row, with the best face and evidence of all, the lowest probability and the weakest status."""
    if len(presence) == 1:
        return presence[0]
    best = max(presence, key=lambda row: row.quality)
    return replace(
        presence[0],
        end_s=max(row.end_s for row in presence),
        faces=sum(row.faces for row in presence),
        face=best.face,
        face_s=best.face_s,
        box=best.box,
        quality=best.quality,
        probability=min((row.probability for row in presence if row.probability is not None), default=None),
        evidence=best.evidence,
        status=min((row.status for row in presence), key=("rejected", "proposed", "confirmed").index),
        tracks=tuple(row.appearance_id for row in presence),
    )
