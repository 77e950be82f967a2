"""What other operating points would make of the same appearances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crossid.people import CLUSTERERS, Clusterer, Constraints, compare
from crossid.people.agglomerative import set_apart
from crossid.people.calibration import calibration_of, needed_evidence
from crossid.people.crowds import rejoined
from crossid.people.similarity import graph_of
from crossid.people.together import together
from crossid.types import Reviewed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from crossid.people import PeopleSettings
    from crossid.types import Gallery, Neighbours

SHIFTS = tuple(step / 2 for step in range(-6, 7))
"""Log-odds by which more (or less) evidence is asked for than by default."""


def sweep(
    gallery: Gallery,
    settings: PeopleSettings,
    shifts: Sequence[float] = SHIFTS,
    kept: Neighbours | None = None,
) -> Iterator[tuple[float, NDArray[np.int64]]]:
    """(shift, labels (N,), -1 = nobody) of each operating point, reviewers' rulings aside.

    Args:
        gallery: All appearances.
        settings: How they become people.
        shifts: Log-odds by which the operating point is raised.
        kept: Who is near whom, as the last run found it; see `crossid.people.compare`.
    """
    calibration = calibration_of(gallery.space, settings.calibrations)
    bar = needed_evidence(len(gallery))
    graph = graph_of(compare(gallery, settings, Reviewed(), kept), bar)
    clusterer: Clusterer = CLUSTERERS.load(settings.clusterer)()
    apart = Constraints(together=together(gallery))
    poor = gallery.qualities < settings.min_quality
    for shift in shifts:
        moved = graph.copy()
        moved.data = moved.data - np.float32(shift)
        labels = clusterer.cluster(moved, apart)
        labels = set_apart(labels, labels < 0)
        labels = rejoined(gallery, calibration, bar + shift, moved, labels, constraints=apart)
        alone = np.bincount(labels)[labels] == 1
        yield shift, np.where(alone & poor, -1, labels)
