"""What follows from runs' proposals and the acts of reviewers that stand: who is who, and what binds every run."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from crossid.archive.ids import id_of
from crossid.types import Reviewed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crossid.archive.database import Database

VERDICTS = """
SELECT v.track, v.verdict, v.person, coalesce(p.root, p.number), v.act
FROM verdicts v JOIN acts a ON a.number = v.act AND a.stands LEFT JOIN persons p ON p.number = v.person
WHERE {which} AND NOT (v.verdict = 'different' AND a.kind = 'reject' AND EXISTS (
    SELECT 1 FROM act_persons c JOIN persons q ON q.number = c.person
    WHERE c.act = v.act AND c.person != v.person AND coalesce(q.root, q.number) = coalesce(p.root, p.number)
) AND NOT EXISTS (
    SELECT 1 FROM json_each(a.content, '$.appearances') n JOIN tracks t ON t.id = n.value WHERE t.key = v.track
)) ORDER BY v.track, v.act, v.key
"""
"""Whoever was told apart from somebody as a whole, and was made one with them later, is barred from them no more."""

PROPOSALS = """
SELECT q.track, q.person, coalesce(p.root, p.number), q.probability, q.evidence
FROM proposals q LEFT JOIN persons p ON p.number = q.person
WHERE q.track IN (SELECT value FROM json_each(?))
"""

UNSETTLED = """
SELECT t.id, coalesce(p.root, p.number), q.since
FROM memberships m JOIN proposals q ON q.track = m.track JOIN tracks t ON t.key = m.track
JOIN persons p ON p.number = m.person WHERE m.status = 'proposed'
"""

HELD_UNTIL = """
SELECT coalesce(p.root, p.number), max(c.act)
FROM act_persons c JOIN acts a ON a.number = c.act AND a.stands JOIN persons p ON p.number = c.person
WHERE c.holds GROUP BY 1
"""

IGNORED = """
SELECT c.person, coalesce(p.root, p.number), a.kind FROM acts a JOIN act_persons c ON c.act = a.number
JOIN persons p ON p.number = c.person
WHERE (a.kind = 'forget' OR (a.stands AND a.kind IN ('ignore', 'unignore'))) AND {which} ORDER BY a.number
"""


@dataclass(slots=True)
class Word:
    """What reviewers say of one appearance, their acts read in order.

    `person` is (number, number it resolves to). `barred`: number it resolves to -> number, the last
    one said last. `said`: "person", "faceless" or the number of who is barred -> act that says so.
    """

    person: tuple[int, int] | None = None
    faceless: bool = False
    barred: dict[int, int] = field(default_factory=dict)
    said: dict[str | int, int] = field(default_factory=dict)

    def hear(self, verdict: str, person: int, root: int, act: int) -> set[int]:
        """One more verdict; later ones count more. Returns the acts that said otherwise until now."""
        outranked = set[int]()
        if verdict == "same":
            outranked = self._unsay("faceless", root)
            self.person, self.faceless, self.said["person"] = (person, root), False, act
            self.barred.pop(root, None)
        elif verdict == "different":
            self._unsay(root)
            self.barred.pop(root, None)
            self.barred[root], self.said[root] = person, act
            if self.person is not None and self.person[1] == root:
                outranked, self.person = self._unsay("person"), None
        elif verdict == "allowed":
            outranked = self._unsay(root)
            self.barred.pop(root, None)
        elif verdict in {"faceless", "ignored"}:
            outranked = self._unsay("person")
            self.person, self.faceless, self.said["faceless"] = None, True, act
        elif verdict == "open":
            outranked, self.faceless = self._unsay("faceless"), False
        return outranked - {act}

    def holds(self) -> tuple[Any, ...]:
        """What is said, whoever said it."""
        return self.person, self.faceless, dict(self.barred)

    def _unsay(self, *what: str | int) -> set[int]:
        return {self.said.pop(one) for one in what if one in self.said}


class Proposal(NamedTuple):
    """A run's last word on an appearance; `root` is the number that `person` resolves to."""

    person: int | None
    root: int | None
    probability: float | None
    evidence: str


