"""What an act meets in the ledger: earlier rulings that it outranks, and the same ruling made before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from crossid.archive.calling import names_given
from crossid.archive.kinship import kin_of, roots_of, told_apart
from crossid.archive.standing import Word, words_on
from crossid.errors import RulingError

if TYPE_CHECKING:
    from crossid.archive.acts import Act
    from crossid.archive.database import Database
    from crossid.archive.deeds import Deed

ALIKE = """
SELECT number, content FROM acts WHERE stands AND content IS NOT NULL AND kind = ?1 AND "by" = ?2 AND (
    number IN (SELECT act FROM act_persons WHERE person IN (SELECT value FROM json_each(?3)))
    OR number IN (SELECT act FROM verdicts WHERE track IN (SELECT value FROM json_each(?4)))
) ORDER BY number DESC LIMIT 100
"""

TURNED = """
SELECT max(a.number) FROM acts a JOIN act_persons c ON c.act = a.number
WHERE a.stands AND a.kind IN ('ignore', 'unignore') AND c.person IN (SELECT value FROM json_each(?))
"""

REPEATED = {"name", "confirm", "reject", "not-a-face", "ignore", "unignore", "note"}
"""What can be said twice: whoever is merged, moved or split off is not there to be once more."""

NEWS = {"name": "To say it with another source, or for another reason: --source, --why.", "note": "Say something else."}
"""Kind -> how to say more than what stands; of all others it is the reason."""

SAID = ("why", "name", "source", "alias", "follows")
"""Of a content: all but ids as they were typed, and what the program was."""


def outranked(database: Database, deed: Deed, number: int) -> list[int]:
    """Numbers of acts that stand and say otherwise of the same people or appearances: what is said last counts.

    Args:
        database: The archive's, before the deed is done.
        deed: What is to be done.
        number: Its place in the ledger.
    """
    found = _hear(database, words_on(database, {track for track, *_ in deed.verdicts}), deed, number)
    one = {number for pair in deed.merges for number in pair}
    apart = told_apart(database, one) if one else []
    ends = roots_of(database, {end for _, *pair in apart for end in pair})
    return sorted(found | {act for act, *pair in apart if {ends[end] for end in pair} <= one})


def refuse_repeated(database: Database, act: Act, deed: Deed, content: dict[str, Any]) -> None:
    """See to it that what a reviewer said, and still holds, is not put into the ledger again.

    Another reviewer may say the same, and so may the same one for another reason: that is news.

    Raises:
        RulingError: a ruling that stands says just this, and nothing has outranked it since.
    """
    if act.kind not in REPEATED:
        return
    said = json.loads(json.dumps({what: content[what] for what in SAID}))
    tracks = sorted({track for track, *_ in deed.verdicts})
    rows = database.rows(ALIKE, [act.kind, act.by, json.dumps([*deed.concerned]), json.dumps(tracks)])
    for number, before in rows:
        if {what: json.loads(before)[what] for what in SAID} == said and _holds(database, number, act, deed):
            raise RulingError(
                f"Ruling {number} ({act.kind}) says so already, and stands: nothing was added.",
                remedy=NEWS.get(act.kind, "To say it for another reason: --why."),
            )


def _holds(database: Database, number: int, act: Act, deed: Deed) -> bool:
    """Whether a ruling that said the same still counts in all that it said."""
    if act.kind == "name" and not act.alias:
        claims = names_given(database, kin_of(database, roots_of(database, deed.concerned).values()))
        return [one.act for theirs in claims.values() for one in theirs if not one.alias][-1:] == [number]
    if act.kind in {"ignore", "unignore"} and deed.concerned:
        return bool(database.value(TURNED, [json.dumps([*deed.concerned])]) == number)
    words = words_on(database, {track for track, *_ in deed.verdicts})
    before = {track: word.holds() for track, word in words.items()}
    _hear(database, words, deed, number)
    return before == {track: word.holds() for track, word in words.items()}


def _hear(database: Database, words: dict[int, Word], deed: Deed, act: int) -> set[int]:
    """Let all that a deed says be heard; the acts that said otherwise until now."""
    roots = roots_of(database, {person for _, person, _ in deed.verdicts if person is not None})
    return {
        one
        for track, person, verdict in deed.verdicts
        for one in words.setdefault(track, Word()).hear(verdict, person or 0, roots.get(person or 0, 0), act)
    }
