"""`crossid models`: which models there are, under which licence, and how they come to this machine."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn, TypeAlias

import typer

from crossid.cli import options
from crossid.cli.exits import answering
from crossid.cli.helping import App
from crossid.errors import CrossidError, ModelError, PartialError, VerifyError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from crossid.inference.importing import Arrival, Refusal

LIST_EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid models list
[dim]$[/] crossid models list --json"""
FETCH_EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid models fetch clean                            [dim]a pack that a newsroom may use[/]
[dim]$[/] crossid models fetch scrfd_10g facenet512             [dim]single models[/]
[dim]$[/] crossid models fetch insightface --accept-licence     [dim]in a script[/]

What was cut off goes on where it stopped. Behind a proxy, set HTTPS_PROXY."""
IMPORT_EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid models import /media/stick       [dim]what somebody carried in[/]
[dim]$[/] crossid models import buffalo_l.zip
[dim]$[/] crossid models import ~/.insightface     [dim]or ~/.deepface/weights, or ~/.cache/torch[/]"""
VERIFY_EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid models verify
[dim]$[/] crossid models verify insightface --json"""
REMOVE_EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid models remove vggface
[dim]$[/] crossid models remove insightface"""

Names = Annotated[list[str], typer.Argument(metavar="NAME…", help="Models or packs: see [b]crossid models list[/b].")]
AcceptLicence = Annotated[
    bool, typer.Option("--accept-licence", help="Agree to the licences of these models without being asked.")
]
State: TypeAlias = Literal["present", "missing", "damaged"]

