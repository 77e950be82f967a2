"""Folders against database: what was painted, and what would be painted today."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from crossid.archive import DATABASE
from crossid.archive.painting import all_pieces, is_report
from crossid.archive.verification import Difference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crossid.archive import PaintedFile, Store
    from crossid.archive.pieces import Piece


def drifted(store: Store, painted: Mapping[str, PaintedFile]) -> Iterator[Difference]:
    """What painting would change: files that are due, files that are no longer part of the picture.

    Pictures and tables are made once more and compared with what was recorded, so that a database
    that was altered behind the folders' back shows. Contact sheets are not: another version of the
    library that draws them may draw them otherwise.
    """
    wanted = set[str]()
    for piece in all_pieces(store):
        wanted.add(piece.path)
        before = painted.get(piece.path)
        if before is None or not before.sha256 or before.source != piece.source:
            yield Difference(
                kind="outdated", path=piece.path, what="the database says something else by now", mendable=True
            )
        elif _is_reproducible(piece) and hashlib.sha256(piece.make()).hexdigest() != before.sha256:
            yield Difference(kind="damaged", path=DATABASE, what=f"{piece.path} was made from something else")
    for path in sorted(path for path in painted.keys() - wanted if not is_report(path)):
        yield Difference(kind="outdated", path=path, what="it is no longer part of the archive", mendable=True)


def _is_reproducible(piece: Piece) -> bool:
    return "/faces/" in piece.path or piece.path.endswith((".csv", ".json"))
