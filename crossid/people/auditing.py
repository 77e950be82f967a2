"""What is least sure in an archive as it stands: people who may be two, people who may be one, doubtful appearances."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.special import expit

from crossid.people import LINKAGES, UNLIKE, compare
from crossid.people.calibration import calibration_of, needed_evidence
from crossid.people.crowds import all_pairs, witnesses
from crossid.people.nearest import MOST
from crossid.people.silhouette import person_silhouettes, silhouettes, told
from crossid.people.similarity import graph_of
from crossid.people.spectral import between, halves
from crossid.people.together import together
from crossid.types import Question

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from crossid.people import Linkage, PeopleSettings
    from crossid.people.calibration import Calibration
    from crossid.types import Gallery, Membership, Neighbours, Reviewed

LEAST_PROBABLE = 0.05
"""Of the answer that nobody expects: what is surer than this need not be asked."""


def audit(
    gallery: Gallery,
    memberships: Mapping[str, Membership],
    reviewed: Reviewed,
    settings: PeopleSettings,
    kept: Neighbours | None = None,
) -> list[Question]:
    """All that is worth asking, that which settles most first; nothing that a reviewer has said.

    Args:
        gallery: All appearances.
        memberships: Who each is, as things stand.
        reviewed: What reviewers ruled.
        settings: How appearances become people, and how two sets of them are compared.
        kept: Who is near whom, as the last run found it; see `crossid.people.compare`.
    """
    people = [_person(memberships.get(one)) for one in gallery.ids]
    names = sorted({person for person in people if person})
    place = {person: number for number, person in enumerate(names)}
    labels = np.array([place.get(person or "", -1) for person in people], dtype=np.int64)
    calibration = calibration_of(gallery.space, settings.calibrations)
    read = calibration, needed_evidence(len(gallery))
    graph = graph_of(compare(gallery, settings, reviewed, kept), read[1])
    seen = _Audit(gallery, graph, read, labels, names, linkage=LINKAGES.load(settings.linkage))
    found = [*seen.mixed(), *seen.one(), *seen.members(memberships)]
    return in_order(one for one in found if not _answered(one, memberships, reviewed))


def in_order(questions: Iterable[Question]) -> list[Question]:
    """Those first whose answer is expected to settle most."""
    return sorted(questions, key=lambda one: (-worth(one), one.kind, one.people, one.appearances))


def worth(question: Question) -> float:
    """How many appearances the answer is expected to put right: their number times how probably they are wrong now."""
    wrong = 1 - question.probability if question.kind == "member" else question.probability
    return question.settles * wrong


def _answered(question: Question, memberships: Mapping[str, Membership], reviewed: Reviewed) -> bool:
    """Whether reviewers have said so already: told two people apart, or confirmed all who are asked about."""
    if question.kind == "same":
        return any((one, who) in reviewed.barred for one in question.appearances for who in question.people)
    return all(memberships[one].status == "confirmed" for one in question.appearances)


def _person(row: Membership | None) -> str | None:
    return row.person if row is not None and row.status != "rejected" else None


class _Audit:
    """The people of a gallery: `labels` (N,) are places in `names`, -1 for nobody; `read`: calibration and bar."""

    def __init__(
        self,
        gallery: Gallery,
        graph: csr_array,
        read: tuple[Calibration, float],
        labels: NDArray[np.int64],
        names: Sequence[str],
        *,
        linkage: Linkage,
    ) -> None:
        self._gallery, self._graph, self._read, self._labels, self._names = gallery, graph, read, labels, names
        self._linkage = linkage
        order = np.argsort(labels, kind="stable")
        starts = np.searchsorted(labels[order], np.arange(len(names) + 1))
        self._rows = [order[start:end] for start, end in pairwise(starts)]

    def mixed(self) -> Iterator[Question]:
        """People whose graph has two halves that are hardly joined."""
        silhouette = person_silhouettes(silhouettes(self._gallery.vectors, self._labels), self._labels)
        for place, rows in enumerate(self._rows):
            if len(rows) < 2:
                continue
            inside = self._graph[rows][:, rows]
            if len(rows) > MOST:  # of so many the graph does not hold all pairs
                rows = np.sort(witnesses(self._gallery, rows, MOST))  # noqa: PLW2901 -- those are asked about
                inside = self._compared(rows)
            half = halves(inside)
            odds = between(inside, half)
            if expit(-odds) < LEAST_PROBABLE:
                continue
            value = silhouette.get(place, 0.0)
            yield Question(
                kind="mixed",
                people=(self._names[place],),
                appearances=self._ids(rows[half]),
                probability=round(float(expit(-odds)), 4),
                settles=int(half.sum()),
                why=f"two halves at log-odds {odds:+.1f}; silhouette {told(value)}",
            )

    def _compared(self, rows: NDArray[np.int64]) -> csr_array:
        """Log-odds (R, R) of all pairs of some rows, by their vectors."""
        odds = np.triu(all_pairs(self._gallery, *self._read, rows, rows), 1)
        return csr_array(odds + odds.T)

    def one(self) -> Iterator[Question]:
        """Pairs of people who are nearly alike enough to be one, but were never seen side by side."""
        apart = {frozenset(self._labels[list(pair)].tolist()) for pair in together(self._gallery)}
        rows, columns, odds = self._between_people()
        for one, other, value in zip(rows.tolist(), columns.tolist(), odds.tolist(), strict=True):
            if {one, other} in apart:
                continue
            fewer = min(self._rows[one], self._rows[other], key=len)
            alike = self._linkage(self._gallery.vectors[self._rows[one]], self._gallery.vectors[self._rows[other]])
            yield Question(
                kind="same",
                people=(self._names[one], self._names[other]),
                appearances=self._ids(fewer),
                probability=round(float(expit(value)), 4),
                settles=len(fewer),
                why=f"log-odds {value:+.1f}; likeness {alike:.3f}",
            )

    def members(self, memberships: Mapping[str, Membership]) -> Iterator[Question]:
        """Appearances whose probability is low."""
        for one, label in zip(self._gallery.ids, self._labels.tolist(), strict=True):
            if label < 0 or len(self._rows[label]) < 2:
                continue
            chance = memberships[one].probability
            if chance is None or not 0 <= chance <= 1 - LEAST_PROBABLE:
                continue
            yield Question(
                kind="member",
                people=(self._names[label],),
                appearances=(one,),
                probability=chance,
                settles=1,
                why=f"probability {chance:.4f}",
            )

    def _between_people(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """(person, other person, mean log-odds) of pairs that may be one, each pair once."""
        sizes = np.bincount(self._labels[self._labels >= 0], minlength=len(self._names))
        pairs = self._graph.tocoo()
        rows, columns = self._labels[pairs.row], self._labels[pairs.col]
        held = (rows >= 0) & (rows < columns)
        rows, columns = rows[held], columns[held]
        means = (pairs.data[held].astype(np.float64) - UNLIKE) / (sizes[rows] * sizes[columns])
        sums = coo_array((means, (rows, columns)), shape=(len(sizes), len(sizes))).tocsr().tocoo()
        odds = sums.data + UNLIKE
        near = expit(odds) >= LEAST_PROBABLE
        return sums.row[near].astype(np.int64), sums.col[near].astype(np.int64), odds[near]

    def _ids(self, rows: NDArray[np.int64]) -> tuple[str, ...]:
        return tuple(self._gallery.ids[row] for row in sorted(rows.tolist()))
