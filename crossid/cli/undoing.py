"""`crossid undo`, `redo` and `log`: what reviewers said, and taking it back."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from crossid.cli import options
from crossid.cli.exits import answering
from crossid.cli.ruling import Manner, carried_out, examples, reviewers, tell
from crossid.errors import CrossidError, RulingError

if TYPE_CHECKING:
    from crossid.archive.acts import ActKind
    from crossid.pipeline.reviewing import Ruled

UNDO_EXAMPLES = examples(
    "undo                 [dim]the last ruling[/]",
    "undo 12              [dim]any ruling, by its number in the log[/]",
    "undo 12 --dry-run    [dim]what would happen, and what depends on it[/]",
)
REDO_EXAMPLES = examples("redo", "redo 12")
LOG_EXAMPLES = examples("log", "log P-000001", "log --last 0 --json     [dim]everything, for other programs[/]")

SHOWN = 50
"""Rulings that the log shows unless it is asked for more."""

LARGEST = 2**53
"""What every database and every reader of JSON can hold."""

_Numbers = Annotated[
    list[int] | None,
    typer.Argument(
        metavar="NUMBER", min=1, max=LARGEST, show_default=False, help="Numbers of rulings; without any the last one."
    ),
]
_Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it, whatever depends on it.")]


@reviewers
def undo(numbers: _Numbers = None, *, yes: _Yes = False, manner: Manner) -> None:
    """Take rulings back, also old ones; later rulings that depend on them are shown first, and stay."""
    _turn("undo", tuple(numbers or ()), manner, yes=yes)


@reviewers
def redo(numbers: _Numbers = None, *, yes: _Yes = False, manner: Manner) -> None:
    """Let rulings that were taken back stand again."""
    _turn("redo", tuple(numbers or ()), manner, yes=yes)


@answering
def log(
    person: Annotated[
        str | None,
        typer.Argument(metavar="PERSON", show_default=False, help="Only what concerns one person, such as P-000001."),
    ] = None,
    *,
    last: Annotated[
        int,
        typer.Option("--last", min=0, max=LARGEST, metavar="N", help="So many of the last rulings; 0: all of them."),
    ] = SHOWN,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    as_json: options.AsJson = False,
) -> None:
    """Show what reviewers ruled: who, when, what, why, and with which models before them."""
    from crossid.cli.answers import print_json
    from crossid.cli.chosen import reading
    from crossid.wizard.console import results
    from crossid.wizard.ruling import show_log

    with reading(archive) as store:
        entries = store.ledger(person, last=last or None)
    if as_json:
        print_json(entries)
    else:
        show_log(entries, results())


def _turn(kind: "ActKind", numbers: tuple[int, ...], manner: Manner, *, yes: bool) -> None:
    act = manner.act(kind, acts=numbers)
    asked = False
    if not (yes or manner.dry_run):
        tried = carried_out(act, manner, dry_run=True)
        asked = bool(tried.depends)
        if asked and not _is_meant(tried):
            raise CrossidError("Nothing was changed.")
    tell(carried_out(act, manner), manner, depending=not asked)


def is_somebody_there() -> bool:
    """Whether a question would be read."""
    return sys.stdin.isatty()


def _is_meant(tried: "Ruled") -> bool:
    """Whether a reviewer who sees what depends on it still wants it."""
    from crossid.wizard.console import notices
    from crossid.wizard.ruling import show_depending
    from crossid.wording import count

    show_depending(tried, notices())
    if not is_somebody_there():
        raise RulingError(
            f"{count(len(tried.depends), 'later ruling')} may depend on that.",
            remedy="To do it all the same: --yes. To see what it would do: --dry-run.",
        )
    return typer.confirm("Do it all the same?", err=True)
