"""Options that several commands share, with one wording."""

from pathlib import Path
from typing import Annotated

import typer

from crossid.errors import SettingsError


def path(text: str) -> Path:
    """A path that was typed. Whether it may be read is found out where it is read: there the answer has a remedy.

    Raises:
        SettingsError: nothing was typed, which would be the current folder: a variable of a script that is not set.
    """
    if not str(text).strip():
        raise SettingsError("A path is empty.", remedy="For the folder in which you are, write a dot: .")
    return Path(text)


Archive = Annotated[Path, typer.Option("--archive", metavar="DIR", parser=path, help="The archive's folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with JSON on stdout, for other programs.")]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        parser=path,
        help="Settings as TOML; without it crossid.toml of this folder, if there is one.",
    ),
]
Device = Annotated[
    str,
    typer.Option(
        "--device",
        metavar="NAME",
        help="What networks run on: auto, cpu, cuda, tensorrt, coreml, directml, openvino or openvino-bf16; "
        "[b]crossid doctor[/b] shows which work here.",
    ),
]
Given = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="ROOM.KEY=VALUE", help="Change one setting; may be repeated."),
]
Pack = Annotated[str, typer.Option("--pack", metavar="NAME", help="Which models: see [b]crossid models list[/b].")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, only the result.")]
Speed = Annotated[
    str,
    typer.Option(
        "--speed",
        metavar="NAME",
        help="How closely to look: [b]quick[/b], [b]balanced[/b] (if nothing is said) or [b]thorough[/b]; "
        "docs/speed.md says what each costs and may miss.",
    ),
]
Verbose = Annotated[bool, typer.Option("--verbose", help="Say of each file what became of it.")]
Workers = Annotated[
    int, typer.Option("--workers", min=0, metavar="N", help="Processes that watch; 0: as many as the machine can bear.")
]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who rules; without it the name you log in with.")]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="Why, for whoever reads the log.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say exactly what would happen, and change nothing.")]

DEFAULT_ARCHIVE = Path("archive")
