"""Names that were given, in the order in which they count."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from crossid.archive.kinship import EDGES, kin_of, roots_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crossid.archive.database import Database

GIVEN = """
SELECT n.act, n.person, n.name, a."by", n.source, a.at, n.alias, coalesce(p.root, p.number)
FROM names n JOIN acts a ON a.number = n.act AND a.stands JOIN persons p ON p.number = n.person
WHERE {which} ORDER BY n.act
"""


LAST_GIVEN = """
SELECT n.act, n.person, n.name, a."by", n.source, a.at, n.alias, coalesce(p.root, p.number)
FROM persons p JOIN names n ON n.act = (
    SELECT m.act FROM names m JOIN acts b ON b.number = m.act
    WHERE m.person = p.number AND b.stands AND NOT m.alias ORDER BY m.act DESC LIMIT 1
) JOIN acts a ON a.number = n.act WHERE {which} ORDER BY n.act
"""
"""Of all claims on one number none but the last can hold; whoever was named often has but that one read."""


OF_SOME = "p.number IN (SELECT value FROM json_each(?))"


class Called(NamedTuple):
    """A claim that stands; `person` is the number that was named, `root` the one that it resolves to."""

    act: int
    person: int
    name: str | None
    by: str
    source: str
    at: str
    alias: int
    root: int


def names_given(database: Database, kin: Sequence[int] | None = None) -> dict[int, list[Called]]:
    """Number of a person -> claims, the one that holds last; of everybody, or of whom some numbers stand for.

    A name belongs to the id that was named. Of two who are merged, the name of the one who stays counts more, if they
    have one; what either id is called from then on counts most.
    """
    return _in_order(database, _given(database, GIVEN, kin))


def names_that_hold(database: Database, kin: Sequence[int] | None = None) -> dict[int, str]:
    """Number of a person -> name that holds; of everybody who has one, or of whom some numbers stand for."""
    claims = _in_order(database, _given(database, LAST_GIVEN, kin))
    return {root: last.name for root, (*_, last) in claims.items() if last.name}


def _given(database: Database, sql: str, kin: Sequence[int] | None) -> list[Called]:
    """Claims in the order in which they were made."""
    which, given = ("TRUE", []) if kin is None else (OF_SOME, [json.dumps(kin)])
    return [Called(*row) for row in database.rows(sql.format(which=which), given)]


def _in_order(database: Database, given: Sequence[Called]) -> dict[int, list[Called]]:
    """Number of a person -> claims on them and on whom they were merged with, the one that holds last."""
    groups: defaultdict[int, list[Called]] = defaultdict(list)
    place: dict[int, int] = {}  # number -> number under which the claims on it are, until a later merge
    edges = _edges(database, {claim.root for claim in given})
    steps: list[tuple[int, Called | tuple[int, int]]] = [(claim.act, claim) for claim in given]
    steps += [(act, (gone, stays)) for act, gone, stays in edges]
    for _, step in sorted(steps, key=lambda one: one[0]):
        if isinstance(step, Called):
            groups[_find(place, step.person)].append(step)
        else:
            gone, stays = (_find(place, end) for end in step)
            if gone != stays:
                theirs, own = groups.pop(gone, []), groups[stays]
                groups[stays] = [*theirs, *own] if _named(own) else [*own, *theirs]
                place[gone] = stays
    return {claims[0].root: claims for claims in groups.values() if claims}


def _named(claims: Sequence[Called]) -> bool:
    """Whether the claim that holds gives a name, and takes none back."""
    last = [one.name for one in claims if not one.alias][-1:]
    return last not in ([], [None])


def _edges(database: Database, roots: Iterable[int]) -> list[tuple[int, int, int]]:
    """Aliases and merges by which others are one of these people."""
    found = roots_of(database, kin_of(database, roots))
    rows = database.rows(EDGES, [json.dumps(sorted(found))])
    return [(act, gone, stays) for act, gone, stays in rows if found.get(gone) == found.get(stays)]


def _find(place: dict[int, int], number: int) -> int:
    while number in place:
        number = place[number]
    return number
