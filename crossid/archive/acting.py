"""Reviewers act: every act goes into the ledger, and who is who follows at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from crossid.archive import ledger
from crossid.archive.acts import Acted, Shift
from crossid.archive.deeds import deed_of
from crossid.archive.ids import id_of, number_of
from crossid.archive.kinship import kin_across, kin_of, roots_of, settle_kin
from crossid.archive.persons import MEMBERSHIPS, Persons, membership
from crossid.archive.precedence import outranked, refuse_repeated
from crossid.archive.standing import ignored_people, refresh

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crossid.archive.acts import Act, Entry
    from crossid.archive.deeds import Deed
    from crossid.types import Membership

PINS = """
SELECT t.key, f.id, t.video, f.pts, f."left", f.top, f."right", f.bottom
FROM tracks t JOIN faces f ON f.track = t.key AND f.pts = t.best_pts WHERE t.key IN (SELECT value FROM json_each(?))
"""

LINKED = """
SELECT gone FROM merges WHERE act IN (SELECT value FROM json_each(?1))
UNION SELECT stays FROM merges WHERE act IN (SELECT value FROM json_each(?1))
UNION SELECT person FROM act_persons JOIN acts ON number = act
    WHERE kind = 'reject' AND act IN (SELECT value FROM json_each(?1))
