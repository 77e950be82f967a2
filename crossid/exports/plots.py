"""Plots for print and slides, as PNG and SVG: how often people are seen, how sure crossid is, who is seen where."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from crossid.exports.figures import drawn
from crossid.exports.report import charts
from crossid.wording import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from crossid.exports import Findings
    from crossid.exports.report.charts import Column
    from crossid.types import LogRow

INK, SOFT, ACCENT, SURE = "#1c2126", "#5b636d", "#17636d", "#2c7a4b"
MAX_PEOPLE, MAX_VIDEOS = 40, 60
"""Lines and columns of the timeline; the caption says of how many."""


def draw(findings: Findings) -> dict[str, bytes]:
    """Name of a file -> its bytes, the same for the same findings; nothing where nobody was recognised.

    No name of a person or a file is drawn: fonts lack scripts, and people have ids.
    """
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it speaks of fonts and caches
    rows = [row for row in findings.rows if row.person_id and row.status != "rejected"]
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.person_id] = counts.get(row.person_id, 0) + 1
    figures = {}
    if rows:
        figures["cluster-sizes"] = _columns(
            charts.sizes(counts.values()), "In how many appearances people are seen", "appearances", "people"
        )
        figures["timeline"] = _timeline(rows)
    if probabilities := charts.probabilities(rows):
        figures["probabilities"] = _columns(
            probabilities, "How probable it is that an appearance is this person's", "probability", "appearances"
        )
    return {f"{name}.{kind}": drawn(figure, kind) for name, figure in figures.items() for kind in ("png", "svg")}


def _columns(columns: Sequence[Column], title: str, across: str, up: str) -> Figure:
    figure, axes = _sheet(7.0, 3.6)
    bars = axes.bar([one.label for one in columns], [one.count for one in columns], color=ACCENT, width=0.8)
    axes.bar_label(bars, [str(one.count or "") for one in columns], color=INK, fontsize=8, padding=2)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    _label(axes, title, across, up)
    return figure


def _timeline(rows: Sequence[LogRow]) -> Figure:
    """People down, those in most videos first; videos across, each as wide as the others; bars where they are seen."""
    videos: dict[str, set[str]] = {}
    for row in rows:
        videos.setdefault(row.person_id, set()).add(row.video_sha256)
    people = sorted(videos, key=lambda one: (-len(videos[one]), one))
    shown = people[:MAX_PEOPLE]
    across = list(dict.fromkeys(row.video_sha256 for row in rows if row.person_id in shown))[:MAX_VIDEOS]
    ends = {video: max(row.end_s for row in rows if row.video_sha256 == video) or 1.0 for video in across}
    figure, axes = _sheet(10.0, 1.4 + 0.19 * len(shown))
    for row in rows:
        if row.person_id not in shown or row.video_sha256 not in ends:
            continue
        left = across.index(row.video_sha256) + 0.94 * row.start_s / ends[row.video_sha256]
        width = max(0.03, 0.94 * (row.end_s - row.start_s) / ends[row.video_sha256])
        colour = SURE if row.status == "confirmed" else ACCENT
        axes.broken_barh([(left, width)], (shown.index(row.person_id) - 0.35, 0.7), color=colour)
    axes.set_yticks(range(len(shown)), shown, fontsize=7, family="monospace")
    axes.set_xticks(range(len(across) + 1), [""] * (len(across) + 1))
    axes.set_xlim(0, len(across))
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    of = f" ({len(shown)} of {len(people)} people)" if len(shown) < len(people) else ""
    _label(axes, f"Who is seen where{of}", f"{count(len(across), 'video')}, each up to where somebody is seen last", "")
    return figure


def _sheet(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color("#bbbbbb")
    axes.tick_params(colors=SOFT, labelsize=8, length=0)
    return figure, axes


def _label(axes: Axes, title: str, across: str, up: str) -> None:
    axes.set_title(title, loc="left", color=INK, fontsize=11)
    axes.set_xlabel(across, color=SOFT, fontsize=8)
    axes.set_ylabel(up, color=SOFT, fontsize=8)
