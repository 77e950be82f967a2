"""`crossid export`: what the archive knows, as files for other programs."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crossid.cli import options, packages
from crossid.cli.exits import answering
from crossid.cli.helping import App
from crossid.errors import PartialError, SettingsError

if TYPE_CHECKING:
    from crossid.pipeline.exporting import Exported, Kind

OBSERVATIONS = """[b]Examples[/b]

[dim]$[/] crossid export observations faces.csv
[dim]$[/] crossid export observations - --archive protest | head"""
CSV = """[b]Examples[/b]

[dim]$[/] crossid export csv appearances.csv
[dim]$[/] crossid export csv - --person P-000001 --archive protest"""
JSON = """[b]Examples[/b]

[dim]$[/] crossid export json protest.json --archive protest
[dim]$[/] crossid export json - | jq '.people[].id'

docs/export.schema.json is its JSON Schema."""
OTIO = """[b]Examples[/b]

[dim]$[/] crossid export otio timelines
[dim]$[/] crossid export otio timelines --person P-000001 --person P-000004

Needs one more library: pip install "crossid\\[editors]\""""
EDL = """[b]Examples[/b]

[dim]$[/] crossid export edl lists --archive protest

Needs one more library: pip install "crossid\\[editors]\""""
VTT = """[b]Examples[/b]

[dim]$[/] crossid export vtt captions
[dim]$[/] crossid export vtt --beside          [dim]clip.vtt beside clip.mp4: players show it by themselves[/]"""
XMP = """[b]Examples[/b]

[dim]$[/] crossid export xmp sidecars --archive photos"""
GEOJSON = """[b]Examples[/b]

[dim]$[/] crossid export geojson places.geojson"""

ELSEWHERE = "Name a file elsewhere."

app = App(help="Write what the archive knows as files for other programs.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(metavar="OUT", parser=options.path, help="File to write; - for stdout.")]
Folder = Annotated[
    Path, typer.Argument(metavar="OUT", parser=options.path, help="Folder to write into; made if need be.")
]
People = Annotated[list[str] | None, typer.Option("--person", metavar="ID", help="Only this person; may be repeated.")]


@app.callback()
def export() -> None:
    """Write what the archive knows as files for other programs."""


@app.command(epilog=OBSERVATIONS)
@answering
def observations(
    out: Annotated[Path, typer.Argument(metavar="OUT.csv", parser=options.path, help="Where to write; - for stdout.")],
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    as_json: options.AsJson = False,
) -> None:
    """Write one row for every face that was seen: where, when, how sure, and who it is."""
    from crossid.cli.answers import one_answer, print_json
    from crossid.cli.chosen import reading
    from crossid.exports import write_observations
    from crossid.pipeline.outside import check_outside
    from crossid.wizard.console import notices
    from crossid.wording import count, printable

    one_answer(out, as_json=as_json)
    check_outside(out, ELSEWHERE)
    with reading(archive) as store, closing(store.observations()) as faces:
        rows = write_observations(faces, out)
    if str(out) == "-":
        return
    if as_json:
        print_json({"out": out, "rows": rows})
    else:
        notices().print(f"{count(rows, 'face')} in {printable(str(out))}", soft_wrap=True)


@app.command("csv", epilog=CSV)
@answering
def csv_(
    out: File,
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    person: People = None,
    as_json: options.AsJson = False,
) -> None:
    """Write all appearances as one table: who, in which video, from when to when, how sure."""
    _export("csv", archive, out, person, as_json=as_json)


@app.command("json", epilog=JSON)
@answering
def json_(
    out: File,
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    person: People = None,
    as_json: options.AsJson = False,
) -> None:
    """Write people, appearances, footage, coverage and runs as one JSON document with a schema."""
    _export("json", archive, out, person, as_json=as_json)


@app.command(epilog=OTIO)
@answering
def otio(
    out: Folder,
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    person: People = None,
    as_json: options.AsJson = False,
) -> None:
    """Write OpenTimelineIO: a timeline for each person, and one for each video with markers."""
    _export("otio", archive, out, person, as_json=as_json)


@app.command(epilog=EDL)
@answering
def edl(
    out: Folder,
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    person: People = None,
    as_json: options.AsJson = False,
) -> None:
    """Write a CMX 3600 edit decision list for each person."""
    _export("edl", archive, out, person, as_json=as_json)


@app.command(epilog=VTT)
@answering
def vtt(
    out: Annotated[
        Path | None,
        typer.Argument(
            metavar="OUT", parser=options.path, help="Folder to write into; made if need be.", show_default=False
        ),
    ] = None,
    *,
    beside: Annotated[bool, typer.Option("--beside", help="Write beside the videos instead.")] = False,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    person: People = None,
    as_json: options.AsJson = False,
) -> None:
    """Write who is seen when as captions (WebVTT), one file for each video."""
    from crossid import pipeline
    from crossid.cli.chosen import settings_from

    if beside == (out is not None) or (beside and person):
        raise SettingsError(
            "Captions go into a folder, or, of everybody, beside the videos.",
            remedy="Name a folder, or say --beside and nothing else.",
        )
    if out is not None:
        _export("vtt", archive, out, person, as_json=as_json)
    else:
        _tell(pipeline.captions_beside(archive, settings_from()), "beside the videos", "appearance", as_json=as_json)


@app.command(epilog=XMP)
@answering
def xmp(
    out: Folder,
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    person: People = None,
    as_json: options.AsJson = False,
) -> None:
    """Write faces in photographs as XMP sidecars, which photo programs read."""
    _export("xmp", archive, out, person, as_json=as_json)


@app.command(epilog=GEOJSON)
@answering
def geojson(
    out: File,
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    person: People = None,
    as_json: options.AsJson = False,
) -> None:
    """Write where footage says it was recorded, and who is seen there, for maps."""
    _export("geojson", archive, out, person, as_json=as_json)


app.command("bagit", epilog=packages.EXAMPLES)(packages.bagit)


def _export(kind: Kind, archive: Path, out: Path, people: list[str] | None, *, as_json: bool) -> None:
    from crossid import pipeline
    from crossid.cli.answers import one_answer
    from crossid.cli.chosen import settings_from
    from crossid.pipeline.outside import check_outside

    one_answer(out, as_json=as_json)
    check_outside(out, ELSEWHERE)
    done = pipeline.export(archive, settings_from(), kind, out, people or ())
    if done.files:
        _tell(done, f"in {out}", "place" if kind == "geojson" else "appearance", as_json=as_json)


def _tell(done: Exported, where: str, noun: str, *, as_json: bool) -> None:
    from crossid.cli.answers import print_json
    from crossid.wizard.console import notices
    from crossid.wizard.outcome import show_mishaps
    from crossid.wording import count, printable

    if as_json:
        print_json(done)
    else:
        files = f", {count(len(done.files), 'file')}," if len(done.files) != 1 else ""
        notices().print(f"{count(done.rows, noun)}{files} {printable(where)}", soft_wrap=True)
        show_mishaps(done.mishaps, notices(), "written")
    if done.mishaps:
        raise typer.Exit(PartialError.exit_code)
