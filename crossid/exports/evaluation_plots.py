"""Plots of an evaluation, drawn without a display; names are drawn as they are, never as formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from scipy.cluster.hierarchy import dendrogram as tree
from scipy.cluster.hierarchy import linkage

from crossid.errors import CrossidError
from crossid.exports.figures import drawn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

MAX_LEAVES = 80
"""People in a dendrogram; more cannot be read, so those with most appearances are drawn."""
LABEL_CHARACTERS = 40
INK, OTHER = "#20639b", "#d1495b"


def dendrogram(vectors: NDArray[np.float32], labels: NDArray[np.int64], names: Sequence[str]) -> Figure:
    """Which people resemble which: average linkage of the people's mean directions.

    Args:
        vectors: (N, D), unit length.
        labels: (N,), place in `names`; -1 for nobody.
        names: What each person is called.
    """
    counts = np.bincount(labels[labels >= 0], minlength=len(names))
    kept = np.sort(np.argsort(-counts, kind="stable")[:MAX_LEAVES])
    kept = kept[counts[kept] > 0]
    figure = Figure(figsize=(8, max(3.0, 1.2 + 0.17 * len(kept))), layout="constrained")
    axes = figure.add_subplot()
    axes.set_xlabel("distance of mean directions (1 - cosine)")
    axes.set_title(f"People by likeness ({len(kept)} of {int((counts > 0).sum())})")
    if len(kept) < 2:
        return _nothing(figure, axes, "There are fewer than two people.")
    means = np.stack([vectors[labels == person].astype(np.float64).mean(axis=0) for person in kept])
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
    merges = linkage(means, "average", metric="sqeuclidean")
    merges[:, 2] /= 2  # of unit vectors, half the squared distance is one minus the cosine
    drawn = tree(merges, orientation="right", ax=axes, color_threshold=0, above_threshold_color=INK)
    axes.set_yticklabels([_short(names[kept[leaf]]) for leaf in drawn["leaves"]], fontsize=7, parse_math=False)
    return figure


def sizes(people: Sequence[int], identities: Sequence[int]) -> Figure:
    """How many appearances the archive's people have, and how many showings those of the truth."""
    figure = Figure(figsize=(8, 3.4), layout="constrained")
    for axes, counts, title, unit in zip(
        figure.subplots(1, 2),
        (people, identities),
        ("People of the archive", "People of the truth"),
        ("appearances", "showings"),
        strict=True,
    ):
        axes.set_title(title)
        axes.set_xlabel(unit)
        axes.set_ylabel("people")
        if counts:
            axes.hist(counts, bins=np.arange(0.5, max(counts) + 1.5, max(1, max(counts) // 40)), color=INK)
    return figure


def similarities(edges: NDArray[np.float64], same: NDArray[np.int64], different: NDArray[np.int64]) -> Figure:
    """How alike one person's appearances in two videos are, and two people's, as densities of the cosine."""
    figure = Figure(figsize=(8, 3.4), layout="constrained")
    axes = figure.add_subplot()
    axes.set_xlabel("cosine")
    axes.set_ylabel("density")
    axes.set_title("Pairs of appearances in two videos")
    for counts, colour, whose in ((same, INK, "one person"), (different, OTHER, "two people")):
        density = counts / max(int(counts.sum()), 1) / np.diff(edges)
        axes.stairs(density, edges, color=colour, fill=True, alpha=0.5, label=f"{whose} ({int(counts.sum()):,})")
    filled = np.flatnonzero(same + different)
    if len(filled):
        axes.set_xlim(edges[filled[0]], edges[filled[-1] + 1])
    axes.legend()
    return figure


def det(fpir: NDArray[np.float64], fnir: NDArray[np.float64], mated: int, searches: int) -> Figure:
    """Detection error trade-off (Martin et al. 1997): both rates on logarithmic axes, no rate below one search."""
    figure = Figure(figsize=(5, 4.4), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(f"Searches: {mated} mated, {searches} in all")
    axes.set_xlabel("false positive identification rate")
    axes.set_ylabel("false negative identification rate")
    if not len(fpir):
        return _nothing(figure, axes, "Nobody is seen in two videos.")
    axes.loglog(np.maximum(fpir, 0.5 / searches), np.maximum(fnir, 0.5 / mated), color=INK)
    axes.grid(visible=True, which="both", alpha=0.3)
    return figure


def save(figure: Figure, path: Path) -> list[Path]:
    """Write a figure as PNG and SVG beside each other; the same figure gives the same bytes.

    Args:
        figure: What to write.
        path: Where, without an ending.

    Raises:
        CrossidError: it cannot be written.
    """
    files = [path.with_suffix(".png"), path.with_suffix(".svg")]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for file in files:
            file.write_bytes(drawn(figure, file.suffix[1:]))
    except OSError as error:
        raise CrossidError(
            f"{path.parent} cannot be written: {error.strerror or error}.",
            remedy="Name a folder in which you may write, on a disk with space left.",
        ) from error
    return files


def _nothing(figure: Figure, axes: Axes, why: str) -> Figure:
    axes.text(0.5, 0.5, why, ha="center", va="center", transform=axes.transAxes)
    return figure


def _short(name: str) -> str:
    """One line of a name, control characters left out."""
    plain = "".join(character for character in name if character.isprintable())
    return plain if len(plain) <= LABEL_CHARACTERS else plain[: LABEL_CHARACTERS - 1] + "…"
