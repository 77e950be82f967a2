"""Who is who: graph, groups, ids, how probable each membership is, and what is left to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crossid.people import CLUSTERERS, Clusterer, Constraints, PeopleSettings, Recognition
from crossid.people.agglomerative import TOGETHER, pairs_of, set_apart
from crossid.people.agreement import evidence_of
from crossid.people.bonds import Bonds
from crossid.people.calibration import Calibration, calibration_of, needed_evidence
from crossid.people.crowds import rejoined
from crossid.people.matching import keep_ids
from crossid.people.questions import may_be_one, may_be_others
from crossid.people.review import Review
from crossid.people.similarity import graph_of, mean_evidence
from crossid.people.together import together
from crossid.types import Membership

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from crossid.types import Gallery, Neighbours, Reviewed


def who_is_who(
    gallery: Gallery,
    known: Mapping[str, str],
    settings: PeopleSettings,
    reviewed: Reviewed,
    neighbours: Neighbours,
) -> Recognition:
    """See `crossid.people.recognise`."""
    calibration = calibration_of(gallery.space, settings.calibrations)
    review, bar = Review(gallery, reviewed), needed_evidence(len(gallery))
    graph = graph_of(neighbours, bar)
    constraints = review.constraints(together(gallery))
    labels = _labels(graph, settings, constraints, review.faceless)
    labels = rejoined(gallery, calibration, bar, graph, labels, constraints=constraints)
    labels = review.spared(labels, gallery.ids, known)
    somebody = _somebody(gallery, labels, settings, review)
    groups = [(label, one) for label, one, is_one in zip(labels.tolist(), gallery.ids, somebody, strict=True) if is_one]
    kept = keep_ids(groups, known, review.settled(labels))
    chances = _chances(gallery, calibration, labels)
    agree = evidence_of(gallery, labels, settings.calibrations)
    bonds = Bonds(graph, labels, pairs_of(review.barred), pairs_of(constraints.together), TOGETHER)
    return Recognition(
        memberships=tuple(
            _membership(one, kept.ids.get(label), chance, said)
            for label, one, chance, said in zip(labels.tolist(), gallery.ids, chances.tolist(), agree, strict=True)
        ),
        new=kept.new,
        merged=kept.merged,
        split=kept.split,
        questions=(
            *may_be_one(gallery, bonds, kept.ids),
            *may_be_others(gallery, labels, kept.ids, chances),
        ),
    )


def _labels(
    graph: csr_array, settings: PeopleSettings, constraints: Constraints, faceless: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Group of each row, from 0 on; nobody's rows, and those that are no face, are groups of their own."""
    clusterer: Clusterer = CLUSTERERS.load(settings.clusterer)()
    labels = clusterer.cluster(graph, constraints)
    return set_apart(labels, (labels < 0) | faceless)


def _somebody(
    gallery: Gallery, labels: NDArray[np.int64], settings: PeopleSettings, review: Review
) -> NDArray[np.bool_]:
    """Who is a person: whoever is not alone, or is well enough seen, or was ruled to be one."""
    company = np.bincount(labels)[labels] > 1
    ruled = np.isin(labels, list(review.settled(labels)))
    return (company | ruled | (gallery.qualities >= settings.min_quality)) & ~review.faceless


def _chances(gallery: Gallery, calibration: Calibration, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Probability (N,) that each row is who it was put to; NaN for who is alone."""
    means = mean_evidence(gallery, calibration, labels)
    return np.array([np.nan if np.isnan(mean) else calibration.membership(mean) for mean in means.tolist()])


def _membership(appearance: str, person: str | None, chance: float, evidence: str) -> Membership:
    if person is None:
        return Membership(appearance=appearance, person=None, probability=None, evidence="")
    return Membership(
        appearance=appearance,
        person=person,
        probability=1.0 if np.isnan(chance) else round(chance, 4),
        evidence=evidence,
    )
