"""`crossid find`: who in the archive looks like somebody in a photograph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crossid.cli import options
from crossid.cli.exits import answering
from crossid.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossid.pipeline.asking import Sitter
    from crossid.pipeline.finding import Answer, Finder

EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid find photo.jpg
[dim]$[/] crossid find photos-of-one-person --archive protest
[dim]$[/] crossid find "video.mp4@00:01:23"             [dim]a frame of a video[/]
[dim]$[/] crossid find group.jpg --face 2               [dim]the second face from the left[/]
[dim]$[/] crossid find group.jpg --all --json

Several photographs are taken for pictures of one person. crossid proposes who looks
alike, and how probable it is; it never says who somebody is."""


@answering
def find(
    photos: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PHOTO", help="Photographs (or folders of them) of one person, or frames: [b]VIDEO@TIME[/b]."
        ),
    ] = None,
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    above: Annotated[
        float, typer.Option("--above", min=0.0, max=1.0, help="Probability from which somebody is found.")
    ] = 0.5,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="How many people at most.")] = 10,
    face: Annotated[
        int, typer.Option("--face", min=0, metavar="N", help="Which face of the picture, from the left; 0: ask.")
    ] = 0,
    everyone: Annotated[bool, typer.Option("--all", help="Look up every face of the picture, one by one.")] = False,
    config: options.Config = None,
    given: options.Given = None,
    as_json: options.AsJson = False,
) -> None:
    """Say who in the archive looks like somebody in a photograph: ranked, with probabilities and near misses."""
    if not photos:
        raise SettingsError("find has to be told whom to look for.", remedy="For example: crossid find photo.jpg")
    if face and everyone:
        raise SettingsError("--face and --all contradict each other.", remedy="Leave one of them out.")
    from contextlib import closing

    from crossid.archive import open_archive
    from crossid.cli.chosen import settings_from
    from crossid.pipeline.asking import asked_of
    from crossid.pipeline.finding import Finder

    settings = settings_from(config, given or ())
    asked = [one for text in photos for one in asked_of(text)]
    with closing(open_archive(archive, settings.archive)) as store:
        finder = Finder(store, settings)
        groups = _groups(finder.look_at(asked), face=face, everyone=everyone, finder=finder, as_json=as_json)
        answers = [finder.find(group, limit=limit, above=above) for group in groups]
    _tell(answers, archive, as_json=as_json)


def _groups(
    seen: Sequence[Sequence[Sitter]], *, face: int, everyone: bool, finder: Finder, as_json: bool
) -> list[Sequence[Sitter]]:
    """Faces that are looked up together: those of one person."""
    if everyone:
        return [[sitter] for picture in seen for sitter in picture]
    from crossid.pipeline.asking import of_one_person
    from crossid.wizard.found import ask_which

    return [of_one_person(seen, face=face, likest=finder.likest, ask=None if as_json else ask_which)]


def _tell(answers: Sequence[Answer], archive: Path, *, as_json: bool) -> None:
    if as_json:
        from crossid.cli.answers import print_json

        print_json({"archive": archive.resolve(), "answers": answers})
        return
    from crossid.wizard.console import results
    from crossid.wizard.found import show_answer

    for answer in answers:
        show_answer(answer, archive, results())
