"""`crossid together` and `crossid timeline`: who is seen with whom, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crossid.cli import options
from crossid.cli.exits import answering
from crossid.errors import ArchiveError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossid.archive import Store
    from crossid.types import LogRow

TOGETHER_EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid together P-000001 P-000002
[dim]$[/] crossid together P-000001 P-000002 P-000007 --archive protest --json"""

TIMELINE_EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid timeline
[dim]$[/] crossid timeline P-000001 P-000002
[dim]$[/] crossid timeline P-000001 --archive protest --json

Appearances are in the order of the clock on the wall where recordings say when they were
made; where they do not, in the order of the videos' names."""


@answering
def together(
    people: Annotated[
        list[str] | None, typer.Argument(metavar="PERSON", help="Two or more people's ids, such as P-000001.")
    ] = None,
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    as_json: options.AsJson = False,
) -> None:
    """Say when people are seen together: each time, the gaps between, the first and the last."""
    from crossid.cli.answers import print_json
    from crossid.cli.chosen import reading
    from crossid.exports.presences import together as work_out
    from crossid.wizard.console import results
    from crossid.wizard.meetings import show_together

    with reading(archive) as store:
        rows = _rows(store, people or ())
    if len(rows) < 2:
        raise SettingsError(
            "together has to be told at least two different people.", remedy="For example: P-000001 P-000002"
        )
    found = work_out(rows)
    if as_json:
        print_json({"people": list(rows), "length_s": round(found.length_s, 3), "together": found})
    else:
        show_together({one: rows[one][0].name for one in rows}, found, results())


@answering
def timeline(
    people: Annotated[list[str] | None, typer.Argument(metavar="PERSON", help="Whose; without any, everybody.")] = None,
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="How many people at most, if all.")] = 20,
    as_json: options.AsJson = False,
) -> None:
    """Show when people are seen, across all videos: a picture, and a table of every appearance."""
    from crossid.cli.answers import print_json
    from crossid.cli.chosen import reading
    from crossid.exports.presences import timeline as work_out
    from crossid.wizard.console import results
    from crossid.wizard.meetings import show_timeline
    from crossid.wizard.roster import most_seen_first, roster

    with reading(archive) as store:
        wanted = people or [line.id for line in most_seen_first(roster(store))[:limit]]
        rows = _rows(store, wanted)
        videos = store.videos()
    presences = work_out(row for theirs in rows.values() for row in theirs)
    if as_json:
        print_json({"people": list(rows), "timeline": presences})
    else:
        show_timeline({one: rows[one][0].name for one in rows}, presences, videos, results())


def _rows(store: Store, people: Sequence[str]) -> dict[str, list[LogRow]]:
    """Appearances of each person who is asked for, aliases followed; what was rejected is nobody's."""
    rows = {}
    for person in people:
        found = store.resolve(person)
        rows[found] = [row for row in store.log(found) if row.status != "rejected"]
        if not rows[found]:
            raise ArchiveError(
                f"{found} has no appearance in this archive.", remedy="crossid show tells what became of them."
            )
    return rows
