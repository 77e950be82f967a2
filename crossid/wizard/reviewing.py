"""Reviewing at a terminal: two faces side by side, a question, and the ruling that follows from the answer."""

from __future__ import annotations

import getpass
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from crossid.archive import open_archive
from crossid.archive.acts import Act
from crossid.pipeline.auditing import doubts
from crossid.pipeline.reviewing import answer, review
from crossid.wizard.console import say
from crossid.wizard.pictures import can_show, side_by_side
from crossid.wizard.questions import ask_text, choose
from crossid.wizard.ruling import show_ruled
from crossid.wording import asked, count, printable

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from crossid.pipeline.auditing import Doubt
    from crossid.settings import Settings
    from crossid.types import Question

WHY = "answered in the wizard"
Reply = Literal["yes", "no", "pass", "enough"]


@dataclass(slots=True)
class Review:
    """Questions put to somebody at a terminal.

    `passed` are those that they would not answer now, `joined` people of whom they said a moment ago that two are one.
    """

    archive: Path
    settings: Settings
    console: Console
    passed: set[Question] = field(default_factory=set)
    joined: set[str] = field(default_factory=set)

    def open(self) -> list[Doubt]:
        """Questions that are left, those that settle most first."""
        with closing(open_archive(self.archive, self.settings.archive)) as store:
            return [one for one in doubts(store, self.settings) if not self._is_settled(one.question)]

    def _is_settled(self, question: Question) -> bool:
        """Whether to ask would be to doubt what was just said."""
        return question in self.passed or (question.kind == "mixed" and question.people[0] in self.joined)

    def hold(self) -> int:
        """Ask until there is nothing left to ask, or it is enough; how many were answered.

        What an answer touches is not asked about on old grounds: it is worked out anew when all else was asked.
        """
        answered = 0
        while waiting := self.open():
            touched = set[str]()
            for place, doubt in enumerate(waiting):
                if touched & set(doubt.question.people):
                    continue
                reply = self._ask(doubt, len(waiting) - place)
                if reply == "enough":
                    return answered
                if reply == "pass":
                    self.passed.add(doubt.question)
                    continue
                touched.update(self._rule(doubt, yes=reply == "yes"))
                answered += 1
        say(self.console, "There is nothing left to ask.")
        return answered

    def _rule(self, doubt: Doubt, *, yes: bool) -> list[str]:
        """Put the answer into the ledger; ids of everybody whom it changes."""
        ruled = answer(self.archive, doubt.question, yes=yes, by=reviewer(), at=datetime.now(UTC), why=WHY)
        show_ruled(ruled, self.console, self.archive)
        if yes and doubt.question.kind == "same":
            self.joined.update(doubt.question.people)
        return [change.person for change in ruled.changes]

    def _ask(self, doubt: Doubt, left: int) -> Reply:
        question = doubt.question
        self.console.print()
        shown = can_show(self.console)
        if shown:
            faces = [(self._picture(path), PurePosixPath(path).name) for path in doubt.faces]
            self.console.print(side_by_side(faces, self.console.height))
        files = [self.archive / path for path in doubt.faces if path]
        for place in dict.fromkeys(file.parent if shown else file for file in files):
            say(self.console, f"Pictures: {place}", "dim")
        say(self.console, f"{question.why[:1].upper()}{question.why[1:]}. Yes has {question.probability:.0%}.", "dim")
        return choose(
            f"{asked(question.kind, question.people, question.settles)} ({count(left, 'question')})",
            [
                ("I cannot tell", "pass"),
                ("Yes", "yes"),
                ("No", "no"),
                ("Enough for now", "enough"),
            ],
        )

    def _picture(self, path: str) -> bytes:
        file = self.archive / path
        return file.read_bytes() if path and file.is_file() else b""


def name_somebody(archive: Path, settings: Settings, console: Console) -> None:
    """Ask whom, how they are called and how one knows, and put it into the ledger."""
    person = ask_person(archive, settings, console)
    if not person:
        return
    name = ask_text("What are they called?", lambda _: "")
    if not name:
        return
    source = ask_text("How do you know? (a source that others can check)", lambda text: "" if text else "Say how")
    act = Act(kind="name", by=reviewer(), at=datetime.now(UTC), people=(person,), name=name, source=source)
    show_ruled(review(archive, act, settings=settings.archive), console, archive)


def ask_person(archive: Path, settings: Settings, console: Console) -> str:
    """The id of somebody in the archive, with their face where it can be shown; "" if none was typed."""
    with closing(open_archive(archive, settings.archive)) as store:
        people = {person.id: person for person in store.people()}
        typed = ask_text(
            "Who? (an id, such as P-000001)", lambda text: "" if not text or text in people else "Nobody has that id"
        )
        if typed and can_show(console):
            best = max(store.log(typed), key=lambda row: (row.status != "rejected", row.quality))
            caption = printable(f"{typed} {people[typed].name or ''}")
            console.print(side_by_side([(store.portrait(best.face), caption)], console.height))
    return typed


def reviewer() -> str:
    """Whoever is logged in; "reviewer" where the system does not know."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "reviewer"
