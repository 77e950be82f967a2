"""`crossid doctor`: what this machine can do, and the remedy for what it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from crossid.cli import options
from crossid.cli.exits import answering

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table

    from crossid.pipeline.diagnosis import Finding

STYLES = {"ok": "green", "warning": "yellow", "missing": "bold red"}

EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid doctor
[dim]$[/] crossid doctor --json"""


@answering
def doctor(as_json: options.AsJson = False) -> None:
    """Check libraries, codecs, models, disk and memory of this machine; say what is missing and what helps."""
    from crossid.cli.answers import print_json
    from crossid.errors import ModelError
    from crossid.pipeline.diagnosis import examine
    from crossid.wizard.console import results

    console = results()
    findings = [*examine(), _terminal(console)]
    if as_json:
        print_json(findings)
    else:
        console.print(_table(findings))
    if any(finding.status == "missing" for finding in findings):
        raise typer.Exit(ModelError.exit_code)


def _terminal(console: Console) -> Finding:
    """What can be drawn here."""
    from crossid.pipeline.diagnosis import Finding
    from crossid.wizard.console import is_animated

    if not is_animated(console):
        return Finding(name="terminal", status="ok", found="none: plain lines are written")
    colours = "no colours" if console.no_color or not console.color_system else f"{console.color_system} colours"
    signs = console.encoding.startswith("utf")
    return Finding(
        name="terminal",
        status="ok" if signs else "warning",
        found=f"{console.width} × {console.height}, {colours}, {console.encoding}",
        remedy="" if signs else "Set the locale to UTF-8, or names will look odd.",
    )


def _table(findings: Sequence[Finding]) -> Table:
    from rich.text import Text

    from crossid.wizard.tables import plain_table
    from crossid.wording import printable

    table = plain_table("State", "What", "Found")
    for finding in findings:
        found = Text(printable(finding.found))
        if finding.remedy:
            found.append(f"\n{printable(finding.remedy)}", style="bold")
        table.add_row(Text(finding.status, style=STYLES[finding.status]), finding.name, found)
    return table
