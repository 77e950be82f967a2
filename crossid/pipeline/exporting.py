"""An archive's knowledge, written as files for other programs."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from crossid import archive, exports
from crossid.archive.logs import json_bytes, log_csv, record
from crossid.archive.naming import hash_name, safe_name
from crossid.errors import ArchiveError, CrossidError
from crossid.exports.files import STDOUT
from crossid.pipeline.reporting import findings
from crossid.types import Mishap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from crossid.exports import Findings
    from crossid.settings import Settings
    from crossid.types import LogRow, Video

Kind: TypeAlias = Literal["csv", "json", "otio", "edl", "vtt", "xmp", "geojson"]
Files: TypeAlias = "Iterator[tuple[str, bytes]]"
BESIDE_REMEDY = "Write the captions into a folder: crossid export vtt FOLDER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """Files that were written, how many `rows` (appearances, or places for geojson) they tell of, what failed."""

    files: tuple[Path, ...]
    rows: int
    mishaps: tuple[Mishap, ...] = ()


def export(folder: Path, settings: Settings, kind: Kind, out: Path, people: Sequence[str] = ()) -> Exported:
    """Write what an archive knows; see `crossid.pipeline.export`."""
    with closing(archive.open_archive(folder, settings.archive)) as store:
        wanted = {store.resolve(person) for person in people}
        found = findings(store)
    if wanted:
        found = replace(found, rows=[row for row in found.rows if row.person_id in wanted])
        absent = sorted(wanted - {row.person_id for row in found.rows})
        if absent:
            raise ArchiveError(
                f"{', '.join(absent)} has no appearance in this archive.",
                remedy="crossid show tells what became of them.",
            )
    if kind in SINGLE:
        data, rows = SINGLE[kind](found)
        exports.write_file(out, data)
        return Exported(files=() if out == STDOUT else (out,), rows=rows)
    if out == STDOUT:
        raise CrossidError(f"{kind} is several files.", remedy="Name a folder to put them in.")
    files = list(FOLDERS[kind](found))
    for path, data in files:
        exports.write_file(out / path, data)
    return Exported(files=tuple(out / path for path, _ in files), rows=len(_standing(found, TELLS_OF.get(kind))))


def captions_beside(folder: Path, settings: Settings) -> Exported:
    """Write captions beside the videos themselves; see `crossid.pipeline.captions_beside`."""
    with closing(archive.open_archive(folder, settings.archive)) as store:
        found = findings(store)
    texts = _captions(found)
    files = _beside(list(texts))
    foreign = [path for path in files.values() if os.path.lexists(path) and not exports.is_caption(path)]
    if foreign:
        raise CrossidError(
            f"{foreign[0]} is there already, and crossid did not write it.",
            remedy=f"Move it away. {BESIDE_REMEDY}",
        )
    mishaps = {video: mishap for video in files if (mishap := _written_beside(video, files[video], texts[video]))}
    written = {video.id: path for video, path in files.items() if video not in mishaps}
    rows = [row for row in _standing(found, "video") if row.video_sha256 in written]
    return Exported(files=tuple(written.values()), rows=len(rows), mishaps=tuple(mishaps.values()))


def _beside(videos: Sequence[Video]) -> dict[Video, Path]:
    """Where each one's captions belong: `a.vtt`, or `a.mp4.vtt` where `a.mov` lies beside `a.mp4`.

    Of two that were found in one place at different times, the captions have the hash of the one they are of.
    """
    paths = {video: video.path.with_suffix(".vtt") for video in videos}
    for name in ("{0.path.name}.vtt", "{0.path.name}.{0.id:.8}.vtt"):
        taken = Counter(str(path).casefold() for path in paths.values())
        paths = {
            video: path if taken[str(path).casefold()] == 1 else path.with_name(name.format(video))
            for video, path in paths.items()
        }
    return paths


def _written_beside(video: Video, path: Path, text: str) -> Mishap | None:
    """Write one video's captions; why that cannot be does not stop the others."""
    reason, remedy = "the folder in which it was found is not there", BESIDE_REMEDY
    if path.parent.is_dir():
        try:
            exports.write_file(path, text.encode())
        except CrossidError as error:
            reason = str(error)
        else:
            return None
    return Mishap(video=video.name, moment_s=None, room="exports", reason=reason, remedy=remedy)


