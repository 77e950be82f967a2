"""Who resolves to whom: aliases that runs made, and merges by reviewers that stand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from crossid.archive.ids import number_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crossid.archive.database import Database

SAME_ROOT = (
    "(SELECT coalesce(root, number) FROM persons WHERE number = {one}) IS "
    "(SELECT coalesce(root, number) FROM persons WHERE number = {other})"
)
"""SQL: whether two numbers, or NULL, are one person."""

EDGES = """
SELECT 0 AS act, number AS gone, alias_of AS stays FROM persons
WHERE alias_of IS NOT NULL AND number IN (SELECT value FROM json_each(?1))
UNION ALL
SELECT act, gone, stays FROM merges JOIN acts ON acts.number = act
WHERE stands AND gone IN (SELECT value FROM json_each(?1)) ORDER BY act, gone
"""
"""What would make people one, in order: aliases that runs made, then merges that stand."""

NEIGHBOURS = """
SELECT alias_of FROM persons WHERE alias_of IS NOT NULL AND number IN (SELECT value FROM json_each(?1))
UNION SELECT number FROM persons WHERE alias_of IN (SELECT value FROM json_each(?1))
UNION SELECT stays FROM merges JOIN acts ON number = act WHERE stands AND gone IN (SELECT value FROM json_each(?1))
UNION SELECT gone FROM merges JOIN acts ON number = act WHERE stands AND stays IN (SELECT value FROM json_each(?1))
"""

APART = """
SELECT number, content, (
    SELECT json_group_array(person) FROM act_persons about WHERE about.act = number AND NOT EXISTS (
        SELECT 1 FROM act_persons gone JOIN acts forgetting ON forgetting.number = gone.act
        WHERE gone.person = about.person AND forgetting.kind = 'forget'
    )
) FROM acts WHERE stands AND kind = 'reject' AND number IN (
    SELECT act FROM act_persons WHERE person IN (SELECT value FROM json_each(?)) GROUP BY act HAVING count(*) > 1
) ORDER BY number
"""
"""Rejections of whole people: content, if it was not erased, and who of them was not forgotten."""


def root_of(database: Database, number: int) -> int | None:
    """The number that a person resolves to; None for a number that was never given."""
    root: int | None = database.value("SELECT coalesce(root, number) FROM persons WHERE number = ?", [number])
    return root


def roots_of(database: Database, numbers: Iterable[int]) -> dict[int, int]:
    """Number -> number that it resolves to."""
    return dict(
        database.rows(
            "SELECT number, coalesce(root, number) FROM persons WHERE number IN (SELECT value FROM json_each(?))",
            [json.dumps(sorted(numbers))],
        )
    )


def kin_of(database: Database, roots: Iterable[int]) -> list[int]:
    """Numbers of all who resolve to one of `roots`, themselves included, in order."""
    rows = database.rows(
        "SELECT number FROM persons WHERE number IN (SELECT value FROM json_each(?1)) "
        "OR root IN (SELECT value FROM json_each(?1)) ORDER BY number",
        [json.dumps(list(roots))],
    )
    return [number for (number,) in rows]


def kin_across(database: Database, numbers: Iterable[int]) -> list[int]:
    """All who resolve to the same people as `numbers`, and all whom aliases and merges would join with any of them.

    A merge that a later rejection outranks joins nobody, and will once that is taken back.
    """
    kin, new = set[int](), {*numbers}
    while new - kin:
        kin |= new
        listed = json.dumps(sorted(kin))
        resolved = kin_of(database, roots_of(database, kin).values())
        new = {*resolved, *(one for (one,) in database.rows(NEIGHBOURS, [listed]))}
    return sorted(kin)


def settle_kin(database: Database, numbers: Iterable[int]) -> None:
    """Work out anew whom `numbers` and all their kin resolve to, after an alias, a merge or a rejection came or went.

    Runs' aliases come first, then merges in the order in which they were made, each unless a later rejection says that
    two of those whom it would join are not the same: whatever stands, in whichever order it was undone or redone, the
    result is the same.
    """
    kin = kin_across(database, numbers)
    roots = _roots(kin, database.rows(EDGES, [json.dumps(kin)]), told_apart(database, kin))
    database.execute_many(
        "UPDATE persons SET root = ? WHERE number = ?",
        [(None if roots[number] == number else roots[number], number) for number in kin],
    )


def told_apart(database: Database, kin: Iterable[int]) -> list[tuple[int, int, int]]:
    """(number of an act that stands, one, another), of all rejections of whole people among some numbers."""
    rows = database.rows(APART, [json.dumps(list(kin))])
    return [(act, *pair) for act, content, people in rows for pair in _pairs(content, json.loads(people))]


def _pairs(content: str | None, people: list[int]) -> list[tuple[int, int]]:
    """Who is not whom by a rejection; of more than two, by the ids that were typed: the first is none of the others."""
    if len(people) > 2:
        people = [number_of(one) for one in json.loads(content)["people"]] if content else []
    return [(people[0], other) for other in people[1:]]


def _roots(
    kin: Iterable[int], edges: Iterable[tuple[int, int, int]], apart: Sequence[tuple[int, int, int]]
) -> dict[int, int]:
    """Union-find in which the one who stays gives the whole group its root; what is later counts more."""
    parent = {number: number for number in kin}

    def find(number: int) -> int:
        while parent.setdefault(number, number) != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for act, gone, stays in edges:
        ends = {find(gone), find(stays)}
        if not any(later > act and {find(one), find(other)} == ends for later, one, other in apart):
            parent[find(gone)] = find(stays)
    return {number: find(number) for number in kin}
