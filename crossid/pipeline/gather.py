"""The upper floor: all appearances of all videos, who they are, and what that changes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crossid import people
from crossid.errors import ArchiveError
from crossid.types import Diff, Membership, Ruling

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crossid.archive import Store
    from crossid.people import Recognition
    from crossid.settings import Settings
    from crossid.types import Gallery, Neighbours, OperatingPoint, Question, Reviewed

    Tell = Callable[[str], None]


WORTH_KEEPING = 2000
"""Appearances from which comparing them all anew takes longer than reading who was near whom."""

LONG = 200_000
"""Appearances from which comparing them all takes so long that it is announced."""
PAIR_S = 1.2e-8
"""Seconds of a core that comparing two takes, of 512 numbers each (benchmarks/README.md)."""


def gather(store: Store, settings: Settings, run_id: str, tell: Tell | None = None) -> Diff:
    """Work out who is who, and keep what changed in one transaction.

    People's new ids are given in the order (video hash, start) of their first appearance.

    Args:
        store: Open for writing.
        settings: How.
        run_id: Whose rulings they are.
        tell: Hears why all appearances are compared anew where only the new ones might have been.
    """
    before = store.memberships()
    known = {one: row.person for one, row in before.items() if row.person is not None and row.status != "rejected"}
    spaces = store.spaces()
    if not spaces:
        return Diff()
    gallery, reviewed = store.gallery(spaces[0]), store.reviewed()
    neighbours = _neighbours(store, gallery, reviewed, settings, tell)
    recognition = people.recognise(gallery, known, settings.people, reviewed, neighbours)
    with store.atomic():
        diff = _Change(store, run_id, before, recognition).make()
    return replace(diff, bar=_moved(store, settings, len(before)))


def operating_point(store: Store, settings: Settings) -> OperatingPoint | None:
    """What an archive of this size asks for before two are one; None where nobody was seen yet."""
    spaces = store.spaces()
    return people.operating_point(spaces[0], store.appearance_count(), settings.people) if spaces else None


def _moved(store: Store, settings: Settings, judged: int) -> tuple[float, float] | None:
    """The bar of the last run that ended and that of now, if they differ.

    Args:
        store: The archive.
        settings: As composed by the user.
        judged: How many appearances were judged before this run: what tells the bar where no record does.
    """
    now = operating_point(store, settings)
    if now is None or not judged:
        return None
    told = [one.timings["operating_point"] for one in store.runs() if one.timings.get("operating_point")]
    was = told[-1]["evidence"] if told else people.operating_point(store.spaces()[0], judged, settings.people).evidence
    return None if was == now.evidence else (was, now.evidence)


def kept_neighbours(store: Store) -> Neighbours | None:
    """Who is near whom, as the last run kept it: for whoever only reads, and passes over what is damaged."""
    with suppress(ArchiveError):
        return store.neighbours()
    return None


def _neighbours(
    store: Store, gallery: Gallery, reviewed: Reviewed, settings: Settings, tell: Tell | None
) -> Neighbours:
    """Who is near whom: kept from run to run, so that only what is new is compared."""
    if len(gallery) < WORTH_KEEPING:
        store.forget_neighbours()
        return people.compare(gallery, settings.people, reviewed)
    kept, told = None, list[str]()
    try:
        kept = store.neighbours()
    except ArchiveError as damaged:
        told.append(f"{damaged} It is made anew: all appearances are compared.")
    if kept is None and tell is not None and len(gallery) >= LONG:
        minutes = len(gallery) ** 2 / 2 * PAIR_S / 60
        tell(
            f"All {len(gallery):,} appearances are compared with each other, about {minutes:,.0f} minutes of one core. "
            "It is kept: from then on only new ones are compared."
        )
    found = people.compare(gallery, settings.people, reviewed, kept)
    if kept is not None and kept.mark != found.mark:
        told.append("Who is near whom was kept of another space or calibration: all appearances are compared anew.")
    if found is not kept:
        store.keep_neighbours(found)
    if tell is not None and told:
        tell(told[0])
    return found


class _Change:
    """Turns a recognition into rulings, ids and aliases."""

    def __init__(self, store: Store, run_id: str, before: Mapping[str, Membership], recognition: Recognition) -> None:
        self._store, self._run_id, self._before, self._recognition = store, run_id, before, recognition

    def make(self) -> Diff:
        fresh = dict(
            zip(
                self._recognition.new, self._store.new_person_ids(len(self._recognition.new), self._run_id), strict=True
            )
        )
        after = [self._renamed(row, fresh) for row in self._recognition.memberships]
        changed = [row for row in after if self._is_changed(row)]
        self._store.rule([self._ruling(row) for row in changed if self._is_decided_anew(row)], changed)
        for gone, stays in self._recognition.merged:
            self._store.alias(gone, stays, self._run_id)
        self._store.ask([self._question(one, fresh) for one in self._recognition.questions], self._run_id)
        new = tuple(fresh[label] for label in self._recognition.new if label not in self._split_off())
        return Diff(
            new=new,
            seen_again=tuple(sorted(self._seen_again(after) - set(fresh.values()))),
            merged=self._recognition.merged,
            split=tuple((stays, fresh.get(part, part)) for stays, part in self._recognition.split),
        )

    def _is_changed(self, row: Membership) -> bool:
        """Whether a run proposes something else than before; how a reviewer saw it is not for a run to say."""
        before = self._before.get(row.appearance)
        return before is None or replace(before, status=row.status) != row

    @staticmethod
    def _question(question: Question, fresh: Mapping[str, str]) -> Question:
        return replace(question, people=tuple(fresh.get(person, person) for person in question.people))

    def _is_decided_anew(self, row: Membership) -> bool:
        """Whether the appearance is somebody else now: a probability that shifts is no decision."""
        before = self._before.get(row.appearance)
        return before is None or before.person != row.person

    def _split_off(self) -> set[str]:
        return {part for _, part in self._recognition.split}

    def _seen_again(self, after: list[Membership]) -> set[str]:
        """People with an appearance that nobody had judged before."""
        return {row.person for row in after if row.person is not None and row.appearance not in self._before}

    @staticmethod
    def _renamed(row: Membership, fresh: Mapping[str, str]) -> Membership:
        return Membership(
            appearance=row.appearance,
            person=fresh.get(row.person, row.person) if row.person is not None else None,
            probability=row.probability,
            evidence=row.evidence,
        )

    def _ruling(self, row: Membership) -> Ruling:
        return Ruling(
            face=row.appearance,
            person=row.person,
            verdict="same" if row.person is not None else "unsure",
            probability=row.probability,
            evidence=row.evidence,
            by=f"run:{self._run_id}",
            at=datetime.now(UTC),
            why="recognised by the run",
        )
