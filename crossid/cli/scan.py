"""`crossid scan`: the main job."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crossid.cli import options
from crossid.cli.exits import answering
from crossid.errors import PartialError, SettingsError

if TYPE_CHECKING:
    from crossid.pipeline import Outcome
    from crossid.settings import Settings

EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid scan footage
[dim]$[/] crossid scan day-1 day-2 phone.mp4 --archive protest
[dim]$[/] crossid scan footage --speed quick
[dim]$[/] crossid scan --reembed --pack clean   [dim]other models; nothing is watched again[/]
[dim]$[/] crossid scan footage --set faces.min_face_px=30 --json

Run it again on new footage to extend the archive; what did not change is not watched again.
Interrupted at any point (Ctrl-C), the same command goes on where it stopped."""


@answering
def scan(
    footage: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FOOTAGE", parser=options.path, help="Folders (with all below) or files: videos and photographs."
        ),
    ] = None,
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    pack: options.Pack = "",
    speed: options.Speed = "",
    rescan: Annotated[bool, typer.Option("--rescan", help="Watch again what was watched already.")] = False,
    reembed: Annotated[
        bool,
        typer.Option("--reembed", help="Describe what is kept with other models first; ids, names and rulings stay."),
    ] = False,
    device: options.Device = "",
    workers: options.Workers = 0,
    profile: Annotated[bool, typer.Option("--profile", help="Say where the time went, video by video.")] = False,
    config: options.Config = None,
    given: options.Given = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Find the same people across footage, and keep them in an archive with a folder for each."""
    from crossid.cli.chosen import settings_from
    from crossid.wizard.scanning import reembed_shown, scan_shown

    if not footage and not reembed:
        raise SettingsError("scan has to be told where the footage is.", remedy="For example: crossid scan FOLDER")
    settings = settings_from(config, given or (), pack=pack, speed=speed, device=device, workers=workers)
    if reembed:
        outcome = reembed_shown(archive, settings, quiet=quiet)
    if footage:
        outcome = scan_shown(footage, archive, settings, rescan=rescan, quiet=quiet, verbose=verbose)
    tell(outcome, archive, settings, as_json=as_json, profile=profile)
    finish(outcome)


def tell(outcome: Outcome, archive: Path, settings: Settings, *, as_json: bool, profile: bool = False) -> None:
    """Print what a scan did, for people or for programs."""
    if as_json:
        from crossid.cli.answers import print_json

        print_json({"archive": archive.resolve(), **asdict(outcome)})
        return
    from crossid.wizard.console import results
    from crossid.wizard.outcome import show_outcome

    show_outcome(outcome, archive, settings, results())
    if profile:
        from crossid.wizard.profile import show_profile

        show_profile(outcome.times, results())


def finish(outcome: Outcome) -> None:
    """Leave with the code of `PartialError` if some inputs failed; they were listed."""
    if outcome.mishaps:
        raise typer.Exit(PartialError.exit_code)
