"""`crossid seal` and `crossid open`: an archive that nobody reads without its passphrase."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crossid.cli import options
from crossid.cli.exits import answering
from crossid.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

SEAL_EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid seal --archive protest
[dim]$[/] crossid seal --passphrase-file /media/stick/passphrase

There is no way around a passphrase that was forgotten."""

OPEN_EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid open --archive protest
[dim]$[/] CROSSID_PASSPHRASE=… crossid open"""

VARIABLE = "CROSSID_PASSPHRASE"
SHORTEST = 8
File = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        parser=options.path,
        help=f"A file whose first line is the passphrase; without it {VARIABLE}, or you are asked.",
    ),
]


@answering
def seal(
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    passphrase_file: File = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Encrypt the whole archive with a passphrase; crossid open makes it readable again."""
    from crossid.archive.trust import seal
    from crossid.cli.bars import byte_bar

    with byte_bar("Sealing", quiet=quiet) as told:
        count = seal(archive, _asked(passphrase_file, twice=True), told)
    _tell(archive, count, "sealed", as_json=as_json)


@answering
def unseal(
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    passphrase_file: File = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Open an archive that was sealed with a passphrase."""
    from crossid.archive.trust import unseal
    from crossid.cli.bars import byte_bar

    with byte_bar("Opening", quiet=quiet) as told:
        count = unseal(archive, _asked(passphrase_file, twice=False), told)
    _tell(archive, count, "open", as_json=as_json)


def _asked(file: Path | None, *, twice: bool) -> Callable[[], str]:
    """Where the passphrase comes from: never from the command line, which everybody on the machine can see."""

    def ask() -> str:
        passphrase = _from_file(file) if file else os.environ.get(VARIABLE) or _from_terminal(twice=twice)
        if twice and len(passphrase) < SHORTEST:
            raise SettingsError(
                f"A passphrase has {SHORTEST} characters or more.",
                remedy="Take five words that do not belong together.",
            )
        return passphrase

    return ask


def _from_file(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.", remedy="Name another file.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file} cannot be read as text: it is no UTF-8.", remedy="Name another file.") from error


def _from_terminal(*, twice: bool) -> str:
    import sys

    if not sys.stdin.isatty():
        raise SettingsError(
            "There is nobody to ask for the passphrase.", remedy=f"Set {VARIABLE}, or name a --passphrase-file."
        )
    passphrase: str = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=twice, err=True)
    return passphrase


def _tell(archive: Path, count: int, state: str, *, as_json: bool) -> None:
    from crossid import wording
    from crossid.cli.answers import print_json
    from crossid.wizard.console import notices, say

    if as_json:
        print_json({"archive": archive.absolute(), "state": state, "files": count})
    else:
        say(notices(), f"{archive} is {state}: {wording.count(count, 'file')}.")
