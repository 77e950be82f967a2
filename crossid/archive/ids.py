"""People's ids: a number that is given once, as people read it."""

from __future__ import annotations

import re

from crossid.errors import ArchiveError


def id_of(number: int) -> str:
    """`P-000001` for 1."""
    return f"P-{number:06d}"


def number_of(person_id: str) -> int:
    """1 for `P-000001`; raises ArchiveError for what is no id at all."""
    if re.fullmatch(r"P-[0-9]{6,15}", person_id) is None:
        raise unknown(person_id)
    return int(person_id[2:])


def unknown(person_id: str) -> ArchiveError:
    """What is said to whoever asks for a person who was never given an id."""
    meant = re.fullmatch(r"[Pp]?-?0*([0-9]{1,6})", person_id)
    guess = f"Did you mean {id_of(int(meant[1]))}? " if meant and id_of(int(meant[1])) != person_id else ""
    return ArchiveError(
        f"There is no person {person_id[:80]!r} in this archive.", remedy=f"{guess}crossid people lists everybody."
    )
