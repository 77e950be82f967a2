"""Figures as files: without date or maker, so that the same figure makes the same bytes."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import TYPE_CHECKING, Any

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STYLE: Any = {"svg.hashsalt": "crossid", "svg.fonttype": "none"}
"""Ids in an SVG do not change from one drawing to the next, and words stay words."""
DPI = 150


def drawn(figure: Figure, kind: str) -> bytes:
    """A figure as "png" or "svg"; a script that the font lacks is drawn as boxes."""
    FigureCanvasAgg(figure)
    out = BytesIO()
    with warnings.catch_warnings(), rc_context(STYLE):
        warnings.filterwarnings("ignore", "Glyph .* missing")
        figure.savefig(out, format=kind, dpi=DPI, metadata={"Date": None} if kind == "svg" else {"Software": None})
    return out.getvalue()
