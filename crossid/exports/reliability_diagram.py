"""The reliability diagram of a calibration: what was promised against what came true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

from crossid.exports.figures import drawn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

STYLE: Any = {"font.size": 10}


def write_diagram(space: str, bins: Sequence[Mapping[str, float]], calibration_error: float, out: Path) -> None:
    """Draw, for each tenth of probability, the share of memberships that are right, and how many there are.

    Args:
        space: Name of the space, for the title.
        bins: `probability`, `right`, `count` of each tenth that is not empty.
        calibration_error: Expected calibration error, [0, 1].
        out: `.svg` or `.png`.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5, 6), layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        promised, right = [each["probability"] for each in bins], [each["right"] for each in bins]
        above.plot([0, 1], [0, 1], color="0.6", linestyle="--", label="perfect")
        above.plot(promised, right, color="#1f5fa8", marker="o", label="measured")
        above.set(xlim=(0, 1), ylim=(0, 1), ylabel="share that was right")
        figure.suptitle(f"{space}\nexpected calibration error {calibration_error:.3f}".replace("$", r"\$"), fontsize=10)
        above.legend(loc="lower right", frameon=False)
        below.bar(promised, [each["count"] for each in bins], width=0.06, color="#1f5fa8")
        below.set(xlabel="probability of membership", ylabel="how many", yscale="log")
        below.yaxis.set_major_formatter("{x:,.0f}")
        out.write_bytes(drawn(figure, out.suffix[1:]))
