"""Who is near whom, kept between runs: a file beside the database, so that a run compares only what is new.

The file holds no ids and no vectors: numbers that stand for appearances, and how sure each is to be the same person as
those that are nearest to it. See `columns` for its form. It goes whenever somebody is erased. What became of
appearances since it was written is for its reader to find out, by their marks.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from crossid.archive.columns import Kind, open_columns, write_columns
from crossid.errors import ArchiveError
from crossid.types import Neighbours

if TYPE_CHECKING:
    from pathlib import Path

NEIGHBOURS = "crossid.neighbours"
KIND = Kind("neighbours", 2, {"marks": "<u8", "counts": "<i8", "columns": "<i4", "evidence": "<f4"})


class Neighbourhood:
    """The part of the store that keeps who is near whom."""

    folder: Path

    def neighbours(self) -> Neighbours | None:
        """See `Store`."""
        file = self.folder / NEIGHBOURS
        try:
            return _read(file)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ArchiveError(
                f"{file} is damaged.", remedy="Delete it: the next scan makes it anew, and nothing is lost."
            ) from error

    def keep_neighbours(self, neighbours: Neighbours) -> None:
        """See `Store`."""
        columns = {name: getattr(neighbours, name) for name in KIND.columns}
        with suppress(OSError):  # a disk that is full costs the next run time, not this one its answer
            write_columns(self.folder / NEIGHBOURS, KIND, {"mark": neighbours.mark}, columns)

    def forget_neighbours(self) -> None:
        """See `Store`."""
        (self.folder / NEIGHBOURS).unlink(missing_ok=True)


def _read(file: Path) -> Neighbours | None:
    """What the file holds, None if it is not there or of another version; ValueError for one that makes no sense."""
    kept = open_columns(file, KIND)
    if kept is None:
        return None
    # Copies: whoever keeps a file open cannot put another in its place everywhere.
    made = Neighbours(mark=str(kept.said["mark"]), **{name: np.array(one) for name, one in kept.read().items()})
    sound = (
        all(column.ndim == 1 for column in (made.marks, made.counts, made.columns, made.evidence))
        and len(made.counts) == len(made)
        and len(made.columns) == len(made.evidence)
        and made.counts.min(initial=0) >= 0
        and made.counts.sum() == len(made.columns)
        and made.columns.min(initial=0) >= 0
        and (made.columns < len(made)).all()
    )
    if not sound:
        raise ValueError(file)
    return made
