"""Whom a face can be compared with: one vector per appearance, kept in a file that is quicker to read than the tables.

The file holds nothing that is not in the database. It is written by whoever looks first, is not used when the
database has changed since or its bytes are damaged, and goes when a writer settles: nobody who was erased is left in
it. Nothing breaks when it is deleted, or where it cannot be written.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from crossid.archive import DATABASE
from crossid.archive.columns import Kind, open_columns, write_columns
from crossid.archive.ids import id_of
from crossid.archive.persons import Persons
from crossid.sketches import BITS, WORD, sketched
from crossid.types import References, Sketches, Space

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from crossid.archive.columns import Columns

VECTORS = "crossid.vectors"
ID_BYTES = 16
NOBODY = -1
OWN = {"vectors": "<f2", "qualities": "<f4", "who": "<i4", "ids": f"S{ID_BYTES}"}
SKETCHED = {"bits": "<u8", "centre": "<f4", "along": "<f4", "away": "<f4"}
KIND = Kind("vectors", 3, {**OWN, **SKETCHED, "people": f"S{ID_BYTES}"})

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
        try:
            opened = open_columns(self.folder / VECTORS, KIND)
            if opened is None:
                return ""
            opened.read()
            if opened.said["stamp"] != _stamp(self.folder):
                return ""
            rows = self.database.rows("SELECT name, dimensions, fingerprint FROM spaces")
            spaces = [Space(name=name, dimensions=size, fingerprint=mark) for name, size, mark in rows]
            (space,) = (one for one in spaces if str(one) == opened.said["space"])
            kept = _kept(opened, space)
        except (OSError, ValueError, KeyError, TypeError):
            return "it is damaged"
        made = self._made(space)
        # sketches are numbers of the machine that made them: the checksum is all there is to them
        pairs = [(getattr(kept, name), getattr(made, name)) for name in OWN]
        same = kept.people == made.people and all(np.array_equal(*pair) for pair in pairs)
        return "" if same else "it is not what the database says"

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


def _read(file: Path, space: Space, stamp: list[int]) -> References | None:
    """What was kept, unless it is of another time or space, or damaged; vectors stay in the file until used."""
    try:
        opened = open_columns(file, KIND)
        if opened is None or (opened.said["stamp"], opened.said["space"]) != (stamp, str(space)):
            return None
        return _kept(opened, space)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _kept(opened: Columns, space: Space) -> References:
    """What the file holds; ValueError for one that makes no sense."""
    columns = opened.read()
    people = tuple(one.decode("ascii") for one in columns.pop("people").tolist())
    rows, sketched = len(columns["ids"]), len(columns["along"])
    shapes = {
        "vectors": (rows, space.dimensions),
        "bits": (BITS // WORD, sketched),
        "centre": (space.dimensions,),
        **dict.fromkeys(("along", "away"), (sketched,)),
        **dict.fromkeys(("qualities", "who", "ids"), (rows,)),
    }
    who = columns["who"]
    if {name: column.shape for name, column in columns.items()} != shapes or (
        who.min(initial=NOBODY) < NOBODY or who.max(initial=NOBODY) >= len(people)
    ):
        raise ValueError(VECTORS)
    sketches = Sketches(**{name: columns.pop(name) for name in SKETCHED})
    return References(space=space, people=people, sketches=sketches, **columns)


def _write(file: Path, made: References, stamp: list[int]) -> None:
    """Keep what was read out of the tables."""
    columns: dict[str, NDArray[Any]] = {
        **{name: getattr(made, name) for name in OWN},
        **{name: getattr(made.sketches, name) for name in SKETCHED},
        "people": np.array([one.encode() for one in made.people], f"S{ID_BYTES}"),
    }
    write_columns(file, KIND, {"stamp": stamp, "space": str(made.space)}, columns)
