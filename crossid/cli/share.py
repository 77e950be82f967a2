"""`crossid share`: a redacted twin of an archive, to be given away."""

from pathlib import Path
from typing import Annotated

import typer

from crossid.cli import options
from crossid.cli.exits import answering

EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid share twin
[dim]$[/] crossid share twin P-000001 P-000007 --archive protest  [dim]with the faces of these two[/]

The twin says who is seen when, by id, in which video, by hash. It holds no names,
no paths, nothing to recognise a face by, and nobody's face but of those who are named here."""


@answering
def share(
    out: Annotated[Path, typer.Argument(metavar="OUT", parser=options.path, help="A new or empty folder.")],
    people: Annotated[
        list[str] | None, typer.Argument(metavar="PERSON", help="Whose faces are in it; without any, nobody's.")
    ] = None,
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    as_json: options.AsJson = False,
) -> None:
    """Make a copy of an archive that can be given away: without names, paths, embeddings, or others' faces."""
    from crossid.cli.answers import print_json
    from crossid.cli.chosen import reading, settings_from
    from crossid.pipeline.sharing import share as make
    from crossid.wizard.console import results
    from crossid.wizard.taken import show_shared

    with reading(archive) as store:
        made = make(store, out, settings_from(), people or ())
    if as_json:
        print_json(made)
    else:
        show_shared(made, results())
