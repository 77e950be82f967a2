"""Forgets a person: what is theirs in the database is erased, and the ledger says that it was, and no more.

What stays of them: the numbers they had, so that no id is ever given twice and every one resolves, and
the lines of the ledger without content and salt, so that the chain holds. Nobody can find out from
these what was said: without the salt no name can be tried against a commitment.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from crossid.archive import ledger
from crossid.archive.acting import Acts
from crossid.archive.acts import Act
from crossid.archive.deeds import Deed
from crossid.archive.ids import id_of, number_of
from crossid.archive.kinship import kin_of, settle_kin
from crossid.archive.looking import Logs
from crossid.archive.standing import refresh
from crossid.errors import RulingError

if TYPE_CHECKING:
    from collections.abc import Iterable


THEIRS = """
SELECT track FROM memberships
WHERE status != 'rejected' AND person IN (SELECT value FROM json_each(?))
"""

ACTS_ABOUT = """
SELECT number FROM acts WHERE kind != 'forget' AND content IS NOT NULL AND (
    number IN (SELECT act FROM act_persons WHERE person IN (SELECT value FROM json_each(?1)))
    OR number IN (SELECT act FROM verdicts WHERE person IN (SELECT value FROM json_each(?1))
                  OR track IN (SELECT value FROM json_each(?2))
                  OR face IN (SELECT id FROM faces WHERE track IN (SELECT value FROM json_each(?2))))
) ORDER BY number
"""

TURNING = """
SELECT number FROM acts WHERE content IS NOT NULL AND EXISTS (
    SELECT 1 FROM json_each(acts.targets) WHERE value IN (SELECT value FROM json_each(?))
) ORDER BY number
"""

SPOKEN_OF = """
SELECT track FROM verdicts WHERE track IS NOT NULL AND person IN (SELECT value FROM json_each(?1))
UNION SELECT track FROM proposals WHERE person IN (SELECT value FROM json_each(?1))
UNION SELECT track FROM memberships WHERE person IN (SELECT value FROM json_each(?1))
"""
"""Appearances that somebody once said are, or are not, one of these people."""

# ?1 people, ?2 tracks; faces of tracks are looked up before they go.
ERASING = (
    """DELETE FROM rulings WHERE person IN (SELECT value FROM json_each(?1))
       OR face IN (SELECT id FROM faces WHERE track IN (SELECT value FROM json_each(?2)))""",
    """DELETE FROM verdicts WHERE person IN (SELECT value FROM json_each(?1))
       OR track IN (SELECT value FROM json_each(?2))
       OR face IN (SELECT id FROM faces WHERE track IN (SELECT value FROM json_each(?2)))""",
    "DELETE FROM names WHERE person IN (SELECT value FROM json_each(?1)) AND ?2 = ?2",
    """DELETE FROM merges WHERE (gone IN (SELECT value FROM json_each(?1))
       OR stays IN (SELECT value FROM json_each(?1))) AND ?2 = ?2""",
    "DELETE FROM proposals WHERE person IN (SELECT value FROM json_each(?1)) AND ?2 = ?2",
    "DELETE FROM tracks WHERE key IN (SELECT value FROM json_each(?2)) AND ?1 = ?1",
)

COUNTS = {
    "tracks": "SELECT count(*) FROM tracks WHERE key IN (SELECT value FROM json_each(?2)) AND ?1 = ?1",
    "videos": "SELECT count(DISTINCT video) FROM tracks WHERE key IN (SELECT value FROM json_each(?2)) AND ?1 = ?1",
    "faces": "SELECT count(*) FROM faces WHERE track IN (SELECT value FROM json_each(?2)) AND ?1 = ?1",
    "pictures": "SELECT count(*) FROM crops WHERE track IN (SELECT value FROM json_each(?2)) AND ?1 = ?1",
    "vectors": "SELECT count(*) FROM embeddings WHERE track IN (SELECT value FROM json_each(?2)) AND ?1 = ?1",
    "names": "SELECT count(*) FROM names WHERE person IN (SELECT value FROM json_each(?1)) AND ?2 = ?2",
    "rulings_of_runs": """SELECT count(*) FROM rulings WHERE person IN (SELECT value FROM json_each(?1))
        OR face IN (SELECT id FROM faces WHERE track IN (SELECT value FROM json_each(?2)))""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was erased of somebody, without anything that says who they were.

    `aliases` are the other ids that led to `person_id`; `erased`: what -> how many, appearances as logs
    count them and the tracks that were joined into these; `ledger_entry` and `ledger_hash`: the line
    that says so, its number and hash.
    """

    person_id: str
    aliases: tuple[str, ...]
    at: datetime
    by: str
    erased: dict[str, int]
    ledger_entry: int
    ledger_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What came of forgetting somebody.

    `forgotten` is None for somebody whom the database had forgotten before. `strangers`: files that
    are not crossid's, in that person's folder; they stay. `still_named`: files of the archive in
    which one of their names still stands, because a video or somebody else is called so, or a
    reviewer wrote it elsewhere. Paths may say who they were: no receipt holds them.
    """

    forgotten: Forgotten | None
    strangers: tuple[str, ...] = ()
    still_named: tuple[str, ...] = ()


