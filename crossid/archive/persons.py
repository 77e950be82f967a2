"""Who is who: permanent ids, rulings that are only added, and what follows from them."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crossid.errors import ArchiveError
from crossid.types import Membership, NameClaim, Person, content_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossid.archive.database import Database
    from crossid.types import Ruling

PIN = """
SELECT f.id, t.video, f.pts, f."left", f.top, f."right", f.bottom FROM faces f JOIN tracks t ON t.key = f.track
"""


class Persons:
    """The part of the store that deals in people."""

    database: Database

    def memberships(self) -> dict[str, Membership]:
        """See `Store`."""
        roots = self._roots()
        rows = self.database.rows(
            "SELECT t.id, m.person, m.probability, m.evidence, m.status "
            "FROM memberships m JOIN tracks t ON t.key = m.track"
        )
        return {
            track: Membership(
                appearance=track,
                person=None if number is None else id_of(roots.get(number, number)),
                probability=probability,
                evidence=evidence,
                status=status,
            )
            for track, number, probability, evidence, status in rows
        }

    def new_person_ids(self, count: int, run_id: str) -> list[str]:
        """See `Store`."""
        with self.database.transaction():
            numbers = [self.database.insert("persons", [None, run_id, None, None]) for _ in range(count)]
        return [id_of(number) for number in numbers]

    def rule(self, rulings: Sequence[Ruling], memberships: Sequence[Membership]) -> None:
        """See `Store`."""
        with self.database.transaction():
            for ruling in rulings:
                self._append(ruling)
            self.database.execute_many(
                "INSERT INTO memberships SELECT key, ?, ?, ?, ? FROM tracks WHERE id = ? "
                "ON CONFLICT (track) DO UPDATE SET person = excluded.person, probability = excluded.probability, "
                "evidence = excluded.evidence, status = excluded.status "
                "WHERE memberships.status = 'proposed' OR excluded.status != 'proposed'",
                [
                    (_number_or_none(row.person), row.probability, row.evidence, row.status, row.appearance)
                    for row in memberships
                ],
            )

    def alias(self, person_id: str, into: str, run_id: str) -> None:
        """See `Store`."""
        if self.resolve(person_id) == self.resolve(into):
            return  # they are one already, and nobody may become an alias of themselves
        self.database.execute(
            "UPDATE persons SET alias_of = ?, aliased_by = ? WHERE number = ?",
            [number_of(into), run_id, number_of(person_id)],
        )

    def resolve(self, person_id: str) -> str:
        """See `Store`."""
        number = number_of(person_id)
        if self.database.row("SELECT 1 FROM persons WHERE number = ?", [number]) is None:
            raise _unknown(person_id)
        return id_of(self._roots().get(number, number))

    def aliases(self) -> dict[str, str]:
        """See `Store`."""
        return {id_of(gone): id_of(stays) for gone, stays in self._roots().items()}

    def name(self, person_id: str, claim: NameClaim) -> None:
        """See `Store`."""
        number = number_of(self.resolve(person_id))
        self.database.insert("names", [None, number, claim.name, claim.by, claim.source, claim.at.isoformat()])

    def names(self) -> dict[str, list[NameClaim]]:
        """See `Store`."""
        roots = self._roots()
        rows = list(self.database.rows('SELECT person, name, "by", source, at FROM names ORDER BY number'))
        claims = defaultdict[str, list[NameClaim]](list)
        # What was said of an alias comes first: what was said of the one who stays outranks it.
        for number, name, by, source, at in sorted(rows, key=lambda row: row[0] not in roots):
            claim = NameClaim(name=name, by=by, source=source, at=datetime.fromisoformat(at))
            claims[id_of(roots.get(number, number))].append(claim)
        return dict(claims)

    def people(self) -> list[Person]:
        """See `Store`."""
        roots, names = self._roots(), self.names()
        rows = self.database.rows(
            "SELECT m.person, t.id FROM memberships m JOIN tracks t ON t.key = m.track "
            "WHERE m.person IS NOT NULL AND m.status != 'rejected' ORDER BY t.video, t.start_s, t.id"
        )
        appearances = defaultdict[int, list[str]](list)
        for number, track in rows:
            appearances[roots.get(number, number)].append(track)
        return [
            Person(id=id_of(number), name=current_name(names.get(id_of(number), [])), appearances=tuple(tracks))
            for number, tracks in sorted(appearances.items())
        ]

    def _append(self, ruling: Ruling) -> None:
        at, person = ruling.at.isoformat(), _number_or_none(ruling.person)
        said = [person, ruling.verdict, ruling.probability, ruling.evidence, ruling.by, at, ruling.why]
        pinned = [content_id(ruling.face, *said), *self._pin(ruling.face)]
        self.database.insert_new("rulings", [None, *pinned, *said])

    def _pin(self, face: str) -> tuple[Any, ...]:
        """Face id, video, pts and box of a face, or of the best face of the appearance that is named."""
        pin = self.database.row(f"{PIN} WHERE f.id = ?", [face]) or self.database.row(
            f"{PIN} WHERE t.id = ? AND f.pts = t.best_pts", [face]
        )
        if pin is None:
            raise KeyError(face)
        return pin

    def _roots(self) -> dict[int, int]:
        """Number of every alias -> number of the person it resolves to."""
        step = dict(self.database.rows("SELECT number, alias_of FROM persons WHERE alias_of IS NOT NULL"))
        roots = {}
        for number in step:
            root = number
            while root in step:
                root = step[root]
            roots[number] = root
        return roots


def id_of(number: int) -> str:
    """`P-000001` for 1."""
    return f"P-{number:06d}"


def number_of(person_id: str) -> int:
    """1 for `P-000001`; raises ArchiveError for what is no id at all."""
    if re.fullmatch(r"P-[0-9]{6,15}", person_id) is None:
        raise _unknown(person_id)
    return int(person_id[2:])


def current_name(claims: Sequence[NameClaim]) -> str | None:
    """What the last claim says, None without any."""
    return claims[-1].name if claims else None


def _number_or_none(person_id: str | None) -> int | None:
    return None if person_id is None else number_of(person_id)


def _unknown(person_id: str) -> ArchiveError:
    return ArchiveError(f"There is no person {person_id} in this archive.", remedy="crossid people lists everybody.")
