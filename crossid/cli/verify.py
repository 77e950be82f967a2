"""`crossid verify`: is the archive still what was written?"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

from crossid.cli import options
from crossid.cli.exits import answering
from crossid.errors import PartialError, VerifyError

if TYPE_CHECKING:
    from pathlib import Path

    from crossid.archive import ArchiveSettings
    from crossid.archive.verification import Verification

EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid verify
[dim]$[/] crossid verify --archive protest --json
[dim]$[/] crossid verify --repair

Without crossid: cd ARCHIVE && sha256sum -c manifest-sha256.txt"""

MOST = 100
"""Differences that are shown on a terminal; --json lists all."""


@answering
def verify(
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    originals: Annotated[
        bool, typer.Option("--originals/--no-originals", help="Hash the footage, too, where it can be reached.")
    ] = True,
    repair: Annotated[
        bool, typer.Option("--repair", help="Paint again what can be derived from the database; say what cannot.")
    ] = False,
    trust_database: Annotated[
        bool,
        typer.Option("--trust-database", help="With --repair: take a changed database as it is, if it is sound."),
    ] = False,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Compare an archive and its footage with what was recorded: missing, changed and unexpected files.

    Ends with 7 where something differs, with 6 where a scan was cut short and all else is well.
    """
    from crossid.archive import trust
    from crossid.cli.answers import print_json
    from crossid.cli.chosen import settings_from

    settings = settings_from().archive
    found = _look(archive, settings, originals=originals, quiet=quiet)
    refused: VerifyError | None = None
    if repair and not found.sound:
        try:
            mended = trust.repair(archive, settings, found, trust_database=trust_database)
            found = replace(_look(archive, settings, originals=originals, quiet=quiet), mended=mended)
        except VerifyError as error:
            refused = error
    if as_json:
        refusal = {"refused": str(refused), "remedy": refused.remedy} if refused else {}
        said = {"archive": archive.absolute(), "sound": found.sound, "unfinished": found.unfinished}
        print_json({**said, **asdict(found), **refusal})
    else:
        _show(found, archive, repair=repair, refused=refused)
    if not found.sound:
        raise typer.Exit(PartialError.exit_code if found.unfinished else VerifyError.exit_code)


def _look(archive: Path, settings: ArchiveSettings, *, originals: bool, quiet: bool) -> Verification:
    from crossid.archive import trust
    from crossid.cli.bars import byte_bar

    with byte_bar("Hashing", quiet=quiet) as told:
        return trust.verify(archive, settings, originals=originals, told=told)


def _show(found: Verification, archive: Path, *, repair: bool, refused: VerifyError | None) -> None:
    from crossid.wizard.console import notices, results, say
    from crossid.wizard.tables import differences_table
    from crossid.wording import count

    console = results()
    if found.mended:
        say(console, f"{count(len(found.mended), 'file')} painted again from the database:")
        for path in found.mended[:MOST]:
            say(console, f"  {path}")
    shown = [one for one in found.differences if not (found.cut_short and one.kind == "outdated")]
    if shown:
        console.print(differences_table(shown[:MOST]))
    if len(shown) > MOST:
        say(console, f"… and {len(shown) - MOST:,} more: --json lists all.")
    if waiting := len(found.differences) - len(shown):
        say(console, f"A command was cut short: {count(waiting, 'file')} wait to be written; --json lists them.")
    for note in found.notes:
        say(console, note)
    say(console, f"{count(found.files, 'file')} of the archive as written, {_footage(found)}.")
    if found.sound:
        say(console, "The archive is what was recorded.", "bold green")
        return
    if found.unfinished:
        say(notices(), "Nothing is damaged; a scan or a ruling was cut short, and is unfinished.", "bold")
    else:
        say(notices(), f"{count(len(shown), 'difference')} from what was recorded.", "bold red")
    say(notices(), _remedy(found, archive, repair=repair, refused=refused))


def _footage(found: Verification) -> str:
    from crossid.wording import count

    away = f", {len(found.unreachable):,} out of reach" if found.unreachable else ""
    return f"{count(found.originals, 'original')} as watched{away}"


def _remedy(found: Verification, archive: Path, *, repair: bool, refused: VerifyError | None) -> str:
    from crossid.wizard.console import command, on_archive

    repairing = command("verify", "--repair", archive=archive)
    if refused:
        return f"Nothing was repaired. {refused} {on_archive(refused.remedy, archive)}"
    if found.unfinished:
        return f"Run the same scan again: it goes on where it stopped. {repairing} writes what is known so far."
    if repair or not any(one.mendable for one in found.differences):
        return (
            "What is listed cannot be derived from the database: bring it back from a copy, or move away what is new."
        )
    return f"{repairing} paints again what can be derived."
