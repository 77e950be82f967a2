"""One folder per person, and one for faces too poor to be anyone."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from crossid.archive.logs import json_bytes, log_csv, record
from crossid.archive.naming import safe_name, video_stem
from crossid.archive.pieces import Piece, written
from crossid.archive.times import clock_time, file_time
from crossid.types import content_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crossid.types import LogRow, NameClaim

    Portrait = Callable[[str], bytes]

PEOPLE = "people"
PERSON = "person.json"
FACES = "faces"
UNIDENTIFIED = "unidentified"


def person_folder(person_id: str, name: str) -> str:
    """`people/P-000001`, with the name after the id if there is one."""
    return f"{PEOPLE}/{person_id} {safe_name(name)}" if name else f"{PEOPLE}/{person_id}"


def person_of(path: str) -> str | None:
    """Id of the person in whose folder a path lies, "" for that of the unidentified; None for other files."""
    top, _, rest = path.partition("/")
    return rest.partition("/")[0].partition(" ")[0] if top == PEOPLE else "" if top == UNIDENTIFIED else None


def picture_paths(rows: Sequence[LogRow]) -> dict[str, str]:
    """Appearance id -> path of its best face's picture, in order of rank: best first within a person.

    A face that a reviewer said is not this person's has no picture among theirs: its path is "".

    Args:
        rows: All appearances of one person, or of the unidentified.
    """
    paths = dict.fromkeys([row.appearance_id for row in rows if row.status == "rejected"], "")
    for rank, row in enumerate(_best_first(rows), start=1):
        folder = person_folder(row.person_id, row.name) if row.person_id else UNIDENTIFIED
        paths[row.appearance_id] = f"{folder}/{FACES}/{rank:03d}_{_sighting(row)}.jpg"
    return paths


def person_pieces(
    rows: Sequence[LogRow],
    pictures: dict[str, str],
    claims: Sequence[NameClaim],
    aliases: Sequence[str],
    portrait: Portrait,
    *,
    ignored: bool = False,
) -> Iterator[Piece]:
    """Everything in the folder of one person.

    Args:
        rows: Their appearances, at least one.
        pictures: Appearance id -> path, as `picture_paths` says.
        claims: What they were called, the name that holds last.
        aliases: Ids that resolve to them.
        portrait: Face id -> JPEG.
        ignored: Whether a reviewer said that nobody need look for them.
    """
    folder = person_folder(rows[0].person_id, rows[0].name)
    records = [record(row, pictures[row.appearance_id]) for row in rows]
    yield written(f"{folder}/{PERSON}", json_bytes(_person(rows, claims, aliases, ignored=ignored)))
    yield written(f"{folder}/appearances.csv", log_csv(records))
    yield written(f"{folder}/appearances.json", json_bytes(records))
    yield _sheet(f"{folder}/contact-sheet.jpg", rows, portrait)
    yield from _faces(rows, pictures, portrait)


def unidentified_pieces(rows: Sequence[LogRow], pictures: dict[str, str], portrait: Portrait) -> Iterator[Piece]:
    """Everything in the folder of those who are nobody yet, whether there are any or not."""
    records = (record(row, pictures[row.appearance_id]) for row in rows)
    yield written(f"{UNIDENTIFIED}/appearances.csv", log_csv(records))
    yield from _faces(rows, pictures, portrait)


def _faces(rows: Sequence[LogRow], pictures: dict[str, str], portrait: Portrait) -> Iterator[Piece]:
    for row in _best_first(rows):
        yield Piece(path=pictures[row.appearance_id], source=row.face, make=partial(portrait, row.face))


def _best_first(rows: Sequence[LogRow]) -> list[LogRow]:
    """Those that nobody rejected, by falling quality of the best face; equals in a fixed order."""
    standing = [row for row in rows if row.status != "rejected"]
    return sorted(standing, key=lambda row: (-row.quality, row.appearance_id))


def _sheet(path: str, rows: Sequence[LogRow], portrait: Portrait) -> Piece:
    from crossid.archive.sheets import LAYOUT, MAX_FACES, Caption, contact_sheet  # whoever only reads draws nothing

    ranked = _best_first(rows)
    best = ranked[:MAX_FACES]
    count = f"{len(ranked)} appearance{'s' if len(ranked) > 1 else ''}"
    most = f", the best {MAX_FACES}" if len(ranked) > MAX_FACES else ""
    title = f"{rows[0].person_id} {rows[0].name} · {count}{most}".replace("  ", " ")
    captions = [Caption(video=PurePosixPath(row.video).name, time=clock_time(row.face_s)) for row in best]

    def make() -> bytes:
        return contact_sheet(
            title, [(portrait(row.face), caption) for row, caption in zip(best, captions, strict=True)]
        )

    return Piece(path=path, source=content_id(LAYOUT, title, [row.face for row in best], captions), make=make)


def _person(
    rows: Sequence[LogRow], claims: Sequence[NameClaim], aliases: Sequence[str], *, ignored: bool
) -> dict[str, Any]:
    rows = [row for row in rows if row.status != "rejected"]
    videos = Counter((row.video, row.video_sha256) for row in rows)
    dated = sorted((row for row in rows if row.recorded_at), key=lambda row: row.recorded_at) or rows
    return {
        "id": rows[0].person_id,
        "name": rows[0].name or None,
        "names": [_claim(one) for one in claims],
        "aliases": list(aliases),
        "status": "confirmed" if all(row.status == "confirmed" for row in rows) else "proposed",
        "ignored": ignored,
        "appearances": len({row.source_id for row in rows}),
        "faces": sum(row.faces for row in rows),
        "first_seen": _seen(dated[0]),
        "last_seen": _seen(dated[-1]),
        "videos": [
            {"video": video, "video_sha256": video_id, "appearances": count}
            for (video, video_id), count in videos.items()
        ],
    }


def _claim(one: NameClaim) -> dict[str, Any]:
    return {"name": one.name, "alias": one.alias, "by": one.by, "source": one.source, "at": one.at.isoformat()}


def _seen(row: LogRow) -> dict[str, Any]:
    return {"video": row.video, "start_s": round(row.start_s, 3), "recorded_at": row.recorded_at, "clock": row.clock}


def _sighting(row: LogRow) -> str:
    """What a face's picture is called, but for its rank."""
    return f"{video_stem(row.video)}_{file_time(row.face_s)}_{row.face[:8]}"
