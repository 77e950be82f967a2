"""What the last run would rather ask than decide, as long as nobody has answered it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from crossid.archive.persons import Persons
from crossid.types import Question

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crossid.types import Membership, Reviewed


class Questions(Persons):
    """The part of the store that deals in questions."""

    def ask(self, questions: Sequence[Question], run_id: str) -> None:
        """See `Store`."""
        with self.database.transaction():
            self.database.execute("DELETE FROM questions")
            self.database.insert_many("questions", ([None, run_id, *_cells(one)] for one in questions))

    def questions(self) -> list[Question]:
        """See `Store`."""
        rows = list(
            self.database.rows(
                "SELECT kind, people, appearances, probability, settles, why FROM questions ORDER BY number"
            )
        )
        if not rows:
            return []
        reviewed, memberships, aliases = self.reviewed(), self.memberships(), self.aliases()
        asked = [
            Question(
                kind=kind,
                people=tuple(aliases.get(one, one) for one in json.loads(people)),
                appearances=tuple(json.loads(appearances)),
                probability=probability,
                settles=settles,
                why=why,
            )
            for kind, people, appearances, probability, settles, why in rows
        ]
        return [one for one in asked if _is_open(one, memberships, reviewed)]


def _is_open(question: Question, memberships: Mapping[str, Membership], reviewed: Reviewed) -> bool:
    """Whether no reviewer has answered since: by word, or by what they did to those whom it is about."""
    if question.kind == "same":
        one, other = question.people
        theirs = [row for row in memberships.values() if row.status != "rejected" and row.person in {one, other}]
        told_apart = any(
            (row.appearance, two) in reviewed.barred for row in theirs for two in {one, other} - {row.person}
        )
        return one != other and not told_apart and {row.person for row in theirs} == {one, other}
    rows = [memberships.get(one) for one in question.appearances]
    return bool(rows) and all(
        row is not None and row.status == "proposed" and row.person == question.people[0] for row in rows
    )


def _cells(question: Question) -> list[object]:
    grounds = [question.probability, question.settles, question.why]
    return [question.kind, json.dumps(question.people), json.dumps(question.appearances), *grounds]
