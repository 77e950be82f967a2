"""Who would be in two places at once: what a ruling says is possible, unless somebody is seen twice in one picture."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from crossid.people.together import apart

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from crossid.archive import Store
    from crossid.archive.acts import Shift
    from crossid.types import Membership


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A person is in two places of one picture, `at_s` seconds from the start of a video for the first time there.

    `appearances` are the two (of one track each). Mirrors, posters and screens explain some.
    """

    person: str
    video: str
    video_sha256: str
    at_s: float
    appearances: tuple[str, str]


def clashes(store: Store, shifts: Sequence[Shift]) -> tuple[Clash, ...]:
    """Where appearances that became somebody's are seen beside others that are theirs; the first of each pair.

    Args:
        store: As it is after the ruling.
        shifts: What the ruling changed.
    """
    came: defaultdict[str, set[str]] = defaultdict(set)
    whence = {one.appearance: _whose(one.before) for one in shifts}
    for shift in shifts:
        person = _whose(shift.after)
        if person is not None and person != whence[shift.appearance]:
            came[person].add(shift.appearance)
    found = (one for person, new in came.items() for one in _clashes_of(store, person, new, whence))
    return tuple(sorted(found, key=lambda one: (one.person, one.video, one.at_s)))


def _whose(membership: Membership | None) -> str | None:
    """Whose appearance it is; what was rejected is nobody's."""
    return None if membership is None or membership.status == "rejected" else membership.person


def _clashes_of(store: Store, person: str, new: set[str], whence: dict[str, str | None]) -> Iterator[Clash]:
    """Pairs of one who came and one who was there, or came from elsewhere."""

    @cache
    def boxes(track: str) -> NDArray[np.float32]:
        return np.array([(at_s, *box) for at_s, box in store.faces_of([track])], np.float32)

    standing = [row for row in store.log(person) if row.status != "rejected"]
    # Tracks of one person that overlap are one appearance: who is of two is in no picture with the other.
    pairs = [(*pair, row) for row in standing for pair in combinations(row.tracks, 2) if new.intersection(pair)]
    for one, other, row in pairs:
        if whence.get(one, person) == whence.get(other, person) is not None:
            continue  # one person's before as well: this ruling says nothing of them
        moments = apart(boxes(one), boxes(other))
        if len(moments):
            yield Clash(
                person=person,
                video=row.video,
                video_sha256=row.video_sha256,
                at_s=round(float(moments[0]), 3),
                appearances=(one, other),
            )
