"""`crossid audit`: what to look at first."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from crossid.cli import options
from crossid.cli.exits import answering

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from crossid.pipeline.auditing import Doubt

EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid audit
[dim]$[/] crossid audit --most 5 --archive protest
[dim]$[/] crossid audit --json | jq '.questions[0]'

The archive is only read. Each question comes with two pictures to compare; merge, split, move,
confirm and reject answer it."""


@answering
def audit(
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    most: Annotated[
        int, typer.Option("--most", min=0, metavar="N", help="Show this many questions; 0: all of them.")
    ] = 20,
    config: options.Config = None,
    as_json: options.AsJson = False,
) -> None:
    """Say where an archive may be wrong: people who may be two, people who may be one, doubtful appearances."""
    from crossid.cli.answers import print_json
    from crossid.cli.chosen import reading, settings_from
    from crossid.pipeline.auditing import doubts
    from crossid.wizard.console import notices, results, say
    from crossid.wording import count

    with reading(archive) as store:
        found = doubts(store, settings_from(config))
    shown = found[:most] if most else found
    if as_json:
        questions = [{**asdict(one.question), "worth": one.worth, "faces": one.faces} for one in shown]
        print_json({"asked": len(found), "questions": questions})
        return
    if not shown:
        results().print("Nothing in this archive is doubtful enough to ask about.")
        return
    results().print(_table(shown))
    if len(shown) < len(found):
        say(notices(), f"{count(len(found) - len(shown), 'more question')}: crossid audit --most 0")


def _table(shown: Sequence[Doubt]) -> Table:
    from rich.text import Text

    from crossid.wizard.tables import plain_table
    from crossid.wording import asked, printable

    table = plain_table("Question", "Yes", "Settles", "Why", "Compare", numbers=("Yes", "Settles"))
    for one in shown:
        question = one.question
        faces = "\n".join(printable(path) for path in one.faces if path)
        cells = (
            asked(question.kind, question.people, question.settles),
            f"{question.probability:.0%}",
            f"{question.settles:,}",
            printable(question.why),
            faces,
        )
        table.add_row(*map(Text, cells))
    return table
