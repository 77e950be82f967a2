"""Who resolves to whom: aliases that runs made, and merges by reviewers that stand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crossid.archive.database import Database

SAME_ROOT = (
    "(SELECT coalesce(root, number) FROM persons WHERE number = {one}) IS "
    "(SELECT coalesce(root, number) FROM persons WHERE number = {other})"
)
"""SQL: whether two numbers, or NULL, are one person."""


def root_of(database: Database, number: int) -> int | None:
    """The number that a person resolves to; None for a number that was never given."""
    root: int | None = database.value("SELECT coalesce(root, number) FROM persons WHERE number = ?", [number])
    return root


def kin_of(database: Database, roots: Iterable[int]) -> list[int]:
    """Numbers of all who resolve to one of `roots`, themselves included, in order."""
    rows = database.rows(
        "SELECT number FROM persons WHERE number IN (SELECT value FROM json_each(?1)) "
        "OR root IN (SELECT value FROM json_each(?1)) ORDER BY number",
        [json.dumps(list(roots))],
    )
    return [number for (number,) in rows]


def settle_kin(database: Database, numbers: Iterable[int]) -> set[int]:
    """Work out anew whom `numbers` and all their kin resolve to, after an alias or a merge came or went.

    Runs' aliases come first, then merges in the order in which they were made: whatever stands, in
    whichever order it was undone or redone, the result is the same.

    Returns:
        Everybody who was looked at.
    """
    kin = _all_kin(database, numbers)
    listed = json.dumps(sorted(kin))
    edges = [
        *database.rows(
            "SELECT number, alias_of FROM persons "
            "WHERE alias_of IS NOT NULL AND number IN (SELECT value FROM json_each(?)) ORDER BY number",
            [listed],
        ),
        *database.rows(
            "SELECT gone, stays FROM merges JOIN acts ON acts.number = act "
            "WHERE stands AND gone IN (SELECT value FROM json_each(?)) ORDER BY act, gone",
            [listed],
        ),
    ]
    roots = _roots(kin, edges)
    database.execute_many(
        "UPDATE persons SET root = ? WHERE number = ?",
        [(None if roots[number] == number else roots[number], number) for number in sorted(kin)],
    )
    return kin


def _all_kin(database: Database, numbers: Iterable[int]) -> set[int]:
    """`numbers`, and all who resolve to the same people as they did until now."""
    rows = database.rows(
        "SELECT DISTINCT coalesce(root, number) FROM persons WHERE number IN (SELECT value FROM json_each(?))",
        [json.dumps(list(numbers))],
    )
    return set(kin_of(database, [root for (root,) in rows]))


def _roots(kin: Iterable[int], edges: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Union-find in which the one who stays gives the whole group its root."""
    parent = {number: number for number in kin}

    def find(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for gone, stays in edges:
        parent[find(gone)] = find(stays)
    return {number: find(number) for number in parent}
