"""Who is who: graph, groups, ids, and how probable each membership is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crossid.people import CLUSTERERS, Clusterer, Constraints, PeopleSettings, Recognition
from crossid.people.calibration import Calibration, calibration_of
from crossid.people.matching import keep_ids
from crossid.people.similarity import blocks, log_odds, together
from crossid.types import Membership

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from crossid.types import Gallery

NOBODY = -1


def who_is_who(
    gallery: Gallery, known: Mapping[str, str], settings: PeopleSettings, constraints: Constraints
) -> Recognition:
    """See `crossid.people.recognise`."""
    calibration = calibration_of(gallery.space.name, settings.calibrations, gallery.space.fingerprint)
    labels = _labels(gallery, calibration, settings, constraints)
    kept = keep_ids(
        [(label, one) for label, one in zip(labels.tolist(), gallery.ids, strict=True) if label != NOBODY], known
    )
    evidence = _mean_evidence(gallery, calibration, labels)
    return Recognition(
        memberships=tuple(
            Membership(
                appearance=one,
                person=kept.ids.get(label),
                probability=None
                if label == NOBODY
                else 1.0
                if np.isnan(mean)
                else round(calibration.membership(mean), 4),
                evidence="" if label == NOBODY else f"1/1 {gallery.space.name}",
            )
            for one, label, mean in zip(gallery.ids, labels.tolist(), evidence.tolist(), strict=True)
        ),
        new=kept.new,
        merged=kept.merged,
        split=kept.split,
    )


def _labels(
    gallery: Gallery, calibration: Calibration, settings: PeopleSettings, constraints: Constraints
) -> NDArray[np.int64]:
    """Group of each row; `NOBODY` for what is alone and too poor to be anyone."""
    clusterer: Clusterer = CLUSTERERS.load(settings.clusterer)()
    apart = Constraints(must=constraints.must, cannot=constraints.cannot + together(gallery))
    labels = clusterer.cluster(log_odds(gallery, calibration), apart)
    sizes = np.bincount(labels[labels >= 0], minlength=1)
    alone = (labels >= 0) & (sizes[labels] == 1)
    labels[alone & (gallery.qualities < settings.min_quality)] = NOBODY
    return labels


def _mean_evidence(gallery: Gallery, calibration: Calibration, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean log-likelihood ratio of each row with the others of its group; NaN for who is alone."""
    means = np.full(len(gallery), np.nan)
    for start, evidence in blocks(gallery, calibration):
        rows = np.arange(start, start + len(evidence))
        same = (labels[rows, None] == labels[None, :]) & (rows[:, None] != np.arange(len(gallery))[None, :])
        count = same.sum(axis=1)
        total = np.where(same, evidence, 0).sum(axis=1)
        means[rows] = np.divide(total, count, out=np.full(len(rows), np.nan), where=count > 0)
    return means
