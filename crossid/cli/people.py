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
    from crossid.cli.answers import print_json
    from crossid.cli.chosen import reading
    from crossid.wizard.console import results
    from crossid.wizard.roster import most_seen_first, roster
    from crossid.wizard.tables import people_table

    with reading(archive) as store:
        lines = roster(store)
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
    """Show one person's appearances across all videos, with times, probability and evidence."""
    from crossid.archive.folders import picture_paths
    from crossid.cli.answers import print_json
    from crossid.cli.chosen import reading
    from crossid.wizard.console import results
    from crossid.wizard.person import show_person

    with reading(archive) as store:
        found = store.resolve(person)
        rows = store.log(found)
    paths = picture_paths(rows)
    if as_json:
        appearances = [{**asdict(row), "picture": paths[row.appearance_id]} for row in rows]
        print_json({"asked": person, "person_id": found, "appearances": appearances})
    else:
        show_person(person, found, rows, [paths[row.appearance_id] for row in rows], results())
