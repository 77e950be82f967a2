"""`crossid calibrate`: what the cosines of an embedder mean, learned from labelled photographs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crossid.cli import options
from crossid.cli.exits import answering

if TYPE_CHECKING:
    from rich.console import Console

    from crossid.pipeline.calibrating import Calibrated

EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid calibrate photos --out dlib.json
[dim]$[/] crossid calibrate photos --embedder sface --install   [dim]from now on scans find it by themselves[/]
[dim]$[/] crossid calibrate photos --config crossid.toml        [dim]an embedder of your own[/]

PHOTOS holds a folder for each person, with two photographs or more: PHOTOS/Jane Doe/1.jpg, as Labeled
Faces in the Wild does. Half of the people are fitted on, the other half says how well it holds."""


@answering
def calibrate(
    photos: Annotated[
        Path,
        typer.Argument(metavar="PHOTOS", parser=options.path, help="A folder with a folder of photographs per person."),
    ],
    *,
    embedder: Annotated[
        str, typer.Option("--embedder", metavar="NAME", help="Which embedder; that of the settings if none is named.")
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", parser=options.path, help="Where to write it; NAME.json here by default."
        ),
    ] = None,
    install: Annotated[
        bool, typer.Option("--install", help="Keep it in the user's data folder, where scans look for it.")
    ] = False,
    without: Annotated[
        list[Path] | None,
        typer.Option("--without", metavar="TRUTH.json", parser=options.path, help="Leave out all who are shown there."),
    ] = None,
    pack: options.Pack = "",
    device: options.Device = "",
    config: options.Config = None,
    given: options.Given = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Learn from labelled photographs what an embedder's cosines mean, and say how well it holds on others."""
    from crossid.cli.chosen import settings_from
    from crossid.wizard.console import results
    from crossid.wizard.counting import counted

    named = [*(given or ()), *([f"embeddings.embedders={embedder}"] if embedder else [])]
    settings = settings_from(config, named, pack=pack, device=device)
    from crossid.pipeline.calibrating import calibrate as fit
    from crossid.pipeline.calibrating import install_place, write
    from crossid.pipeline.labelled import shown_in

    with counted("Looking at photographs", quiet=quiet) as tell:
        made = fit(photos, settings, left_out=shown_in(without or ()), tell=tell)
    file = out or (install_place(made) if install else Path(f"{made.space.name}.json"))
    diagram = write(made, file)
    if install and out:
        write(made, install_place(made))
    if as_json:
        from crossid.cli.answers import print_json

        print_json({"file": file, "diagram": diagram, **made.table})
    else:
        _show(made, file, diagram, results())


def _show(made: Calibrated, file: Path, diagram: Path, console: Console) -> None:
    """The figures, and where they are kept."""
    from crossid.wizard.console import say
    from crossid.wording import count, printable

    held = made.held
    people, pictures = count(made.fitted_people, "person", "people"), count(made.fitted_pictures, "picture")
    others = count(held.people, "other person", "others")
    say(console, f"{made.space.name}: fitted on {people} ({pictures}), reported on {others}.")
    for rate, share in held.true_accepts.items():
        say(console, f"  {share:.1%} of pairs of one person pass where {rate:.2%} of pairs of two people do")
    say(console, f"  Cllr {held.cost:.3f} bits (0 is perfect, 1 says nothing)")
    say(console, f"  expected calibration error of membership: {held.calibration_error:.3f}")
    left = made.photos.faceless + made.photos.unreadable
    if left:
        say(console, f"  {count(left, 'photograph')} left out: no face that is surely the person's, or unreadable")
    console.print(f"{printable(str(file))}\n{printable(str(diagram))}", soft_wrap=True)