def words(database: Database, which: str = "v.track IS NOT NULL", tracks: str = "") -> Iterator[tuple[int, Word]]:
    """Key of each track that reviewers spoke of -> what they say, as it stands.

    Args:
        database: The archive's.
        which: SQL condition on verdicts `v`.
        tracks: Its parameter.
    """
    rows = database.rows(VERDICTS.format(which=which), [tracks] if tracks else [])
    for track, said in groupby(rows, key=itemgetter(0)):
        word = Word()
        for _, verdict, person, root, act in said:
            word.hear(verdict, person, root, act)
        yield track, word


def words_on(database: Database, tracks: Iterable[int]) -> dict[int, Word]:
    """The same for some tracks; those that nobody spoke of are left out."""
    return dict(words(database, "v.track IN (SELECT value FROM json_each(?))", json.dumps(sorted(tracks))))


def refresh(database: Database, tracks: Iterable[int]) -> None:
    """Work out the memberships of some tracks anew."""
    keys = sorted(set(tracks))
    said = words_on(database, keys)
    proposed = {track: Proposal(*cells) for track, *cells in database.rows(PROPOSALS, [json.dumps(keys)])}
    database.execute_many("DELETE FROM memberships WHERE track = ?", [(key,) for key in keys])
    rows = ((key, said.get(key), proposed.get(key)) for key in keys)
    database.execute_many(
        "INSERT INTO memberships VALUES (?, ?, ?, ?, ?)",
        [(key, *_membership(word, proposal)) for key, word, proposal in rows if word or proposal],
    )


def reviewed(database: Database) -> Reviewed:
    """See `Store`."""
    ids = _Ids(database)
    anchored, barred, faceless = dict[str, str](), set[tuple[str, str]](), set[str]()
    held = dict(database.rows(HELD_UNTIL))
    for track, root, since in database.rows(UNSETTLED):
        if since < held.get(root, 0):
            anchored[track] = id_of(root)
    for key, word in words(database):
        track = ids.track(key)
        if word.faceless:
            faceless.add(track)
        if word.person is not None:
            anchored[track] = id_of(word.person[1])
        barred |= {(track, id_of(root)) for root in word.barred}
    return Reviewed(anchored=anchored, barred=frozenset(barred), faceless=frozenset(faceless))


def ignored_people(database: Database, kin: Sequence[int] | None = None) -> set[int]:
    """Numbers of people, themselves and no alias, whom nobody need look for; among all, or among some numbers' people.

    Args:
        database: The archive's.
        kin: Numbers, with all others that resolve to the same people: see `kin_of`.
    """
    which, given = ("TRUE", []) if kin is None else ("c.person IN (SELECT value FROM json_each(?))", [json.dumps(kin)])
    last, forgotten = dict[int, str](), set[int]()
    for person, root, kind in database.rows(IGNORED.format(which=which), given):
        if kind == "forget":
            forgotten.add(person)
        else:
            last[root] = kind
    return {root for root, kind in last.items() if kind == "ignore"} - forgotten


class _Ids:
    """Ids of the tracks that reviewers spoke of, read in one pass."""

    def __init__(self, database: Database) -> None:
        self._of = dict(
            database.rows(
                "SELECT key, id FROM tracks WHERE key IN (SELECT track FROM verdicts WHERE track IS NOT NULL)"
            )
        )

    def track(self, key: int) -> str:
        found: str = self._of[key]
        return found


def _membership(word: Word | None, proposal: Proposal | None) -> tuple[Any, ...]:
    """Person, probability, evidence and status of a membership; a reviewer outranks every run."""
    said, proposed = word or Word(), proposal or Proposal(None, None, None, "")
    if said.faceless:
        return None, None, "", "rejected"
    if said.person is not None:
        return said.person[0], *_grounds(proposed, said.person[1]), "confirmed"
    if not said.barred or (proposed.root is not None and proposed.root not in said.barred):
        return proposed.person, proposed.probability, proposed.evidence, "proposed"
    root, person = list(said.barred.items())[-1]
    return person, *_grounds(proposed, root), "rejected"


def _grounds(proposed: Proposal, root: int) -> tuple[float | None, str]:
    """What a run had to say for it, if it said the same."""
    return (proposed.probability, proposed.evidence) if proposed.root == root else (None, "")
