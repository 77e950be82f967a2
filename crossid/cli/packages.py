"""`crossid export bagit`: a whole archive as a package that others can check."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from crossid.cli import options
from crossid.cli.exits import answering
from crossid.errors import PartialError

EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid export bagit protest-bag --archive protest
[dim]$[/] crossid export bagit protest-bag --originals
[dim]$[/] crossid export bagit protest-bag --timestamp https://freetsa.org/tsr

Whoever gets it checks it with: bagit.py --validate OUT"""


@answering
def bagit(
    out: Annotated[Path, typer.Argument(metavar="OUT", parser=options.path, help="A folder that is not there yet.")],
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    originals: Annotated[bool, typer.Option("--originals", help="Pack the footage, too.")] = False,
    timestamp: Annotated[
        str,
        typer.Option(
            "--timestamp",
            metavar="URL",
            help="Send the hash of the package's manifest, and nothing else, to this RFC 3161 time stamping authority.",
        ),
    ] = "",
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Pack the archive as a BagIt bag, for a library, a court or a safe; it is verified first."""
    from crossid.cli.answers import print_json
    from crossid.cli.bars import byte_bar
    from crossid.cli.chosen import settings_from
    from crossid.pipeline.packaging import pack
    from crossid.wizard.console import notices, say
    from crossid.wording import count

    with byte_bar("Copying", quiet=quiet) as told:
        package = pack(archive, out, settings_from(), originals=originals, timestamp=timestamp, told=told)
    if as_json:
        print_json(asdict(package))
    else:
        films = f" and {count(package.originals, 'original')}" if originals else ""
        say(notices(), f"{count(package.files, 'file')}{films} in {out}")
        if package.stamped_at:
            say(notices(), f"Stamped {package.stamped_at:%Y-%m-%d %H:%M:%S} UTC by {timestamp}")
    if package.unreachable:
        for path in package.unreachable:
            say(notices(), f"out of reach, not packed: {path}")
        raise typer.Exit(PartialError.exit_code)
