"""Folders against database: what was painted, and what would be painted today."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from crossid.archive import DATABASE
from crossid.archive.painting import all_pieces, is_report
from crossid.archive.verification import Difference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crossid.archive import PaintedFile, Store
    from crossid.archive.pieces import Piece


class Drift:
    """What painting would change: files that are due, files that are no longer part of the picture.

    Pictures and tables are made once more and compared with what was recorded, so that a database
    that was altered behind the folders' back shows. Contact sheets are not: another version of the
    library that draws them may draw them otherwise.

    Args:
        store: The archive's.
        painted: What it says was painted.
    """

    def __init__(self, store: Store, painted: Mapping[str, PaintedFile]) -> None:
        self._found, wanted = list[Difference](), set[str]()
        self._due: dict[str, Piece] = {}
        for piece in all_pieces(store):
            wanted.add(piece.path)
            before = painted.get(piece.path)
            if before is None or not before.sha256 or before.source != piece.source:
                self._found.append(_outdated(piece.path, "the database says something else by now"))
                self._due[piece.path] = piece
            elif _is_reproducible(piece) and _hash(piece) != before.sha256:
                what = f"{piece.path} was made from something else"
                self._found.append(Difference(kind="damaged", path=DATABASE, what=what))
        self._gone = sorted(path for path in painted.keys() - wanted if not is_report(path))
        self._found += [_outdated(path, "it is no longer part of the archive") for path in self._gone]

    def differences(self) -> list[Difference]:
        """All of it."""
        return self._found

    def ahead(self, hashes: Mapping[str, str]) -> Iterator[str]:
        """Files that are as painting would leave them, unnoted as yet, and folders on the way to what is due.

        Args:
            hashes: Path -> hash of every file that is there.
        """
        yield from (path for path, piece in self._due.items() if path in hashes and hashes[path] == _hash(piece))
        yield from (path for path in self._gone if path not in hashes)
        for path in (*self._due, *self._gone):
            yield from map(str, PurePosixPath(path).parents)


def _outdated(path: str, what: str) -> Difference:
    return Difference(kind="outdated", path=path, what=what, mendable=True)


def _hash(piece: Piece) -> str:
    return hashlib.sha256(piece.make()).hexdigest()


def _is_reproducible(piece: Piece) -> bool:
    return "/faces/" in piece.path or piece.path.endswith((".csv", ".json"))
