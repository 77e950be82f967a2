"""`crossid report`: what was found, on one page."""

from pathlib import Path
from typing import Annotated

import typer

from crossid.cli import options
from crossid.cli.exits import answering

EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid report                                 [dim]into archive/reports[/]
[dim]$[/] crossid report --archive protest
[dim]$[/] crossid report --archive protest --out protest.html   [dim]a page to pass on[/]

The page holds its pictures and needs neither a network nor crossid: open it in any browser, or print it.
It shows the archive as it is now; after another scan or ruling, make it again."""


@answering
def report(
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", parser=options.path, help="Write only the page, and there; - for stdout."
        ),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Write what was found on one page: people, when, with whom, how sure, with what methods."""
    from crossid import pipeline
    from crossid.cli.answers import one_answer, print_json
    from crossid.cli.chosen import settings_from
    from crossid.pipeline.outside import check_outside
    from crossid.wizard.console import notices, results
    from crossid.wording import count, printable, size

    if out is not None:
        one_answer(out, as_json=as_json)
        check_outside(out, "Name a file elsewhere, or leave --out away.")
    with notices().status("Putting the page together…"):
        done = pipeline.report(archive, settings_from(), out)
    if str(out) == "-":
        return
    if as_json:
        print_json(done)
        return
    notices().print(f"{count(done.people, 'person', 'people')} on a page; {size(done.size_bytes)}", soft_wrap=True)
    results().print(printable(str(done.page)), soft_wrap=True)
