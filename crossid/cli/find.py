"""`crossid find`: who in the archive looks like somebody in a photograph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crossid.cli import options
from crossid.cli.exits import answering
from crossid.errors import PartialError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossid.pipeline.asking import Sitter
    from crossid.pipeline.finding import Answer, Finder
    from crossid.settings import Settings

EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid find photo.jpg
[dim]$[/] crossid find photos-of-one-person --archive protest
[dim]$[/] crossid find "video.mp4@00:01:23"             [dim]a frame of a video[/]
[dim]$[/] crossid find group.jpg --face 2               [dim]the second face from the left[/]
[dim]$[/] crossid find group.jpg --all --json
[dim]$[/] crossid find photo.jpg --footage new-videos --clips out  [dim]no archive: nothing else is kept[/]

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
        float, typer.Option("--above", min=0.0, max=1.0, metavar="P", help="Probability from which somebody is found.")
    ] = 0.5,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="How many people at most.")] = 10,
    face: Annotated[
        int, typer.Option("--face", min=0, metavar="N", help="Which face of the picture, from the left; 0: ask.")
    ] = 0,
    everyone: Annotated[bool, typer.Option("--all", help="Look up every face of the picture, one by one.")] = False,
    footage: Annotated[
        list[Path] | None,
        typer.Option(
            "--footage",
            metavar="DIR",
            parser=options.path,
            help="Search footage instead of an archive; nothing is kept.",
        ),
    ] = None,
    clips: Annotated[
        Path | None,
        typer.Option(
            "--clips", metavar="OUT", parser=options.path, help="With --footage: cut out where they are seen."
        ),
    ] = None,
    config: options.Config = None,
    given: options.Given = None,
    as_json: options.AsJson = False,
) -> None:
    """Say who in the archive looks like somebody in a photograph: ranked, with probabilities and near misses."""
    if not photos:
        raise SettingsError("find has to be told whom to look for.", remedy="For example: crossid find photo.jpg")
    for text in photos:
        options.path(text)
    if face and everyone:
        raise SettingsError("--face and --all contradict each other.", remedy="Leave one of them out.")
    if clips and not footage:
        raise SettingsError("--clips goes with --footage.", remedy="Of an archive's people: crossid clips PERSON OUT")
    from contextlib import closing, nullcontext

    from crossid.cli.chosen import settings_from
    from crossid.pipeline.asking import asked_of
    from crossid.pipeline.outside import new_folder
    from crossid.pipeline.picturing import Pictures

    settings = settings_from(config, given or ())
    asked = [one for text in photos for one in asked_of(text)]
    # Said before the search, whose answer is not kept; and pictures are read while what compares them is loaded.
    with new_folder(clips) if clips else nullcontext(), Pictures(asked, settings) as pictures:
        from crossid.archive import open_archive
        from crossid.pipeline.finding import Finder

        if footage:
            finder = Finder.of_settings(settings)
            groups = _groups(finder.look_at(pictures), face=face, everyone=everyone, finder=finder, as_json=as_json)
            _search(finder, groups, settings, footage, clips, limit=limit, above=above, as_json=as_json)
            return
        with closing(open_archive(archive, settings.archive)) as store:
            finder = Finder.of_archive(store, settings)
            groups = _groups(finder.look_at(pictures), face=face, everyone=everyone, finder=finder, as_json=as_json)
            answers = [finder.find(store, group, limit=limit, above=above) for group in groups]
    _tell(answers, archive, as_json=as_json)


def _search(
    finder: Finder,
    groups: Sequence[Sequence[Sitter]],
    settings: Settings,
    footage: Sequence[Path],
    clips: Path | None,
    *,
    limit: int,
    above: float,
    as_json: bool,
) -> None:
    """Watch footage into an archive that is deleted, and say who in it looks like whom."""
    from contextlib import closing

    from crossid.archive import open_archive
    from crossid.pipeline.clipping import ClipSettings, clip
    from crossid.pipeline.fleeting import fleeting_folder
    from crossid.wizard.found import NOTHING_KEPT, show_search
    from crossid.wizard.scanning import scan_shown

    with fleeting_folder() as folder:
        try:
            outcome = scan_shown(footage, folder, settings, quiet=as_json)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(NOTHING_KEPT) from None
        with closing(open_archive(folder, settings.archive)) as store:
            answers = (
                [finder.find(store, group, limit=limit, above=above) for group in groups] if store.spaces() else []
            )
            people = list(dict.fromkeys(one.match.person for answer in answers for one in answer.found))
            rows = [row for person in people for row in store.log(person)]
            made = clip(store, people, clips, settings, ClipSettings()) if clips and people else None
    if as_json:
        from crossid.cli.answers import print_json

        cut = made.clips if made else ()
        print_json({"answers": answers, "appearances": rows, "clips": cut, "mishaps": outcome.mishaps})
    else:
        from crossid.wizard.console import results

        show_search(answers, rows, made, clips, results())
    if outcome.mishaps:
        raise typer.Exit(PartialError.exit_code)


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