class Forgetting(Acts, Logs):
    """The part of the store that forgets."""

    def forget(self, person_id: str, by: str, at: datetime) -> Forgotten:
        """See `Store`."""
        database = self.database
        with database.transaction():
            kin = kin_of(database, [number_of(self.resolve(person_id))])
            if self.forgotten().keys() & {id_of(one) for one in kin}:
                raise RulingError(f"{person_id} is forgotten already.", remedy="crossid log says when.")
            tracks = [track for (track,) in database.rows(THEIRS, [json.dumps(kin)])]
            about = [json.dumps(kin), json.dumps(tracks)]
            acts = self._acts_about(about)
            appearances = sum(row.status != "rejected" for row in self.log(person_id))
            erased = {what: int(database.value(sql, about)) for what, sql in COUNTS.items()}
            self._erase_words(acts, kin[0])
            others = {track for (track,) in database.rows(SPOKEN_OF, about[:1])} - {*tracks}
            self._erase_questions(kin, tracks)
            for statement in ERASING:
                database.execute(statement, about)
            settle_kin(database, kin)
            refresh(database, others)
            entry = self._note(kin, by, at)
            database.execute_many("INSERT OR IGNORE INTO unpainted VALUES (?)", [(id_of(one),) for one in kin])
        root, *aliases = [id_of(one) for one in kin]
        return Forgotten(
            person_id=root,
            aliases=tuple(aliases),
            at=at,
            by=by,
            erased={"appearances": appearances, **erased, "rulings_of_reviewers": len(acts)},
            ledger_entry=entry,
            ledger_hash=database.value("SELECT hash FROM acts WHERE number = ?", [entry]),
        )

    def forgotten(self) -> dict[str, datetime]:
        """See `Store`."""
        rows = self.database.rows(
            "SELECT person, at FROM act_persons JOIN acts ON number = act WHERE kind = 'forget' ORDER BY person"
        )
        return {id_of(person): datetime.fromisoformat(at) for person, at in rows}

    def compact(self) -> None:
        """See `Store`."""
        self.database.execute("VACUUM")

    def _acts_about(self, about: list[str]) -> list[int]:
        """Numbers of all that reviewers did with them, and of what undid or redid it."""
        acts = [number for (number,) in self.database.rows(ACTS_ABOUT, about)]
        turning = [number for (number,) in self.database.rows(TURNING, [json.dumps(acts)])]
        return sorted({*acts, *turning})

    def _erase_words(self, acts: Iterable[int], person: int) -> None:
        """Content and salt go; that the act concerned somebody who was forgotten stays, and explains it."""
        for number in acts:
            self.database.execute("UPDATE acts SET content = NULL, salt = NULL WHERE number = ?", [number])
            self.database.insert_new("act_persons", [person, number, False])

    def _erase_questions(self, kin: Iterable[int], tracks: Iterable[int]) -> None:
        ids = json.dumps([id_of(one) for one in kin])
        appearances = "SELECT id FROM tracks WHERE key IN (SELECT value FROM json_each(?2))"
        self.database.execute(
            "DELETE FROM questions WHERE EXISTS (SELECT 1 FROM json_each(people) WHERE value IN "  # noqa: S608 -- made of constants
            "(SELECT value FROM json_each(?1))) OR EXISTS (SELECT 1 FROM json_each(appearances) WHERE value IN "
            f"({appearances}))",
            [ids, json.dumps(list(tracks))],
        )

    def _note(self, kin: list[int], by: str, at: datetime) -> int:
        """The line of the ledger that says that somebody was forgotten."""
        number = ledger.next_number(self.database)
        deed = Deed(concerned=dict.fromkeys(kin, False))
        act = Act(kind="forget", by=by, at=at, people=tuple(id_of(one) for one in kin))
        ledger.append(self.database, number, act, [], ledger.content_of(self.database, act, deed, []))
        self.database.insert_many("act_persons", ([person, number, False] for person in kin))
        return number
