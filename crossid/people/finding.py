"""Whom does a face look like? Calibrated evidence against everybody in an archive, as a probability.

A person is who their appearances are: the evidence is the mean over those that are most like the face (half of
them, at most `MOST`), so that one appearance that was put to the wrong person, or one look-alike among many, does not
decide. The prior is that of the archive: as much evidence as there two groups need to be taken for one person makes a
match as likely as not.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from crossid.errors import SpaceMismatchError
from crossid.people import Match, PeopleSettings
from crossid.people.calibration import Calibration, calibration_of, needed_evidence
from crossid.processes import cores
from crossid.sketches import BLOCK as ESTIMATED
from crossid.sketches import Estimates
from crossid.wording import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crossid.types import Appearance, Embedding, References, Space

    Floats = NDArray[np.float32]

MOST = 5
"""Appearances of one person that count."""
BLOCK = 256
"""Rows that are brought to full precision at once: as many as a core keeps close by."""
SHORT = 1000
"""Appearances, about, whose sketches are likest to a face: they are compared with it."""
PEOPLE = 3
"""People to each that is asked for, of whom all appearances are compared."""
SAMPLE = 50_000
POOR = 0.25
"""Quality in [0, 1] under which a picture is called poor."""
LARGEST = 50.0
"""Log-odds beyond which a probability is 0 or 1 as far as anybody can tell."""


def matches(
    appearance: Appearance, references: References, settings: PeopleSettings, *, limit: int, above: float
) -> list[Match]:
    """See `crossid.people.find`."""
    calibration = calibration_of(references.space, settings.calibrations)
    face, needed = _described(appearance, references.space), needed_evidence(len(references))
    if len(references.sketches) and limit <= SHORT // 10:
        references = _shortlisted(face, appearance.quality, references, calibration, limit)
    return _Look(face, appearance.quality, references, calibration, needed).matches(limit, above)


def agreement(appearances: Sequence[Appearance], space: Space, settings: PeopleSettings) -> list[bool]:
    """Which of several pictures of one person are more likely than not to show whom most of them show.

    With one or two there is no majority: all agree.
    """
    if len(appearances) <= 2:
        return [True] * len(appearances)
    calibration = calibration_of(space, settings.calibrations)
    vectors = np.stack([_described(one, space).vector for one in appearances])
    qualities = np.array([one.quality for one in appearances], np.float32)
    evidence = calibration.evidence(vectors @ vectors.T, np.minimum(qualities[:, None], qualities[None, :]))
    np.fill_diagonal(evidence, np.nan)
    return [bool(median > 0) for median in np.nanmedian(evidence, axis=1)]


def _described(appearance: Appearance, space: Space) -> Embedding:
    for embedding in appearance.embeddings:
        if embedding.space == space:
            return embedding
    raise SpaceMismatchError(
        f"The face is not described in the space {space}.", remedy="Describe it with the archive's own models."
    )


class _Look:
    """One face, compared with everybody."""

    def __init__(
        self, face: Embedding, quality: float, references: References, calibration: Calibration, needed: float
    ) -> None:
        self._quality, self._references, self._calibration, self._needed = quality, references, calibration, needed
        self._cosines = _cosines(references.vectors, face.vector)
        self._evidence = calibration.evidence(self._cosines, np.minimum(references.qualities, np.float32(quality)))

    def matches(self, limit: int, above: float) -> list[Match]:
        order = np.lexsort((-self._evidence, self._references.who))
        order = order[self._references.who[order] >= 0]
        known = self._known(order, limit) if len(order) else []
        nobody = [(float(self._evidence[row]), "", np.array([row])) for row in self._strays(limit)]
        ranked = sorted(known + nobody, key=lambda one: (-one[0], one[1]))[:limit]
        return [self._match(person, evidence, rows, above) for evidence, person, rows in ranked]

    def _known(self, order: NDArray[np.intp], limit: int) -> list[tuple[float, str, NDArray[np.intp]]]:
        """(mean evidence, person, rows by falling evidence) of the likest, from rows sorted by person and evidence."""
        who = self._references.who[order]
        starts = np.flatnonzero(np.diff(who, prepend=-1))
        counts = np.diff(starts, append=len(who))
        taken = np.arange(len(who)) - np.repeat(starts, counts) < np.repeat(_counting(counts), counts)
        means = np.add.reduceat(np.where(taken, self._evidence[order], 0), starts) / _counting(counts)
        best = np.argsort(-means, kind="stable")[:limit]
        return [
            (
                float(means[one]),
                self._references.people[who[starts[one]]],
                order[starts[one] : starts[one] + counts[one]],
            )
            for one in best
        ]

    def _strays(self, limit: int) -> NDArray[np.intp]:
        """Rows of the appearances that are nobody's and most like the face."""
        rows = np.flatnonzero(self._references.who < 0)
        return rows[np.argsort(-self._evidence[rows], kind="stable")[:limit]]

    def _match(self, person: str, evidence: float, rows: NDArray[np.intp], above: float) -> Match:
        probability = _probability(evidence - self._needed)
        return Match(
            person=person,
            probability=round(probability, 4),
            evidence=round(evidence, 2),
            needed=self._needed,
            best=self._references.ids[rows[0]].decode(),
            alike=int(np.count_nonzero(self._evidence[rows] >= self._needed)),
            of=len(rows),
            why="" if probability >= above else self._why(rows),
        )

    def _why(self, rows: NDArray[np.intp]) -> str:
        """Why somebody falls short, in words: the first reason that holds."""
        best, qualities = rows[0], self._references.qualities[rows]
        if self._quality < POOR and self._would_do(best, float(qualities[0])):
            return "the photograph is too poor to tell"
        if qualities[0] < POOR and self._would_do(best, self._quality):
            return "alike, but the archive's picture of them is too poor to tell"
        alike = int(np.count_nonzero(self._evidence[rows] >= self._needed))
        if alike:
            return f"only {alike} of {count(len(rows), 'appearance')} {'is' if alike == 1 else 'are'} alike"
        if self._evidence[best] > 0:
            return "alike, but not more than strangers can be in an archive of this size"
        return "not alike"

    def _would_do(self, row: np.intp, quality: float) -> bool:
        """Whether the likeness would be enough if the poorer of the two pictures were as good as this."""
        poorer = np.array([quality], np.float32)
        return bool(self._calibration.evidence(self._cosines[row : row + 1], poorer)[0] >= self._needed)


