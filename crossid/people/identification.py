"""Search errors: how often somebody who is there is not found, at a given rate of finding somebody who is not.

Each labelled appearance is searched for in all videos but its own. FNIR (false negative identification rate):
the share of those with an appearance elsewhere whose likest true match falls below the threshold. FPIR (false
positive identification rate): the share of all whose likest stranger reaches it, as if they were not
there. ISO/IEC 19795-1; Grother, Ngan & Hanaoka, NIST IR 8271.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.metrics import det_curve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from crossid.types import Gallery

    Evidence = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]

BLOCK = 1024
RATES = (0.1, 0.01, 0.001)
"""False positive identification rates at which misses are told."""
EDGES = np.linspace(-1.0, 1.0, 201)
"""Bins of cosine."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Searches:
    """What each search found. `mates` (M,): the likest true match, of those who have one; `strangers` (S,): the
    likest other person. Both are log-likelihood ratios. `same`, `different` (200,): how many pairs in
    two videos have a cosine in each of the bins of `EDGES`.
    """  # noqa: D205 -- one sentence for each

    mates: NDArray[np.float64]
    strangers: NDArray[np.float64]
    same: NDArray[np.int64]
    different: NDArray[np.int64]

    def fnir(self, fpir: float) -> float | None:
        """Share of mates that are missed at a rate of false positives; None for fewer than 1 / rate searches."""
        if not len(self.mates) or len(self.strangers) * fpir < 1:
            return None
        allowed = np.sort(self.strangers)[::-1]
        place = int(fpir * len(allowed))
        bar = allowed[place] if place < len(allowed) else -np.inf
        return float((self.mates <= bar).mean())

    def curve(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(FPIR, FNIR) at every threshold; empty where either cannot be told."""
        if not (len(self.mates) and len(self.strangers)):
            return np.empty(0), np.empty(0)
        truth = np.r_[np.ones(len(self.mates)), np.zeros(len(self.strangers))]
        fpir, fnir, _ = det_curve(truth, np.r_[self.mates, self.strangers])
        return fpir, fnir


def search_all(gallery: Gallery, evidence: Evidence, identities: Sequence[str | None]) -> Searches:
    """Search every labelled appearance in all videos but its own.

    Args:
        gallery: All appearances.
        evidence: Cosines and poorer qualities, any shape, to log-likelihood ratios.
        identities: Who each row of the gallery is; None where nobody says, which is left out.
    """
    rows = np.array([row for row, who in enumerate(identities) if who is not None], dtype=np.int64)
    who = np.unique([identities[row] or "" for row in rows], return_inverse=True)[1]
    where = np.unique([gallery.videos[row] for row in rows], return_inverse=True)[1]
    vectors, quality = gallery.vectors[rows].astype(np.float32), gallery.qualities[rows].astype(np.float32)
    mates, strangers = [np.empty(0)], [np.empty(0)]
    same, different = np.zeros(len(EDGES) - 1, np.int64), np.zeros(len(EDGES) - 1, np.int64)
    for start in range(0, len(rows), BLOCK):
        part = slice(start, start + BLOCK)
        cosines = vectors[part] @ vectors.T
        found = evidence(cosines, np.minimum(quality[part, None], quality[None, :])).astype(np.float64)
        elsewhere = where[part, None] != where[None, :]
        mine = who[part, None] == who[None, :]
        mates.append(_likest(found, mine & elsewhere))
        strangers.append(_likest(found, ~mine & elsewhere))
        same += np.histogram(cosines[mine & elsewhere], EDGES)[0]
        different += np.histogram(cosines[~mine & elsewhere], EDGES)[0]
    return Searches(
        mates=np.concatenate(mates), strangers=np.concatenate(strangers), same=same // 2, different=different // 2
    )


def _likest(found: NDArray[np.float64], allowed: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The highest value of each row among those allowed; rows without any are left out."""
    return np.asarray(np.where(allowed, found, -np.inf).max(axis=1, initial=-np.inf)[allowed.any(axis=1)])
