"""`crossid redact`: a copy of a video in which people cannot be recognised."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from crossid.cli import options
from crossid.cli.exits import answering

if TYPE_CHECKING:
    from crossid.exports.covering import How

EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid redact video.mp4 safe.mp4                        [dim]everybody[/]
[dim]$[/] crossid redact video.mp4 safe.mp4 --how box              [dim]nothing is left under a box[/]
[dim]$[/] crossid redact video.mp4 safe.mp4 --but P-000001         [dim]everybody but one of an archive[/]
[dim]$[/] crossid redact video.mp4 safe.mp4 --only P-000001 --only P-000002

In doubt a face is covered. No detector finds every face: watch the copy before you
publish it. Voices, clothes and places stay as they are; --silent leaves out the sound."""

_But = Annotated[list[str] | None, typer.Option("--but", metavar="PERSON", help="Stays as it is; may be repeated.")]
_Only = Annotated[
    list[str] | None, typer.Option("--only", metavar="PERSON", help="Cover nobody but these; may be repeated.")
]


@answering
def redact(
    video: Annotated[Path, typer.Argument(metavar="VIDEO", parser=options.path, help="A video or a photograph.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", parser=options.path, help="An .mp4; of a photograph a .png.")],
    *,
    how: Annotated[str, typer.Option("--how", metavar="HOW", help="blur, pixelate or box (the safest).")] = "blur",
    but: _But = None,
    only: _Only = None,
    margin: Annotated[
        float, typer.Option("--margin", min=0.0, max=3.0, help="How much larger than a face, in its own sizes.")
    ] = 0.35,
    looks: Annotated[
        float, typer.Option("--looks", min=0.0, metavar="N", help="Pictures a second that are looked at; 0: all.")
    ] = 0.0,
    silent: Annotated[bool, typer.Option("--silent", help="Leave out the sound.")] = False,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    pack: options.Pack = "",
    config: options.Config = None,
    given: options.Given = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Copy a video, with sound, so that faces cannot be recognised: everybody's, or some."""
    from contextlib import closing, nullcontext

    from crossid.archive import open_archive
    from crossid.cli.answers import print_json
    from crossid.cli.chosen import settings_from
    from crossid.pipeline.redacting import RedactSettings, redact
    from crossid.wizard.console import notices, results, say
    from crossid.wizard.taken import show_redacted

    settings = settings_from(config, given or (), pack=pack)
    wish = RedactSettings(
        how=cast("How", how),
        margin=margin,
        looks_per_s=looks,
        but=tuple(but or ()),
        only=tuple(only or ()),
        silent=silent,
    )
    console = notices()
    with closing(open_archive(archive, settings.archive)) if but or only else nullcontext() as store:
        made = redact(
            video,
            out,
            settings,
            wish,
            store=store,
            tell=(lambda _: None) if quiet else lambda what: say(console, what),
        )
    if as_json:
        print_json(made)
    else:
        show_redacted(made, results())
