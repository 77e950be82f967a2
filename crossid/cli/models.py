"""`crossid models`: which models there are, under which licence, and whether they are here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import typer

from crossid.cli import options
from crossid.cli.exits import answering
from crossid.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from crossid.inference.weights import Weights

LIST_EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid models list
[dim]$[/] crossid models list --json"""

app = typer.Typer(help="The models that look at faces: licence, size and whether they are here.", no_args_is_help=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model as the list shows it; `packs` are those of which it is a part."""

    name: str
    role: str
    packs: tuple[str, ...]
    licence: str
    size_bytes: int
    source: str
    state: Literal["present", "missing", "damaged"]


@app.command("list", epilog=LIST_EXAMPLES)
@answering
def list_models(as_json: options.AsJson = False) -> None:
    """List the models with licence, size, where they come from and whether they are here."""
    from crossid.cli.answers import print_json
    from crossid.inference.weights import CATALOGUE, of_model

    models = [_model(name, of_model(name)) for name in dict.fromkeys(weights.model for weights in CATALOGUE)]
    if as_json:
        print_json(models)
        return
    from crossid.wizard.console import results

    results().print(_table(models))


def _model(name: str, files: Sequence[Weights]) -> Model:
    from crossid.settings import PACKS

    return Model(
        name=name,
        role=files[0].role,
        packs=tuple(pack for pack, members in PACKS.items() if any(name in parts for parts in members.values())),
        licence=files[0].licence,
        size_bytes=sum(weights.size_bytes for weights in files),
        source=files[0].source,
        state=_state(files),
    )


def _state(files: Sequence[Weights]) -> Literal["present", "missing", "damaged"]:
    try:
        for weights in files:
            weights.path()
    except ModelError:
        return "missing"
    try:
        for weights in files:
            weights.read()
    except ModelError:
        return "damaged"
    return "present"


def _table(models: Sequence[Model]) -> Table:
    from crossid.wizard.tables import plain_table
    from crossid.wizard.wording import size

    table = plain_table("Model", "Role", "Packs", "Licence", "Size", "State", "From", numbers=("Size",))
    for model in models:
        packs = ", ".join(model.packs)
        table.add_row(model.name, model.role, packs, model.licence, size(model.size_bytes), model.state, model.source)
    return table
