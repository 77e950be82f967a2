"""Who is who: permanent ids, runs' rulings that are only added, and what follows from them and from reviewers' acts."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crossid.archive.calling import names_given, names_that_hold
from crossid.archive.ids import id_of, number_of, unknown
from crossid.archive.kinship import SAME_ROOT, kin_of, root_of, settle_kin
from crossid.archive.standing import refresh, reviewed
from crossid.types import Membership, NameClaim, Person, content_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossid.archive.database import Database
    from crossid.types import Reviewed, Ruling

PIN = """
SELECT t.id, f.id, t.video, f.pts, f."left", f.top, f."right", f.bottom FROM faces f JOIN tracks t ON t.key = f.track
"""

MEMBERSHIPS = """
SELECT t.id, coalesce(p.root, p.number), m.probability, m.evidence, m.status
FROM memberships m JOIN tracks t ON t.key = m.track LEFT JOIN persons p ON p.number = m.person
"""

HELD = """
SELECT 1 FROM act_persons JOIN acts ON number = act AND stands
WHERE holds AND person IN (SELECT value FROM json_each(?))
"""

PROPOSE = f"""
INSERT INTO proposals SELECT key, ?, ?, ?, (SELECT coalesce(max(number), 0) FROM acts) FROM tracks WHERE id = ?
ON CONFLICT (track) DO UPDATE SET probability = excluded.probability, evidence = excluded.evidence,
person = CASE WHEN {SAME_ROOT.format(one="proposals.person", other="excluded.person")}
         THEN proposals.person ELSE excluded.person END,
since = CASE WHEN {SAME_ROOT.format(one="proposals.person", other="excluded.person")}
        THEN proposals.since ELSE excluded.since END
