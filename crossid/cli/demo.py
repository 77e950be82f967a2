"""`crossid demo`: crossid on footage that it makes itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crossid.cli import options
from crossid.cli.exits import answering

if TYPE_CHECKING:
    from crossid.pipeline import Outcome

EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid demo
[dim]$[/] crossid demo /tmp/demo"""

DEFAULT_FOLDER = Path("crossid-demo")


@answering
def demo(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", parser=options.path, help="Where to put footage and archive.")
    ] = DEFAULT_FOLDER,
    *,
    workers: options.Workers = 0,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Make some footage in which the same people come back, scan it, and show who was found where."""
    from crossid.cli.chosen import settings_from
    from crossid.cli.scan import finish, tell
    from crossid.footage.staging import stage
    from crossid.wizard.console import notices, say
    from crossid.wizard.scanning import scan_shown

    settings, footage, archive = settings_from(workers=workers), folder / "footage", folder / "archive"
    if not quiet:
        say(notices(), f"Making footage in {footage} …")
    stage(footage)
    outcome = scan_shown([footage], archive, settings, quiet=quiet)
    if as_json:
        tell(outcome, archive, settings, as_json=True)
    else:
        _show(outcome, archive)
    finish(outcome)


def _show(outcome: Outcome, archive: Path) -> None:
    """Who is seen in which video, and how to do the same with one's own footage."""
    from crossid.cli.chosen import reading
    from crossid.wizard.console import results
    from crossid.wizard.outcome import headline, show_mishaps, show_next_steps
    from crossid.wizard.roster import roster
    from crossid.wizard.tables import matrix

    console = results()
    with reading(archive) as store:
        lines, rows = roster(store), store.log()
    console.print(headline(outcome), style="bold")
    console.print("In how many appearances each of them is seen, video by video:")
    console.print(matrix(lines, rows))
    show_mishaps(outcome.mishaps, console)
    show_next_steps(archive, lines[0].id if lines else "", console)
    console.print("Your own footage: crossid scan FOLDER")
