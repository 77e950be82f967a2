"""Whom a face can be compared with: one vector per appearance, kept in a file that is quicker to read than the tables.

The file holds nothing that is not in the database. It is written by whoever looks first, is not used when the
database has changed since or its bytes are damaged, and goes when a writer settles: nobody who was erased is left in
it. Nothing breaks when it is deleted, or where it cannot be written.
"""

from __future__ import annotations

import json
import os
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from crossid.archive import DATABASE
from crossid.archive.ids import id_of
from crossid.archive.persons import Persons
from crossid.sketches import BITS, WORD, sketched
from crossid.types import References, Sketches, Space

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

VECTORS = "crossid.vectors"
MAGIC = b"crossid vectors 2\n"
ID_BYTES = 16
ALIGNED_BYTES = 64
"""Numbers lie in the file where a processor can take them as they are."""
NOBODY = -1
OWN = ("vectors", "qualities", "who", "ids")
SKETCHED = ("bits", "centre", "along", "away")

ROWS = """
SELECT t.id, t.quality, e.vector, m.person, m.status FROM embeddings e JOIN tracks t ON t.key = e.track
LEFT JOIN memberships m ON m.track = t.key WHERE e.space = ? ORDER BY e.track
"""


class Referring(Persons):
    """The part of the store that answers whom somebody looks like."""

    folder: Path

    def references(self, space: Space) -> References:
        """See `Store`."""
        stamp = _stamp(self.folder)
        kept = _read(self.folder / VECTORS, space, stamp)
        if kept is not None:
            return kept
        made = self._made(space)
        with suppress(OSError):  # a disk that is full or cannot be written costs time, not the answer
            _write(self.folder / VECTORS, made, stamp)
        return made

    def forget_references(self) -> None:
        """Remove the file, where there is one."""
        (self.folder / VECTORS).unlink(missing_ok=True)

    def check_references(self) -> str:
        """What is wrong with the file; "" if nothing, also where it is of another time and nobody would use it."""
        file, stamp = self.folder / VECTORS, _stamp(self.folder)
        try:
            with file.open("rb") as opened:
                header = json.loads(opened.readline()) if opened.readline(len(MAGIC)) == MAGIC else {}
            if header["stamp"] != stamp:
                return ""
            rows = self.database.rows("SELECT name, dimensions, fingerprint FROM spaces")
            spaces = [Space(name=name, dimensions=size, fingerprint=mark) for name, size, mark in rows]
            (space,) = (one for one in spaces if str(one) == header["space"])
        except (OSError, ValueError, KeyError, TypeError):
            return "it is damaged"
        kept, made = _read(file, space, stamp), self._made(space)
        if kept is None or kept.people != made.people:
            return "it is damaged"
        # sketches are numbers of the machine that made them: the checksum is all there is to them
        pairs = [(getattr(kept, name), getattr(made, name)) for name in OWN]
        return "" if all(np.array_equal(*pair) for pair in pairs) else "it is not what the database says"

    def _made(self, space: Space) -> References:
        """The same out of the tables."""
        key = self.database.value(
            "SELECT key FROM spaces WHERE name = ? AND dimensions = ? AND fingerprint = ?",
            [space.name, space.dimensions, space.fingerprint],
        )
        ids, qualities, numbers, packed = list[bytes](), list[float](), list[int](), bytearray()
        for track, quality, vector, number, status in self.database.rows(ROWS, [key]):
            ids.append(track.encode())
            qualities.append(quality)
            numbers.append(0 if number is None or status == "rejected" else number)
            packed += np.frombuffer(vector, "<f4").astype("<f2").tobytes()
        people, who = self._who(np.array(numbers, np.int64))
        vectors = np.frombuffer(bytes(packed), "<f2").reshape(-1, space.dimensions)
        return References(
            space=space,
            people=people,
            ids=np.array(ids, f"S{ID_BYTES}"),
            who=who,
            qualities=np.array(qualities, np.float32),
            vectors=vectors,
            sketches=sketched(vectors),
        )

    def _who(self, numbers: NDArray[np.int64]) -> tuple[tuple[str, ...], NDArray[np.int32]]:
        """People's ids in order, aliases followed, and the place of each number's person among them; 0 is nobody."""
        roots = dict(self.database.rows("SELECT number, root FROM persons WHERE root IS NOT NULL"))
        given, inverse = np.unique(numbers, return_inverse=True)
        resolved = [roots.get(number, number) for number in given.tolist()]
        people = sorted({number for number in resolved if number})
        place = {0: NOBODY, **{number: at for at, number in enumerate(people)}}
        places = np.array([place[number] for number in resolved], np.int32)
        who = places[inverse] if len(given) else np.empty(0, np.int32)
        return tuple(map(id_of, people)), who