"""  # noqa: S608 -- made of constants
"""Whoever is proposed under another of their numbers keeps the one that they had before they were merged."""

PROPOSE_AGAIN = f"""
UPDATE proposals SET probability = ?, evidence = ?
WHERE track = (SELECT key FROM tracks WHERE id = ?) AND {SAME_ROOT.format(one="person", other="?")}
"""  # noqa: S608 -- made of constants


class Persons:
    """The part of the store that deals in people."""

    database: Database

    def memberships(self) -> dict[str, Membership]:
        """See `Store`."""
        return {row[0]: membership(row) for row in self.database.rows(MEMBERSHIPS)}

    def new_person_ids(self, count: int, run_id: str) -> list[str]:
        """See `Store`."""
        with self.database.transaction():
            numbers = [self.database.insert("persons", [None, run_id, None, None, None]) for _ in range(count)]
        return [id_of(number) for number in numbers]

    def rule(self, rulings: Sequence[Ruling], memberships: Sequence[Membership]) -> None:
        """See `Store`."""
        with self.database.transaction():
            settled = self.reviewed()
            beyond = settled.anchored.keys() | settled.faceless
            for ruling in rulings:
                self._append(ruling, beyond)
            free = [row for row in memberships if row.appearance not in beyond]
            self.database.execute_many(PROPOSE, [(_number_or_none(row.person), *_grounds(row)) for row in free])
            again = [row for row in memberships if row.appearance in settled.anchored]
            self.database.execute_many(PROPOSE_AGAIN, [(*_grounds(row), _number_or_none(row.person)) for row in again])
            self._refresh([row.appearance for row in (*free, *again)])

    def reviewed(self) -> Reviewed:
        """See `Store`."""
        return reviewed(self.database)

    def alias(self, person_id: str, into: str, run_id: str) -> None:
        """See `Store`."""
        gone, stays = number_of(person_id), number_of(into)
        if self.resolve(person_id) == self.resolve(into):
            return  # they are one already, and nobody may become an alias of themselves
        roots = [number_of(self.resolve(one)) for one in (person_id, into)]
        if self.database.row(HELD, [json.dumps(kin_of(self.database, roots))]):
            return
        with self.database.transaction():
            self.database.execute(
                "UPDATE persons SET alias_of = ?, aliased_by = ? WHERE number = ?", [stays, run_id, gone]
            )
            settle_kin(self.database, [gone, stays])

    def resolve(self, person_id: str) -> str:
        """See `Store`."""
        root = root_of(self.database, number_of(person_id))
        if root is None:
            raise unknown(person_id)
        return id_of(root)

    def aliases(self) -> dict[str, str]:
        """See `Store`."""
        rows = self.database.rows("SELECT number, root FROM persons WHERE root IS NOT NULL ORDER BY number")
        return {id_of(gone): id_of(stays) for gone, stays in rows}

    def names(self, people: Sequence[str] | None = None) -> dict[str, list[NameClaim]]:
        """See `Store`."""
        kin = None if people is None else kin_of(self.database, [number_of(one) for one in people if one])
        return {
            id_of(root): [
                NameClaim(
                    name=one.name,
                    by=one.by,
                    source=one.source,
                    at=datetime.fromisoformat(one.at),
                    alias=bool(one.alias),
                )
                for one in claims
            ]
            for root, claims in names_given(self.database, kin).items()
        }

    def current_names(self, kin: Sequence[int] | None = None) -> dict[str, str]:
        """Id -> name, of all who have one, or of those whom some numbers stand for."""
        return {id_of(root): name for root, name in names_that_hold(self.database, kin).items()}

    def people(self) -> list[Person]:
        """See `Store`."""
        names = self.current_names()
        rows = self.database.rows(
            "SELECT coalesce(p.root, p.number), t.id FROM memberships m JOIN tracks t ON t.key = m.track "
            "JOIN persons p ON p.number = m.person WHERE m.status != 'rejected' ORDER BY t.video, t.start_s, t.id"
        )
        appearances = defaultdict[int, list[str]](list)
        for root, track in rows:
            appearances[root].append(track)
        return [
            Person(id=id_of(root), name=names.get(id_of(root)), appearances=tuple(tracks))
            for root, tracks in sorted(appearances.items())
        ]

    def _append(self, ruling: Ruling, beyond: set[str]) -> None:
        """Add a ruling, unless reviewers settled what it is about."""
        at, person = ruling.at.isoformat(), _number_or_none(ruling.person)
        said = [person, ruling.verdict, ruling.probability, ruling.evidence, ruling.by, at, ruling.why]
        track, *pin = pinned(self.database, ruling.face)
        if track in beyond:
            return
        since = self.database.value("SELECT coalesce(max(number), 0) FROM acts")
        self.database.insert_new("rulings", [None, content_id(ruling.face, *said), *pin, *said, since])

    def _refresh(self, appearances: Sequence[str]) -> None:
        rows = self.database.rows(
            "SELECT key FROM tracks WHERE id IN (SELECT value FROM json_each(?))", [json.dumps(list(appearances))]
        )
        refresh(self.database, [key for (key,) in rows])


def pinned(database: Database, face: str) -> tuple[Any, ...]:
    """Track's id, then face id, video, pts and box of a face, or of the best face of the appearance that is named.

    Raises:
        KeyError: there is no such face.
    """
    pin = database.row(f"{PIN} WHERE f.id = ?", [face]) or database.row(
        f"{PIN} WHERE t.id = ? AND f.pts = t.best_pts", [face]
    )
    if pin is None:
        raise KeyError(face)
    return pin


def membership(row: tuple[Any, ...]) -> Membership:
    """A row of `MEMBERSHIPS`."""
    track, root, probability, evidence, status = row
    person = None if root is None else id_of(root)
    return Membership(appearance=track, person=person, probability=probability, evidence=evidence, status=status)


def _grounds(row: Membership) -> tuple[float | None, str, str]:
    return row.probability, row.evidence, row.appearance


def _number_or_none(person_id: str | None) -> int | None:
    return None if person_id is None else number_of(person_id)
