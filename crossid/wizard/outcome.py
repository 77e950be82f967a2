"""What a scan found, told on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossid.archive import open_archive
from crossid.wizard.console import command, say
from crossid.wizard.roster import most_seen_first, roster
from crossid.wizard.tables import bar_lines, diff_lines, people_table
from crossid.wording import count, duration, printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from crossid.pipeline import Outcome
    from crossid.settings import Settings
    from crossid.types import Coverage, Mishap
    from crossid.wizard.roster import RosterLine

MAX_PEOPLE = 20
"""People shown after a scan; `crossid people` shows all."""
MIN_PEOPLE = 3
"""So many are shown in the lowest window."""
LINES_BELOW = 13
"""Of a terminal, which people leave free for what follows: how many more, where to look, the wizard's question."""
MIN_UNWATCHED_S = 0.5
"""Less than that is a container's imprecision, not footage."""


def show_outcome(outcome: Outcome, archive: Path, settings: Settings, console: Console) -> None:
    """What changed, what failed, people and where to look next: last, for a low window shows the end of it."""
    store = open_archive(archive, settings.archive)
    try:
        lines = most_seen_first(roster(store))
        seen = coverage_line(store.coverage())
    finally:
        store.close()
    say(console, headline(outcome), "bold")
    for line in diff_lines(outcome.diff) or ["Nothing changed: all of this was known already."]:
        say(console, line)
    for line in bar_lines(outcome.operating_point) if outcome.operating_point else ():
        say(console, line)
    say(console, seen)
    show_mishaps(outcome.mishaps, console)
    _show_people(lines, archive, console)
    show_next_steps(archive, lines[0].id if lines else "", console)


def _show_people(lines: Sequence[RosterLine], archive: Path, console: Console) -> None:
    """The first of them, so many that none scrolls out of a terminal, and how many more there are."""
    shown = min(len(lines), MAX_PEOPLE)
    while console.is_terminal and shown > MIN_PEOPLE and _height(lines[:shown], console) > console.height - LINES_BELOW:
        shown -= 1
    if lines:
        console.print(people_table(lines[:shown]))
    if len(lines) > shown:
        everybody = command("people", archive=archive)
        console.print(f"and {count(len(lines) - shown, 'more', 'more')}: {everybody}", soft_wrap=True)


def _height(lines: Sequence[RosterLine], console: Console) -> int:
    return len(console.render_lines(people_table(lines)))


def headline(outcome: Outcome) -> str:
    """One line: how many people in how many videos, and how long it took."""
    people = count(outcome.people, "person", "people")
    seen = f"{people} in {count(outcome.videos, 'video')}, {count(outcome.appearances, 'appearance')}"
    watched = count(outcome.watched, "video") if outcome.watched else "nothing"
    return f"{seen}; {watched} watched now, in {duration(outcome.seconds)}."


def coverage_line(videos: Sequence[Coverage]) -> str:
    """How much of the archive's footage was looked at, and what could have been missed."""
    total_s, looked_s = sum(video.duration_s for video in videos), sum(video.looked_at_s for video in videos)
    rest = {
        "in which nothing moved": sum(video.still_s for video in videos),
        "dark": sum(video.dark_s for video in videos),
        "unreadable": sum(video.unreadable_s for video in videos),
        "not watched yet": sum(video.unwatched_s for video in videos),
    }
    looked = f"Looked at {duration(looked_s)} of {duration(total_s)}"
    but = ", ".join(f"{duration(seconds)} {why}" for why, seconds in rest.items() if seconds >= 1)
    missable_s = max((video.missable_s for video in videos), default=0.0)
    where = "In what was watched, the" if rest["not watched yet"] + rest["unreadable"] >= 1 else "The"
    missed = f"{where} shortest appearance that could have been missed: {missable_s:.1f} s."
    return f"{looked}{'; the rest: ' if but else ''}{but}. {missed}"


def unwatched_line(videos: Sequence[Coverage]) -> str:
    """How much of the archive's footage no scan has come to yet, and what helps; "" where it is none."""
    seconds = sum(video.unwatched_s for video in videos)
    if seconds < MIN_UNWATCHED_S:
        return ""
    return f"{duration(seconds)} of the footage is not watched yet: crossid scan FOOTAGE goes on where it stopped."


def show_mishaps(mishaps: tuple[Mishap, ...], console: Console, what: str = "read") -> None:
    """What failed, each with its remedy."""
    from crossid.wizard.progress import mishap_line  # what draws bars is not loaded where none is drawn

    if mishaps:
        console.print()
        say(console, f"Not everything could be {what}:", "yellow")
    for mishap in mishaps:
        say(console, f"- {mishap_line(mishap)} {mishap.remedy}".rstrip())


def show_next_steps(archive: Path, person: str, console: Console) -> None:
    """Where the archive lies, and the next command."""
    console.print()
    console.print(f"Archive: {printable(str(archive.resolve()))}", soft_wrap=True)
    if person:
        console.print(f"Next: open its people folder, or: {command('show', person, archive=archive)}", soft_wrap=True)
