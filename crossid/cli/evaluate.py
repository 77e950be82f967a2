"""`crossid evaluate`: an archive against footage whose truth is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crossid.cli import options
from crossid.cli.exits import answering

if TYPE_CHECKING:
    from rich.table import Table

    from crossid.people.scores import Scores
    from crossid.pipeline.evaluation import Evaluation

EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid evaluate truth.json
[dim]$[/] crossid evaluate truth.json --archive protest --plots plots
[dim]$[/] crossid evaluate truth.json --thresholds --json

The archive is only read. How to write down a truth of your own: docs/evaluation.md."""


@answering
def evaluate(
    truth: Annotated[
        Path, typer.Argument(metavar="TRUTH.json", parser=options.path, help="Who is shown in which video, when.")
    ],
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    plots: Annotated[
        Path | None,
        typer.Option("--plots", metavar="DIR", parser=options.path, help="Draw plots into this folder (PNG and SVG)."),
    ] = None,
    thresholds: Annotated[
        bool, typer.Option("--thresholds", help="Also say what other operating points would give.")
    ] = False,
    config: options.Config = None,
    as_json: options.AsJson = False,
) -> None:
    """Compare an archive with the truth about its footage: who was found, and who was taken for whom."""
    from crossid.cli.answers import print_json
    from crossid.cli.chosen import reading, settings_from
    from crossid.pipeline import evaluation
    from crossid.pipeline.outside import check_outside
    from crossid.wizard.console import results

    if plots is not None:
        check_outside(plots, "Name a folder elsewhere.")
    with reading(archive) as store:
        found = evaluation.evaluate(store, truth, settings_from(config), thresholds=thresholds, plots=plots)
    if as_json:
        print_json(evaluation.as_json(found))
        return
    console = results()
    console.print(_table(found))
    if found.thresholds:
        console.print(_sweep(found))
    _tell(found)


def _table(found: Evaluation) -> Table:
    from crossid.wizard.tables import plain_table

    table = plain_table("Figure", "Value", "What it says", numbers=("Value",))
    for name, value, meaning in _lines(found):
        table.add_row(name, _shown(value), meaning)
    return table


def _lines(found: Evaluation) -> list[tuple[str, float | None, str]]:
    s = found.scores
    lines: list[tuple[str, float | None, str]] = [
        ("found", found.found, f"share of {s.showings} showings of which a face was seen"),
        ("bcubed precision", s.bcubed_p, "of those put together with a showing, the share that is the same person"),
        ("bcubed recall", s.bcubed_r, "of a person's showings, the share that is put together"),
        ("bcubed F", s.bcubed_f, "harmonic mean of the two"),
        ("pair F", s.pair_f, f"of all pairs of showings: precision {s.pair_p:.4f}, recall {s.pair_r:.4f}"),
        (
            "link F",
            s.link_f,
            f"of pairs in two videos ({s.links_due}): precision {s.link_p:.4f}, recall {s.link_r:.4f}",
        ),
        ("purity", s.purity, "showings that are of their person's most frequent people"),
        ("NMI", s.nmi, "normalised mutual information"),
        ("ARI", s.ari, "adjusted Rand index"),
        ("mixed", s.mixed, f"of {s.persons} persons hold two people or more"),
        ("split", s.split, f"of {s.identities} people are two persons or more"),
        *(
            (f"FNIR at FPIR {rate:g}", missed, "searches in other videos that miss who is there")
            for rate, missed in found.fnir
        ),
        ("calibration error", found.calibration_error, f"of the probabilities of {found.judged} appearances"),
        ("silhouette", found.silhouette, f"mean over appearances; structure: {found.structure or 'unknown'}"),
        ("stray", found.stray, "faces that match no showing"),
    ]
    return lines


def _sweep(found: Evaluation) -> Table:
    from crossid.wizard.tables import plain_table

    columns = ("bcubed_p", "bcubed_r", "bcubed_f", "link_p", "link_r", "link_f", "mixed", "split", "persons")
    table = plain_table("More evidence", *columns, numbers=("More evidence", *columns))
    for point in found.thresholds:
        table.add_row(f"{point.shift:+.1f}", *(_shown(_value(point.scores, column)) for column in columns))
    return table


def _value(scores: Scores, column: str) -> float:
    value: float = getattr(scores, column)
    return value


def _shown(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"


def _tell(found: Evaluation) -> None:
    """What to know beside the figures."""
    from crossid.wizard.console import notices, say
    from crossid.wording import count

    console = notices()
    if found.not_in_archive:
        say(console, f"Not in the archive, so nobody was found in them: {_listed(found.not_in_archive)}.", "bold")
    if found.not_in_truth:
        say(console, f"The truth says nothing of them, so they are in no figure: {_listed(found.not_in_truth)}.")
    if found.without_probability:
        say(console, f"{count(found.without_probability, 'appearance')} without a usable probability left out.")
    for path in found.plots:
        say(console, f"Drawn: {path}")


def _listed(names: tuple[str, ...], shown: int = 8) -> str:
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more
