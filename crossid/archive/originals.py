"""The footage against what was watched: the same bytes, or others, or out of reach."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, NamedTuple

from crossid.archive.inventory import hash_file
from crossid.archive.verification import Difference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from crossid.archive import Original


class Footage(NamedTuple):
    """What became of the originals; `unreachable`: paths of which nothing can be said."""

    same: int
    unreachable: tuple[str, ...]
    differences: tuple[Difference, ...]


def compare_originals(originals: Iterable[Original], told: Callable[[int], None]) -> Footage:
    """Hash every original that can be reached.

    A path comes from the archive, which may come from anybody: only a regular file of the size that
    was recorded is ever opened, and nothing of what is in it is shown.
    """
    same, unreachable, differences = 0, list[str](), list[Difference]()
    for one in originals:
        try:
            status = one.path.stat()
            if not stat.S_ISREG(status.st_mode):
                what = "it is no file any more"
            elif status.st_size != one.size_bytes:
                what = f"it had {one.size_bytes} bytes and has {status.st_size}"
            else:
                what = "" if hash_file(one.path.resolve(), told) == one.video else "its bytes are not those watched"
        except (OSError, ValueError):
            unreachable.append(str(one.path))
            continue
        if what:
            differences.append(Difference(kind="changed", path=str(one.path), what=what))
        else:
            same += 1
    return Footage(same, tuple(unreachable), tuple(differences))
