"""`crossid people` and `crossid show`: who is in the archive, and where one person is seen."""

from dataclasses import asdict
from typing import Annotated

import typer

from crossid.cli import options
from crossid.cli.exits import answering

PEOPLE_EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid people
[dim]$[/] crossid people --archive protest --json"""

SHOW_EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid show P-000001
[dim]$[/] crossid show P-000001 --archive protest --json"""


@answering
def people(*, archive: options.Archive = options.DEFAULT_ARCHIVE, as_json: options.AsJson = False) -> None:
    """List everybody in the archive: in how many videos and appearances, first and last seen."""
    from crossid.archive.label import non_commercial
    from crossid.cli.answers import print_json
    from crossid.cli.chosen import reading
    from crossid.wizard.console import notices, results, say
    from crossid.wizard.outcome import unwatched_line
    from crossid.wizard.roster import most_seen_first, roster
    from crossid.wizard.tables import people_table

    with reading(archive) as store:
        lines, bound, unwatched = roster(store), non_commercial(store.runs()), unwatched_line(store.coverage())
    if bound:
        say(notices(), f"Made with models that are for non-commercial use only: {', '.join(bound)}", "yellow")
    if unwatched:
        say(notices(), unwatched, "yellow")
    if as_json:
        print_json(lines)
    elif lines:
        results().print(people_table(most_seen_first(lines)))
    else:
        results().print("Nobody is in this archive yet: crossid scan FOOTAGE brings them in.")


@answering
def show(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="A person's id, such as P-000001.")],
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    as_json: options.AsJson = False,
) -> None:
    """Show one person's names, notes and appearances across all videos, with times, probability and evidence."""
    from crossid.cli.answers import print_json
    from crossid.cli.chosen import reading
    from crossid.wizard.console import results
    from crossid.wizard.person import look_up, show_person

    with reading(archive) as store:
        shown = look_up(store, person)
    if as_json:
        facts = {
            key: getattr(shown, key)
            for key in ("asked", "person_id", "forgotten_at", "names", "aliases", "ignored", "notes")
        }
        rows = [{**asdict(row), "picture": one} for row, one in zip(shown.rows, shown.pictures, strict=True)]
        print_json({**facts, "appearances": rows})
    else:
        show_person(shown, results())
