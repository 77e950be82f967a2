"""What to ask a reviewer, with the faces to look at; the archive is only read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossid.archive.folders import picture_paths
from crossid.people.auditing import audit, in_order, worth
from crossid.pipeline.gather import kept_neighbours

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crossid.archive import Store
    from crossid.settings import Settings
    from crossid.types import LogRow, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A question, how many appearances its answer is expected to put right, and two pictures to look at.

    `faces`: paths relative to the archive, "" where there is no picture.
    """

    question: Question
    worth: float
    faces: tuple[str, str]


def doubts(store: Store, settings: Settings) -> list[Doubt]:
    """What the last run left open, and what looks doubtful as things stand; that which settles most first."""
    spaces = store.spaces()
    if not spaces:
        return []
    stored = store.questions()
    found = audit(
        store.gallery(spaces[0]), store.memberships(), store.reviewed(), settings.people, kept_neighbours(store)
    )
    known = {_about(one) for one in stored}
    return _with_faces(in_order([*stored, *(one for one in found if _about(one) not in known)]), store.log())


def _about(question: Question) -> tuple[str, frozenset[str], tuple[str, ...]]:
    """What makes two questions one."""
    return question.kind, frozenset(question.people), question.appearances if question.kind == "member" else ()


def _with_faces(questions: Iterable[Question], rows: list[LogRow]) -> list[Doubt]:
    by_person: dict[str, list[LogRow]] = {}
    for row in rows:
        by_person.setdefault(row.person_id, []).append(row)
    pictures = {one: path for some in by_person.values() for one, path in picture_paths(some).items()}
    return [
        Doubt(question=one, worth=round(worth(one), 3), faces=_faces(one, by_person, pictures)) for one in questions
    ]


def _faces(question: Question, by_person: dict[str, list[LogRow]], pictures: dict[str, str]) -> tuple[str, str]:
    """The best picture of those asked about, and the best of those whom they are compared with."""
    asked = set(question.appearances)
    if question.kind == "same":
        sides = [by_person.get(person, []) for person in question.people]
    else:
        rows = by_person.get(question.people[0], [])
        sides = [
            [row for row in rows if asked & set(row.tracks)],
            [row for row in rows if not asked & set(row.tracks)],
        ]
    first, second = (
        max(((row.quality, pictures[row.appearance_id]) for row in side), default=(0.0, ""))[1] for side in sides
    )
    return first, second
