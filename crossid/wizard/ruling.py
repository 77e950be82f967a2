"""What a ruling did, and the log of all of them, told on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from crossid.wizard.console import command, say
from crossid.wizard.tables import plain_table, when
from crossid.wording import clock, count, printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from crossid.archive.acts import Act, Entry
    from crossid.pipeline.adopting import Adopted
    from crossid.pipeline.reviewing import Change, Look, Ruled

MOST_APPEARANCES = 12
"""Appearances of a ruling that are named one by one."""


def show_ruled(ruled: Ruled, console: Console, archive: Path, *, depending: bool = True) -> None:
    """Say what a ruling did, or would do; `archive` is its folder, as it was named.

    Rulings that depend on it are left out without `depending`: whoever was asked has seen them.
    """
    if ruled.dry_run:
        say(console, f"This would be ruling {ruled.number} ({ruled.kind}). Nothing was changed.", "bold")
    else:
        say(console, f"Ruling {ruled.number} ({ruled.kind})", "bold")
    if ruled.kind == "note":
        say(console, f"Note: {ruled.why}")
    for change in ruled.changes:
        say(console, change_line(change, created=change.person in ruled.created))
    if ruled.shifts:
        ids = [shift.appearance for shift in ruled.shifts]
        more = f" and {len(ids) - MOST_APPEARANCES:,} more" if len(ids) > MOST_APPEARANCES else ""
        say(console, f"{count(len(ids), 'track')} changed: {', '.join(ids[:MOST_APPEARANCES])}{more}")
    if ruled.depends and depending:
        show_depending(ruled, console)
    if ruled.outranks:
        would = "would count" if ruled.dry_run else "counts"
        say(
            console, f"It {would} more than {count(len(ruled.outranks), 'earlier ruling')} that says otherwise:", "bold"
        )
        _show_entries(ruled.outranked, len(ruled.outranks), console)
    for line in _clashing(ruled):
        say(console, line, "bold yellow")
    if ruled.kind in {"undo", "redo"} and not _changes_anything(ruled):
        say(console, "Nobody's appearances or name change by it.")
    if not ruled.dry_run:
        back = "redo" if ruled.kind == "undo" else "undo"
        numbers = map(str, ruled.targets or (ruled.number,))
        say(console, f"To take it back: {command(back, *numbers, archive=archive)}", "dim")


def show_adopted(adopted: Adopted, console: Console, archive: Path) -> None:
    """Say what was read off the folders, and what was not clear."""
    for ruled in adopted.rulings:
        show_ruled(ruled, console, archive)
    for conflict in adopted.conflicts:
        say(console, f"Not clear: {conflict}", "bold")
    if adopted.missing:
        again = "would be" if adopted.dry_run else "were"
        say(console, f"{count(adopted.missing, 'deleted picture')} {again} painted again: that says nothing.")
    if not (adopted.rulings or adopted.conflicts or adopted.missing):
        say(console, "The folders are as crossid painted them.")


def show_depending(ruled: Ruled, console: Console) -> None:
    """Say which later rulings stand on what is undone."""
    stays = "would stay" if ruled.dry_run else "stand as they are" if len(ruled.depends) > 1 else "stands as it is"
    say(console, f"{count(len(ruled.depends), 'later ruling')} may depend on it, and {stays}:")
    _show_entries(ruled.depending, len(ruled.depends), console)


def _show_entries(entries: Sequence[Entry], of: int, console: Console) -> None:
    """The first of some rulings, one a line, and how many more there are."""
    for entry in entries:
        say(console, f"  {entry.number}  {entry.at:%Y-%m-%d %H:%M}  {entry.by}: {deed(entry)}")
    if of > len(entries):
        say(console, f"  and {of - len(entries):,} more")


def _clashing(ruled: Ruled) -> list[str]:
    """Where somebody is in two places at once, in sentences."""
    clashes = ruled.clashes
    if not clashes:
        return []
    first = clashes[0]
    more = f", and {count(len(clashes) - 1, 'more time')}" if len(clashes) > 1 else ""
    seen = "would be" if ruled.dry_run else "is"
    return [
        f"Warning: {first.person} {seen} in two places of one picture: {first.video} at {clock(first.at_s)}{more}.",
        "Two people, then, unless one of them is a mirror image, a poster or a screen.",
    ]


def _changes_anything(ruled: Ruled) -> bool:
    return bool(ruled.shifts) or any(change.before != change.after for change in ruled.changes)


def show_log(entries: Sequence[Entry], console: Console) -> None:
    """One row per ruling, the last one last, and the models that reviewers had before them."""
    if not entries:
        say(console, "No reviewer has ruled on anything here yet.")
        return
    table = plain_table("Nr", "When (UTC)", "Who", "What", "Why", numbers=("Nr",), whole=("When (UTC)",))
    for entry in entries:
        style = "" if entry.stands else "strike dim"
        cells = [
            str(entry.number),
            when(entry.at.isoformat()),
            entry.by,
            _what(entry),
            entry.act.why if entry.act else "",
        ]
        table.add_row(*(Text(printable(cell), style=style) for cell in cells))
    console.print(table)
    for line in _models(entries):
        say(console, line, "dim")


def deed(entry: Entry) -> str:
    """What a reviewer did, in a few words."""
    act = entry.act
    if act is None:
        return f"{entry.kind} (what it said was erased)"
    if act.kind == "name":
        how = f"is {'also ' if act.alias else ''}called {act.name}" if act.name else "has no name"
        return f"{act.people[0]} {how}" + (f" (source: {act.source})" if act.source else "")
    if act.kind in {"undo", "redo"}:
        return f"{act.kind} {_listed([str(one) for one in act.acts])}"
    return _of_people(act, entry)


def _of_people(act: Act, entry: Entry) -> str:
    seen = count(len(act.appearances), "appearance") if act.appearances else ""
    if act.kind == "merge":
        return f"merge {_listed(act.people[1:])} into {act.people[0]}"
    if act.kind == "split":
        return f"split {seen} off {act.people[0]}: {_listed(entry.created)}"
    if act.kind == "move":
        return f"move {seen} to {_listed(act.people or entry.created)}"
    if act.kind == "reject":
        return f"{_listed([*act.people[1:], *([seen] if seen else [])])} not {act.people[0]}"
    return f"{act.kind} {_listed([*act.people, *([seen] if seen else [])])}"


def change_line(change: Change, *, created: bool = True) -> str:
    """What becomes of one person: "P-000001 Jane: 12 appearances in 4 videos (was 8 in 3)"."""
    if change.after is None:
        return f"{change.person} is {change.into} from now on" if change.into else f"{change.person} is nobody's id"
    who = f"{change.person} {change.after.name}".strip()
    before = change.before
    if before is None:
        return f"{who} is {'new' if created else 'a person of their own again'}: {_counted(change.after)}"
    notes = []
    if before.name != change.after.name:
        notes.append(f"was called {before.name}" if before.name else "had no name")
    notes += [f"also called {one}" for one in change.after.also if one not in before.also]
    notes += [f"no longer called {one}" for one in before.also if one not in change.after.also]
    if (before.appearances, before.videos) != (change.after.appearances, change.after.videos):
        notes.append(f"was {before.appearances:,} in {before.videos:,}")
    if before.confirmed != change.after.confirmed:
        notes.append(f"{change.after.confirmed:,} confirmed, was {before.confirmed:,}")
    if before.ignored != change.after.ignored:
        notes.append("ignored" if change.after.ignored else "no longer ignored")
    return f"{who}: {_counted(change.after)}" + (f" ({'; '.join(notes)})" if notes else "")


def _counted(look: Look) -> str:
    return f"{count(look.appearances, 'appearance')} in {count(look.videos, 'video')}"


def _what(entry: Entry) -> str:
    notes = [] if entry.stands else ["undone"]
    if entry.unseen:
        notes.append(f"{count(entry.unseen, 'appearance')} of it not seen any more")
    return deed(entry) + (f" [{', '.join(notes)}]" if notes else "")


def _models(entries: Sequence[Entry]) -> list[str]:
    """Which rulings were made before which models' picture: one line for each set of models, in order."""
    seen: dict[tuple[str, ...], list[int]] = {}
    for entry in entries:
        if entry.act is not None:
            seen.setdefault((entry.version, *entry.spaces), []).append(entry.number)
    return [
        f"{_span(numbers)}: crossid {version}, {', '.join(spaces) or 'no models'}"
        for (version, *spaces), numbers in seen.items()
    ]


def _span(numbers: Sequence[int]) -> str:
    return f"Ruling {numbers[0]}" if len(numbers) == 1 else f"Rulings {numbers[0]} to {numbers[-1]}"


def _listed(ids: Sequence[str], shown: int = 6) -> str:
    more = f" and {len(ids) - shown:,} more" if len(ids) > shown else ""
    return ", ".join(ids[:shown]) + more
