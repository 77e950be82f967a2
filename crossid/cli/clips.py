"""`crossid clips`: the moments in which somebody is seen, cut out of the originals with their sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crossid.cli import options
from crossid.cli.exits import answering
from crossid.errors import PartialError

if TYPE_CHECKING:
    from crossid.pipeline.clipping import Clips

EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid clips P-000001 clips
[dim]$[/] crossid clips P-000001 clips --joined --boxes     [dim]one film of all, the face framed[/]
[dim]$[/] crossid clips P-000001 clips --fast               [dim]copied, not encoded: begins at a key picture[/]
[dim]$[/] crossid clips P-000001 clips --footage /mnt/disk  [dim]the originals were moved[/]

Every clip says in a file beside it where it comes from: original, SHA-256, times, and
where the face is. Originals that were changed since they were scanned are refused."""

Footage = Annotated[
    list[Path] | None,
    typer.Option(
        "--footage",
        metavar="DIR",
        parser=options.path,
        help="Where to look for originals that are not where they were; may be repeated.",
    ),
]


@answering
def clips(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="A person's id, such as P-000001.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", parser=options.path, help="A new or empty folder.")],
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    handles: Annotated[
        float, typer.Option("--handles", min=0.0, max=600.0, metavar="SECONDS", help="Before and after an appearance.")
    ] = 1.0,
    fast: Annotated[
        bool, typer.Option("--fast", help="Copy without encoding: quick, lossless, begins at a key picture.")
    ] = False,
    boxes: Annotated[bool, typer.Option("--boxes", help="Draw a frame around the person's face.")] = False,
    joined: Annotated[
        bool, typer.Option("--joined", help="Also one film of all clips, with captions between them.")
    ] = False,
    footage: Footage = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Cut out of the originals every moment in which a person is seen, with sound."""
    from contextlib import closing

    from crossid.archive import open_archive
    from crossid.cli.chosen import settings_from
    from crossid.pipeline.clipping import ClipSettings, clip
    from crossid.wizard.console import notices, say

    settings, how = settings_from(), ClipSettings(handles_s=handles, fast=fast, boxes=boxes, joined=joined)
    console = notices()
    with closing(open_archive(archive, settings.archive)) as store:
        made = clip(
            store,
            [person],
            out,
            settings,
            how,
            places=footage or (),
            tell=(lambda _: None) if quiet else lambda name: say(console, f"Cutting {name}"),
        )
    _tell(made, out, as_json=as_json)
    if made.mishaps:
        raise typer.Exit(PartialError.exit_code)


def _tell(made: Clips, out: Path, *, as_json: bool) -> None:
    if as_json:
        from crossid.cli.answers import print_json

        print_json({"out": out.resolve(), "clips": made.clips, "reel_s": made.reel_s, "mishaps": made.mishaps})
        return
    from crossid.wizard.console import results
    from crossid.wizard.taken import show_clips

    show_clips(made, out, results())