app = App(help="The models that look at faces: licence, size and whether they are here.", no_args_is_help=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model as the list shows it; `packs` are those of which it is a part; `size_bytes` is 0 where not known."""

    name: str
    role: str
    packs: tuple[str, ...]
    licence: str
    commercial: bool
    size_bytes: int
    input: str
    source: str
    state: State


@app.command("list", epilog=LIST_EXAMPLES)
@answering
def list_models(as_json: options.AsJson = False) -> None:
    """List the models with licence, size, where they come from and whether they are here."""
    from crossid.cli.answers import print_json
    from crossid.inference.weights import models

    listed = [_model(name) for name in models()]
    if as_json:
        print_json(listed)
        return
    from crossid.wizard.console import results

    _show(listed, results())


@app.command("fetch", epilog=FETCH_EXAMPLES)
@answering
def fetch_models(
    names: Names,
    *,
    accept_licence: AcceptLicence = False,
    quiet: options.Quiet = False,
    as_json: options.AsJson = False,
) -> None:
    """Download models: shows their licences first, checks every file before it counts as there."""
    from crossid.cli.arrivals import shown
    from crossid.inference.fetching import fetch, missing

    wanted = missing(names)
    _settle_licences(wanted, accepted=accept_licence)
    with shown(quiet=quiet or as_json) as told:
        arrivals = list(fetch(wanted, told))
    _report(arrivals, as_json=as_json)


@app.command("import", epilog=IMPORT_EXAMPLES)
@answering
def import_models(
    places: Annotated[
        list[Path],
        typer.Argument(
            metavar="PLACE…", parser=options.path, help="Folders (with all below), zip files, or model files."
        ),
    ],
    *,
    accept_licence: AcceptLicence = False,
    as_json: options.AsJson = False,
) -> None:
    """Take models that somebody carried in; they are recognised by what is in them."""
    from crossid.inference.importing import Find, Refusal, install, recognise

    seen = [one for place in places for one in recognise(place)]
    finds = {one.weights: one for one in seen if isinstance(one, Find)}
    refusals = [one for one in seen if isinstance(one, Refusal)]
    if not finds:
        raise _nothing_found(refusals)
    _settle_licences([find.weights.model for find in finds.values()], accepted=accept_licence)
    _report([install(find) for find in finds.values()], as_json=as_json)
    if refusals:
        _leave(PartialError(f"{refusals[0].place} {refusals[0].why}.", remedy="Get the file again."), as_json=as_json)


@app.command("verify", epilog=VERIFY_EXAMPLES)
@answering
def verify_models(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME…]", help="Models or packs; all that are here, if none is named."),
    ] = None,
    *,
    as_json: options.AsJson = False,
) -> None:
    """Read models again and compare them with what was published, or with what came first."""
    from crossid.cli.answers import print_json
    from crossid.inference.fetching import named
    from crossid.inference.weights import is_here, models
    from crossid.wizard.console import results

    checked = [_model(name) for name in (named(names) if names else filter(is_here, models()))]
    if as_json:
        print_json(checked)
    else:
        _show(checked, results())
    if wrong := [model.name for model in checked if model.state != "present"]:
        again = f"Run: crossid models fetch {' '.join(wrong)}"
        _leave(VerifyError(f"Not as published: {', '.join(wrong)}.", remedy=again), as_json=as_json)


@app.command("remove", epilog=REMOVE_EXAMPLES)
@answering
def remove_models(names: Names, *, as_json: options.AsJson = False) -> None:
    """Delete models from this machine, with what was recorded of them."""
    from crossid.cli.answers import print_json
    from crossid.inference.fetching import remove
    from crossid.wizard.console import notices
    from crossid.wording import printable

    gone = remove(names)
    if as_json:
        print_json(gone)
        return
    for path in gone:
        notices().print(f"Deleted {printable(str(path))}", soft_wrap=True)
    if not gone:
        notices().print("Nothing of that was here.")


def _leave(error: CrossidError, *, as_json: bool) -> NoReturn:
    """End with an error whose details were told: to programs, which get one answer, by the code alone."""
    if as_json:
        raise typer.Exit(error.exit_code)
    raise error


def _model(name: str) -> Model:
    from crossid.inference.weights import PACKS, of_model

    files = of_model(name)
    return Model(
        name=name,
        role=files[0].role,
        packs=tuple(pack for pack, members in PACKS.items() if name in members),
        licence=files[0].licence,
        commercial=files[0].commercial,
        size_bytes=sum(weights.size_bytes for weights in files),
        input=files[0].input,
        source=files[0].source,
        state=_state(name),
    )


def _state(name: str) -> State:
    from crossid.inference.fetching import is_sound
    from crossid.inference.weights import is_here

    if not is_here(name):
        return "missing"
    return "present" if is_sound(name) else "damaged"


def _show(models: Sequence[Model], console: Console) -> None:
    """The list; what a company may not use is marked, and roles and addresses are told where there is room."""
    from rich.text import Text

    from crossid.wizard.tables import WIDE, plain_table
    from crossid.wording import size

    wide = console.width >= WIDE
    headers = ["Model", "Packs", "State", "Size", "Licence", *(["Role", "From"] if wide else [])]
    table = plain_table(*headers, numbers=("Size",), whole=("Model", "Packs", "State", "Size"))
    for model in models:
        licence = Text(model.licence, style="" if model.commercial else "bold yellow")
        known = size(model.size_bytes) if model.size_bytes else ""
        more = [model.role, model.source] if wide else []
        table.add_row(model.name, "\n".join(model.packs), model.state, known, licence, *more)
    console.print(table)


def _settle_licences(models: Sequence[str], *, accepted: bool) -> None:
    """Show the licences that nobody has agreed to on this machine, and get an answer.

    Raises:
        ModelError: they were not agreed to, or nobody is there to be asked.
    """
    from crossid.inference.fetching import require_accepted
    from crossid.inference.licences import accept, unaccepted
    from crossid.wizard.console import notices

    if not (open_questions := unaccepted(models)):
        return
    _show([_model(name) for name in open_questions], notices())
    if accepted or (sys.stdin.isatty() and typer.confirm("Do you accept these licences?", err=True)):
        accept(open_questions)
    require_accepted(open_questions)


def _report(arrivals: Sequence[Arrival], *, as_json: bool) -> None:
    from crossid.cli.answers import print_json
    from crossid.wizard.console import notices
    from crossid.wording import printable

    if as_json:
        print_json(arrivals)
        return
    for arrival in arrivals:
        checked = (
            "as published" if arrival.vouched else f"no hash is published; from now on it must be {arrival.sha256}"
        )
        notices().print(f"{arrival.model}: {printable(str(arrival.file))} ({checked})", soft_wrap=True)
    if not arrivals:
        notices().print("Everything is here already.")


def _nothing_found(refusals: Sequence[Refusal]) -> ModelError:
    if refusals:
        return ModelError(f"{refusals[0].place} {refusals[0].why}.", remedy="Get the file again.")
    return ModelError(
        "There is no model there that crossid knows.", remedy="See crossid models list --json for what it knows."
    )
