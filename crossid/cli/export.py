"""`crossid export`: what the archive knows, as files for other programs."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from crossid.cli import options, packages
from crossid.cli.exits import answering
from crossid.errors import SettingsError

EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid export observations faces.csv
[dim]$[/] crossid export observations - --archive protest | head"""

app = typer.Typer(help="Write what the archive knows as files for other programs.", no_args_is_help=True)


@app.callback()
def export() -> None:
    """Write what the archive knows as files for other programs."""


@app.command(epilog=EXAMPLES)
@answering
def observations(
    out: Annotated[Path, typer.Argument(metavar="OUT.csv", readable=False, help="Where to write; - for stdout.")],
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    as_json: options.AsJson = False,
) -> None:
    """Write one row for every face that was seen: where, when, how sure, and who it is."""
    from crossid.cli.answers import print_json
    from crossid.cli.chosen import reading
    from crossid.exports import write_observations
    from crossid.wizard.console import notices, printable
    from crossid.wording import count

    if archive.resolve() in out.resolve().parents:
        raise SettingsError(
            f"{out} lies in the archive, where only crossid's own files belong.", remedy="Name a file elsewhere."
        )
    with reading(archive) as store, closing(store.observations()) as faces:
        rows = write_observations(faces, out)
    if str(out) == "-":
        return
    if as_json:
        print_json({"out": out, "rows": rows})
    else:
        notices().print(f"{count(rows, 'face')} in {printable(str(out))}", soft_wrap=True)


app.command("bagit", epilog=packages.EXAMPLES)(packages.bagit)