def _shortlisted(
    face: Embedding, quality: float, references: References, calibration: Calibration, limit: int
) -> References:
    """Those few who may be among the likest, with all appearances of theirs: the rest is not worth reading.

    The likest are estimated from sketches, and the likest of these compared. A person's evidence is that of their
    likest appearances, so whoever is among the likest by it has one among the likest appearances.
    """
    near, evidence = likest(face.vector, quality, references, calibration)
    people, first = np.unique(references.who[near[np.argsort(-evidence, kind="stable")]], return_index=True)
    taken = people[(people >= 0) & (np.argsort(np.argsort(first)) < PEOPLE * limit)]
    wanted = np.zeros(len(references.people) + 1, bool)
    wanted[taken] = True  # nobody's, -1, is the last of these, and never taken as a whole
    rows = np.union1d(np.flatnonzero(wanted[references.who]), near[references.who[near] < 0])
    few = {name: getattr(references, name)[rows] for name in ("ids", "who", "qualities", "vectors")}
    return replace(references, **few)


def likest(
    vector: Floats, quality: float, references: References, calibration: Calibration
) -> tuple[NDArray[np.intp], Floats]:
    """(rows, log-likelihood ratios), both (S,), of about `SHORT` appearances that are likest to a face by sketches."""
    estimates, estimated = Estimates(references.sketches, vector), np.empty(len(references.qualities), np.float32)

    def estimate(part: slice) -> None:
        poorer = np.minimum(references.qualities[part], np.float32(quality))
        estimated[part] = calibration.evidence(estimates.of(part), poorer)

    parts = [slice(start, start + ESTIMATED) for start in range(0, len(estimated), ESTIMATED)]
    with ThreadPoolExecutor(max(1, min(cores(), len(parts)))) as pool:
        deque(pool.map(estimate, parts), maxlen=0)
    near = np.flatnonzero(estimated >= _about(estimated, SHORT))
    poorer = np.minimum(references.qualities[near], np.float32(quality))
    return near, calibration.evidence(_cosines(references.vectors[near], vector), poorer)


def _about(values: Floats, most: int) -> np.float32:
    """What about `most` of the values reach, judged on every few of them."""
    some = values[:: max(1, len(values) // SAMPLE)]
    place = min(len(some) - 1, most * len(some) // len(values))
    return np.float32(-np.partition(-some, place)[place])


def _counting(counts: NDArray[np.intp]) -> NDArray[np.intp]:
    """How many of a person's appearances count: the better half of them, at most `MOST`."""
    return np.minimum((counts + 1) // 2, MOST)


def _cosines(vectors: NDArray[np.float16], face: Floats) -> Floats:
    """Cosines (N,) of all rows with one vector, block by block."""
    # one by one: for so few numbers, threads of the library that multiplies matrices cost more than they save
    blocks = [np.vecdot(vectors[at : at + BLOCK].astype(np.float32), face) for at in range(0, len(vectors), BLOCK)]
    return np.concatenate([np.empty(0, np.float32), *blocks])


def _probability(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(log_odds, -LARGEST, LARGEST))))
