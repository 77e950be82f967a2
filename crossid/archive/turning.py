"""Which rulings an undo or a redo is about, and which of them can be taken back at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossid.archive.ids import id_of
from crossid.errors import ArchiveError, RulingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossid.archive.database import Database

LAST = """
SELECT number FROM acts WHERE stands AND kind NOT IN ('undo', 'redo') ORDER BY number DESC LIMIT 1
"""
"""An erasure counts, and what was erased, lest an older ruling be taken for it."""

UNDONE_LAST = """
SELECT value FROM json_each((
    SELECT targets FROM acts undoing WHERE kind = 'undo' AND EXISTS (
        SELECT 1 FROM json_each(undoing.targets) JOIN acts undone ON undone.number = value WHERE NOT undone.stands
    ) ORDER BY number DESC LIMIT 1
)) JOIN acts ON number = value WHERE NOT stands
"""
"""What the last undo took back, as far as it is not redone."""

ERASED_FOR = """
SELECT about.person FROM act_persons about JOIN act_persons gone ON gone.person = about.person
JOIN acts forgetting ON forgetting.number = gone.act AND forgetting.kind = 'forget'
WHERE about.act = ? ORDER BY about.person LIMIT 1
"""


def targets_of(database: Database, named: Sequence[int], *, stands: bool) -> list[int]:
    """Numbers of the rulings to undo (`stands`) or redo: those that are named, or the last, or what was undone last.

    Raises:
        RulingError: one of them is not to be taken back, or is so already.
        ArchiveError: one of them is not there.
    """
    targets = list(dict.fromkeys(named)) or _last(database, stands=stands)
    for number in targets:
        _check(database, number, stands=stands)
    return targets


def _check(database: Database, number: int, *, stands: bool) -> None:
    row = database.row("SELECT kind, stands, content IS NULL FROM acts WHERE number = ?", [number])
    if row is None:
        raise ArchiveError(f"There is no ruling {number}.", remedy="crossid log lists them with their numbers.")
    kind, standing, erased = row
    if kind == "forget":
        raise RulingError(
            f"Number {number} erased what it was about, and cannot be taken back.",
            remedy="Name the number of the ruling that you mean: crossid log lists them.",
        )
    if kind in {"undo", "redo"}:
        raise RulingError(f"Number {number} is {'an' if kind == 'undo' else 'a'} {kind} itself.", remedy=_meant(kind))
    if erased:
        whose = database.value(ERASED_FOR, [number])
        who = f" when {id_of(whose)} was forgotten" if whose is not None else ""
        raise RulingError(
            f"Ruling {number} ({kind}) cannot be {'undone' if stands else 'redone'}: what it said was erased{who}.",
            remedy="Name another one, or say anew what you want of those who are left: crossid log shows what stands.",
        )
    if bool(standing) != stands:
        already, other = ("undone", "redo") if stands else ("in force", "undo")
        raise RulingError(f"Ruling {number} is {already} already.", remedy=f"crossid {other} {number}")


def _meant(kind: str) -> str:
    return f"Name the ruling that it was about: crossid {'redo' if kind == 'undo' else 'undo'} NUMBER."


def _last(database: Database, *, stands: bool) -> list[int]:
    """The last ruling that stands, or what was undone last."""
    anything = stands or database.row("SELECT 1 FROM acts WHERE NOT stands LIMIT 1")
    found = [number for (number,) in database.rows(LAST if stands else UNDONE_LAST)] if anything else []
    if not found:
        raise RulingError(
            "There is nothing to undo." if stands else "There is nothing to redo.",
            remedy="crossid log lists what reviewers ruled.",
        )
    return found
