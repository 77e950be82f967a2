"""What `verify` finds, in words that a front door can show and a program can read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["missing", "changed", "unexpected", "unreadable", "damaged", "outdated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as it was recorded.

    `kind`: a file is "missing", "changed", "unexpected" or "unreadable"; the database is "damaged"
    inside; a file is "outdated" when it stands as it was written, but the database says something
    else by now. `path` is relative to the archive (POSIX), or that of an original. `mendable`: it
    can be painted again from the database.
    """

    kind: Kind
    path: str
    what: str
    mendable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was checked, and what came of it.

    `files` and `originals` were hashed and are as recorded; `unreachable` are originals that are not
    where they were found: nothing can be said of them. `notes` is what a reader should know and what
    is no difference. `cut_short`: the database says that a command was cut short. `mended`: paths that `repair`
    brought back.
    """

    files: int
    originals: int
    unreachable: tuple[str, ...]
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]
    cut_short: bool = False
    mended: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether all that could be checked is as it was recorded."""
        return not self.differences

    @property
    def unfinished(self) -> bool:
        """Whether all that differs is what a command that was cut short has not written yet."""
        return self.cut_short and not self.sound and all(one.kind == "outdated" for one in self.differences)
