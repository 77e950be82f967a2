"""Whom a photograph looks like, told on a terminal; and which of several faces is meant, asked there."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.text import Text

from crossid.wizard.console import command, say
from crossid.wizard.outcome import coverage_line
from crossid.wizard.tables import WIDE, log_table, plain_table
from crossid.wizard.taken import show_clips
from crossid.wording import clock, count, printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console
    from rich.table import Table

    from crossid.pipeline.asking import Sitter
    from crossid.pipeline.clipping import Clips
    from crossid.pipeline.finding import Answer, Found
    from crossid.types import LogRow


NOTHING_KEPT = "Stopped. Nothing was kept."


def ask_which(faces: Sequence[Sitter]) -> Sitter | None:
    """The face that somebody at a terminal means; None where nobody is there to be asked."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    from crossid.wizard.questions import choose

    return choose(f"Which face of {faces[0].asked}?", [(described(face), face) for face in faces])


def described(face: Sitter) -> str:
    """One face among several, in words."""
    return f"{face.number}: {face.where}"


def show_answer(answer: Answer, archive: Path, console: Console) -> None:
    """Who was found, who nearly, and in how much footage."""
    say(console, _headline(answer), "bold")
    for sentence in answer.passed_over:
        say(console, f"Not used: {sentence}", "yellow")
    if answer.left_out:
        say(console, f"Left out, for they show somebody else than most: {', '.join(answer.left_out)}.", "yellow")
    if answer.found:
        console.print(_table(answer.found, console))
    if answer.near:
        say(console, "Near misses:" if answer.found else "Nearest, and why it is not enough:")
        for one in answer.near:
            say(console, f"- {_near_line(one)}")
    say(console, f"Compared with {count(answer.appearances, 'track')}. {coverage_line(answer.coverage)}")
    if answer.found:
        first = answer.found[0].match.person
        say(console, f"crossid proposes, it does not identify: look at the pictures. {command_of(first, archive)}")


def show_search(
    answers: Sequence[Answer], rows: Sequence[LogRow], made: Clips | None, out: Path | None, console: Console
) -> None:
    """What was found in footage of which nothing is kept: where each is seen, and the clips."""
    if not answers:
        say(console, "No face was found in this footage.", "bold")
    for answer in answers:
        say(console, _headline(answer, "footage"), "bold")
        for one in answer.found:
            theirs = [row for row in rows if row.person_id == one.match.person]
            say(console, f"Probability {one.match.probability:.3f}, {one.match.alike} of {one.match.of} alike:")
            console.print(log_table(theirs, ()))
        for one in answer.near:
            say(console, f"- not enough: {_near_line(one)}")
        say(console, coverage_line(answer.coverage))
    if made is not None and out is not None:
        show_clips(made, out, console)
    say(console, "Nothing else was kept.")


def command_of(person: str, archive: Path) -> str:
    """What to type next."""
    return f"Next: {command('show', person, archive=archive)}"


def _headline(answer: Answer, where: str = "archive") -> str:
    whom = ", ".join(answer.faces[:3]) + (f" and {len(answer.faces) - 3} more" if len(answer.faces) > 3 else "")
    if not answer.found:
        return f"{whom}: nobody in the {where} with a probability of {answer.above:g} or more."
    return f"{whom}: {count(len(answer.found), 'person looks', 'people look')} alike."


def _table(found: Sequence[Found], console: Console) -> Table:
    wide = console.width >= WIDE
    named = any(one.name for one in found)
    headers = ["Person", *(["Name"] if named else []), "Probability", "Alike", "Best seen in", "At"]
    table = plain_table(*headers, *(["Picture"] if wide else []), numbers=("Probability", "At"))
    for one in found:
        cells = [one.match.person, *([printable(one.name)] if named else []), f"{one.match.probability:.3f}"]
        cells += [f"{one.match.alike} of {one.match.of}", printable(one.best.video), clock(one.best.face_s)]
        table.add_row(*map(Text, [*cells, *([printable(one.picture)] if wide else [])]))
    return table


def _near_line(one: Found) -> str:
    who = f"{one.match.person} {one.name}".strip() or "somebody unidentified"
    where = f"{one.best.video} at {clock(one.best.face_s)}"
    return f"{who} ({one.match.probability:.3f}, {where}): {one.match.why or 'as probable, but beyond --limit'}"