def _stamp(folder: Path) -> list[int]:
    """What changes when the database does: size and time of its file, and of the log of what is not in it yet."""
    status = (folder / DATABASE).stat()
    stamp = [status.st_size, status.st_mtime_ns]
    with suppress(FileNotFoundError):
        log = (folder / f"{DATABASE}-wal").stat()
        stamp += [log.st_size, log.st_mtime_ns] if log.st_size else []  # readers leave an empty one
    return stamp


def _columns(rows: int, dimensions: int, sketches: int) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Column -> (type, shape), in the order in which they lie in the file."""
    return {
        "vectors": ("<f2", (rows, dimensions)),
        "bits": ("<u8", (BITS // WORD, sketches)),
        "centre": ("<f4", (dimensions,)),
        "along": ("<f4", (sketches,)),
        "away": ("<f4", (sketches,)),
        "qualities": ("<f4", (rows,)),
        "who": ("<i4", (rows,)),
        "ids": (f"S{ID_BYTES}", (rows,)),
    }


def _read(file: Path, space: Space, stamp: list[int]) -> References | None:
    """What was kept, unless it is of another time or space, or damaged; vectors stay in the file until used."""
    try:
        with file.open("rb") as opened:
            if opened.readline(len(MAGIC)) != MAGIC:
                return None
            header = json.loads(opened.readline())
            start = opened.tell()
        if (header["stamp"], header["space"]) != (stamp, str(space)):
            return None
        body = np.memmap(file, np.uint8, "r", offset=start)
        if zlib.crc32(body.data) != header["crc"]:
            return None
        columns, at = dict[str, Any](), 0
        for name, (kind, shape) in _columns(header["rows"], space.dimensions, header["sketches"]).items():
            size = int(np.dtype(kind).itemsize * np.prod(shape))
            columns[name] = body[at : at + size].view(kind).reshape(shape)
            at += size
        sketches = Sketches(**{name: columns.pop(name) for name in SKETCHED})
        return References(space=space, people=tuple(header["people"]), sketches=sketches, **columns)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(file: Path, made: References, stamp: list[int]) -> None:
    """Put the file in its place whole, whoever else does the same; for the archive's owner only."""
    columns: Mapping[str, NDArray[Any]] = {
        name: np.ascontiguousarray(getattr(made.sketches if name in SKETCHED else made, name), kind)
        for name, (kind, _) in _columns(len(made), made.space.dimensions, len(made.sketches)).items()
    }
    body = b"".join(column.tobytes() for column in columns.values())
    header = {
        "stamp": stamp,
        "space": str(made.space),
        "rows": len(made),
        "sketches": len(made.sketches),
        "crc": zlib.crc32(body),
    }
    number, part = tempfile.mkstemp(prefix=f".{VECTORS}.", dir=file.parent)
    try:
        with os.fdopen(number, "wb") as opened:
            head = json.dumps(header | {"people": made.people}).encode()
            opened.write(MAGIC + head + b" " * (-(len(MAGIC) + len(head) + 1) % ALIGNED_BYTES) + b"\n" + body)
        Path(part).replace(file)
    except OSError:
        Path(part).unlink(missing_ok=True)
        raise