"""

DEPENDENTS = """
SELECT number FROM acts WHERE stands AND kind NOT IN ('undo', 'redo', 'forget') AND number > ?1 AND (
    number IN (SELECT act FROM act_persons WHERE person IN (SELECT value FROM json_each(?2)))
    OR number IN (SELECT act FROM verdicts WHERE track IN (
        SELECT track FROM verdicts WHERE act = ?1 AND verdict != 'noted'))
) ORDER BY number
"""


class Acts(Persons):
    """The part of the store that deals in reviewers."""

    def act(self, act: Act) -> Acted:
        """See `Store`."""
        database = self.database
        with database.transaction():
            number = ledger.next_number(database)
            deed = deed_of(database, act, number)
            depends = sorted({one for target in deed.targets for one in self.dependents(target)} - {*deed.targets})
            tracks = {track for track, *_ in deed.verdicts} | self._verdict_tracks(deed.targets)
            outranks = outranked(database, deed, number)
            kin = kin_across(database, self._linked(deed))
            seen = tracks | self._tracks_of(kin)
            people, before = set(roots_of(database, deed.concerned).values()), self._memberships_of(seen)
            self._write(number, act, deed)
            if kin:
                settle_kin(database, kin)
            refresh(database, tracks | self._doubtful(kin))
            after = self._memberships_of(seen)
            people |= set(roots_of(database, deed.concerned).values())
            shifts = _shifts(before, after)
            acted = Acted(
                number=number,
                kind=act.kind,
                created=tuple(id_of(one) for one in deed.created),
                people=tuple(sorted({*map(id_of, people), *_owners(shifts)})),
                shifts=shifts,
                depends=tuple(depends),
                outranks=tuple(outranks),
                targets=tuple(deed.targets),
            )
            self._note_unpainted(acted)
        return acted

    def ledger(
        self, person_id: str | None = None, *, last: int | None = None, numbers: Sequence[int] | None = None
    ) -> list[Entry]:
        """See `Store`."""
        which, given = "", list[Any]()
        if numbers is not None:
            which = "WHERE number IN (SELECT value FROM json_each(?))"
            given.append(json.dumps(numbers))
        if person_id is not None:
            which = "WHERE number IN (SELECT act FROM act_persons WHERE person IN (SELECT value FROM json_each(?)))"
            given.append(json.dumps(kin_of(self.database, [number_of(self.resolve(person_id))])))
        if last is not None:
            which = f"WHERE number IN (SELECT number FROM acts {which} ORDER BY number DESC LIMIT ?)"  # noqa: S608 -- made of constants
            given.append(last)
        return list(ledger.entries(self.database, which, given))

    def check_ledger(self) -> list[str]:
        """See `Store`."""
        return ledger.faults(self.database)

    def dependents(self, number: int) -> list[int]:
        """See `Store`."""
        merged = [
            one for pair in self.database.rows("SELECT gone, stays FROM merges WHERE act = ?", [number]) for one in pair
        ]
        created = [
            one for (one,) in self.database.rows("SELECT number FROM persons WHERE created_by = ?", [f"act:{number}"])
        ]
        people = [*kin_of(self.database, roots_of(self.database, merged).values()), *created]
        return [one for (one,) in self.database.rows(DEPENDENTS, [number, json.dumps(people)])]

    def ignored(self, people: Sequence[str] | None = None) -> set[str]:
        """See `Store`."""
        kin = None if people is None else kin_of(self.database, [number_of(one) for one in people if one])
        return {id_of(root) for root in ignored_people(self.database, kin)}

    def _write(self, number: int, act: Act, deed: Deed) -> None:
        """The line of the ledger, and all that follows from it."""
        database = self.database
        pins = self._pins([track for track, *_ in deed.verdicts])
        said = ledger.content_of(database, act, deed, pins)
        refuse_repeated(database, act, deed, said)
        ledger.append(database, number, act, deed.targets, said)
        database.insert_many(
            "verdicts",
            ([None, number, *pin, *said, track] for pin, (track, *said) in zip(pins, deed.verdicts, strict=True)),
        )
        database.insert_many("act_persons", ([person, number, holds] for person, holds in deed.concerned.items()))
        database.insert_many("merges", ([number, *pair] for pair in deed.merges))
        if deed.called is not None:
            database.insert("names", [number, deed.called, act.name, act.source, act.alias])
        database.execute_many(
            "UPDATE acts SET stands = ? WHERE number = ?", [(act.kind == "redo", target) for target in deed.targets]
        )

    def _note_unpainted(self, acted: Acted) -> None:
        """Folders of all whom the act touched, and the logs of the videos in which they are seen."""
        numbers = kin_of(self.database, map(number_of, acted.people))
        moved = [shift.appearance for shift in acted.shifts]
        videos = self.database.rows(
            "SELECT video FROM tracks JOIN memberships ON track = key WHERE person IN (SELECT value FROM json_each(?)) "
            "UNION SELECT video FROM tracks WHERE id IN (SELECT value FROM json_each(?))",
            [json.dumps(numbers), json.dumps(moved)],
        )
        nobody = any(side is None or side.person is None for one in acted.shifts for side in (one.before, one.after))
        stale = [*acted.people, *(video for (video,) in videos), *([""] if nobody else [])]
        self.database.execute_many("INSERT OR IGNORE INTO unpainted VALUES (?)", [(one,) for one in stale])

    def _pins(self, tracks: Sequence[int]) -> list[tuple[Any, ...]]:
        """(face, video, pts, left, top, right, bottom) of the best face of each track."""
        rows = self.database.rows(PINS, [json.dumps(list(tracks))])
        found = {key: tuple(pin) for key, *pin in rows}
        return [found[track] for track in tracks]

    def _linked(self, deed: Deed) -> list[int]:
        """Numbers of those whom the deed, or what it undoes or redoes, makes one or tells apart."""
        rows = self.database.rows(LINKED, [json.dumps(deed.targets)])
        return [number for pair in deed.merges for number in pair] + [number for (number,) in rows]

    def _verdict_tracks(self, acts: Iterable[int]) -> set[int]:
        rows = self.database.rows(
            "SELECT track FROM verdicts WHERE track IS NOT NULL AND act IN (SELECT value FROM json_each(?))",
            [json.dumps(list(acts))],
        )
        return {track for (track,) in rows}

    def _tracks_of(self, people: Iterable[int]) -> set[int]:
        rows = self.database.rows(
            "SELECT track FROM memberships WHERE person IN (SELECT value FROM json_each(?))",
            [json.dumps(list(people))],
        )
        return {track for (track,) in rows}

    def _doubtful(self, kin: Iterable[int]) -> set[int]:
        """Tracks of which it was said that they are, or may be, not one of these people."""
        rows = self.database.rows(
            "SELECT track FROM verdicts WHERE verdict IN ('different', 'allowed') AND track IS NOT NULL "
            "AND person IN (SELECT value FROM json_each(?))",
            [json.dumps(list(kin))],
        )
        return {track for (track,) in rows}

    def _memberships_of(self, tracks: Iterable[int]) -> dict[str, Membership]:
        which = "WHERE m.track IN (SELECT value FROM json_each(?))"
        rows = self.database.rows(MEMBERSHIPS + which, [json.dumps(sorted(tracks))])
        return {row[0]: membership(row) for row in rows}


def _shifts(before: dict[str, Membership], after: dict[str, Membership]) -> tuple[Shift, ...]:
    """What changed, by id of the appearance."""
    shifts = (
        Shift(appearance=one, before=before.get(one), after=after.get(one))
        for one in sorted(before.keys() | after.keys())
    )
    return tuple(shift for shift in shifts if shift.before != shift.after)


def _owners(shifts: Iterable[Shift]) -> set[str]:
    """Everybody who gained or lost an appearance."""
    sides = [side for shift in shifts for side in (shift.before, shift.after) if side is not None]
    return {side.person for side in sides if side.person is not None}