def _csv(found: Findings) -> tuple[bytes, int]:
    return log_csv(_records(found)), len(found.rows)


def _json(found: Findings) -> tuple[bytes, int]:
    return json_bytes(exports.as_document(found, _records(found))), len(found.rows)


def _geojson(found: Findings) -> tuple[bytes, int]:
    told = exports.as_geojson(found)
    if not told["features"]:
        raise CrossidError(
            "No footage in this archive says where it was recorded.",
            remedy="Phones write it if they are allowed to; messengers and platforms take it away.",
        )
    return json_bytes(told), len(told["features"])


def _otio(found: Findings) -> Files:
    videos = {video.id: video for video in found.videos}
    for person, rows in _by(found, lambda row: row.person_id).items():
        yield f"people/{person}.otio", exports.person_timeline(rows, videos).encode()
    for video, rows in _by(found, lambda row: row.video_sha256).items():
        stem = hash_name(videos[video].name, video)
        yield f"videos/{stem}.otio", exports.video_timeline(videos[video], rows).encode()


def _edl(found: Findings) -> Files:
    videos = {video.id: video for video in found.videos}
    for person, rows in _by(found, lambda row: row.person_id).items():
        yield f"{person}.edl", exports.person_list(rows, videos).encode()


def _vtt(found: Findings) -> Files:
    texts = _captions(found)
    for video, path in _tree(list(texts), lambda name: name.with_suffix(".vtt")).items():
        yield path, texts[video].encode()


def _xmp(found: Findings) -> Files:
    seen = _by(found, lambda row: row.video_sha256)
    stills = [video for video in found.videos if video.kind == "still" and video.id in seen]
    if not stills:
        raise CrossidError(
            "Nobody is recognised in a photograph of this archive.",
            remedy="Regions are for photographs; videos get vtt.",
        )
    for still, path in _tree(stills, lambda name: name.with_name(f"{name.name}.xmp")).items():
        yield path, exports.as_xmp(still, seen[still.id])


def _captions(found: Findings) -> dict[Video, str]:
    """Videos in which somebody is seen -> their captions."""
    seen = _by(found, lambda row: row.video_sha256)
    return {
        video: exports.as_vtt(seen[video.id]) for video in found.videos if video.kind == "video" and video.id in seen
    }


def _tree(videos: Sequence[Video], renamed: Callable[[PurePosixPath], PurePosixPath]) -> dict[Video, str]:
    """A path for each, as the footage lies, so that the folder fits over it; those of one name get their hash."""
    paths = {video: renamed(PurePosixPath(*map(safe_name, PurePosixPath(video.name).parts))) for video in videos}
    taken = Counter(str(path).casefold() for path in paths.values())
    return {
        video: str(path if taken[str(path).casefold()] == 1 else path.with_name(f"{video.id[:8]}_{path.name}"))
        for video, path in paths.items()
    }


SINGLE: dict[str, Callable[[Findings], tuple[bytes, int]]] = {"csv": _csv, "json": _json, "geojson": _geojson}
FOLDERS: dict[str, Callable[[Findings], Files]] = {"otio": _otio, "edl": _edl, "vtt": _vtt, "xmp": _xmp}


TELLS_OF = {"vtt": "video", "xmp": "still"}
"""What only speaks of one kind of footage."""


def _records(found: Findings) -> list[dict[str, Any]]:
    return [record(row, found.pictures[row.appearance_id]) for row in found.rows]


def _standing(found: Findings, kind: str | None = None) -> list[LogRow]:
    """What is somebody's, and rejected by nobody, in footage of one kind or all."""
    kinds = {video.id: video.kind for video in found.videos}
    rows = (row for row in found.rows if row.person_id and row.status != "rejected")
    return [row for row in rows if kind in (None, kinds[row.video_sha256])]


def _by(found: Findings, key: Callable[[LogRow], str]) -> dict[str, list[LogRow]]:
    grouped: dict[str, list[LogRow]] = {}
    for row in _standing(found):
        grouped.setdefault(key(row), []).append(row)
    return {one: grouped[one] for one in sorted(grouped)}
