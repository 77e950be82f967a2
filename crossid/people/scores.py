"""How good a grouping is, against the truth.

All figures are over showings: one person in one shot of one video, each counting once, long or
short. What was not found, or is recognised as nobody, stands alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from numpy.typing import NDArray

BINS = 10
"""Of probability, in which what was said is compared with what was so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Figures of one grouping; shares in [0, 1].

    `bcubed`: of those grouped with a showing, the share that is the same person; of that person's
    showings, the share that is grouped with it; their harmonic mean (Amigó et al. 2009). `pair`: the
    same of all pairs. `link`: of pairs in two videos; `links_due`: how many there are in truth.
    `purity`: showings that are of their group's most frequent person, groups weighted by size.
    `nmi`: normalised mutual information; `ari`: adjusted Rand index; None with a single showing.
    `mixed`: persons that hold two people or more. `split`: people that are two persons or more.
    """

    showings: int
    bcubed_p: float
    bcubed_r: float
    bcubed_f: float
    pair_p: float
    pair_r: float
    pair_f: float
    link_p: float
    link_r: float
    link_f: float
    links_due: int
    purity: float
    nmi: float | None
    ari: float | None
    mixed: int
    split: int
    persons: int
    identities: int


def score(people: Sequence[str | None], identities: Sequence[str], videos: Sequence[str]) -> Scores:
    """Compare who showings are taken for with who they are.

    Args:
        people: Person of each showing; None for nobody.
        identities: Who it truly is.
        videos: Where it is.

    Raises:
        ValueError: there is no showing at all.
    """
    if not identities:
        raise ValueError("no showings")
    labels: list[Hashable] = [place if one is None else one for place, one in enumerate(people)]
    precision, recall = _bcubed(labels, identities)
    pair_p, pair_r, _ = _pairs(labels, identities, [None] * len(labels))
    link_p, link_r, due = _pairs(labels, identities, videos)
    holds, homes = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for person, identity in zip(people, identities, strict=True):
        if person is not None:
            holds[person].add(identity)
            homes[identity].add(person)
    several = len(labels) > 1
    numbers = np.unique(
        [str(label) if isinstance(label, str) else f"\x00{label}" for label in labels], return_inverse=True
    )[1]
    return Scores(
        showings=len(labels),
        bcubed_p=precision,
        bcubed_r=recall,
        bcubed_f=harmonic(precision, recall),
        pair_p=pair_p,
        pair_r=pair_r,
        pair_f=harmonic(pair_p, pair_r),
        link_p=link_p,
        link_r=link_r,
        link_f=harmonic(link_p, link_r),
        links_due=due,
        purity=purity(labels, identities),
        nmi=float(normalized_mutual_info_score(identities, numbers)) if several else None,
        ari=float(adjusted_rand_score(identities, numbers)) if several else None,
        mixed=sum(len(held) > 1 for held in holds.values()),
        split=sum(len(home) > 1 for home in homes.values()),
        persons=len(holds),
        identities=len(set(identities)),
    )


def harmonic(precision: float, recall: float) -> float:
    """Harmonic mean; 0 where both are."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def purity(labels: Sequence[Hashable], identities: Sequence[str]) -> float:
    """Share of showings that are of the most frequent person of their group."""
    inside = defaultdict[object, Counter[str]](Counter)
    for label, identity in zip(labels, identities, strict=True):
        inside[label][identity] += 1
    return sum(max(counts.values()) for counts in inside.values()) / len(labels)


def calibration_error(probabilities: NDArray[np.float64], right: NDArray[np.bool_]) -> float | None:
    """Expected calibration error: how far what was said lies from what was so, mean over bins by what is in them.

    Args:
        probabilities: (N,) in [0, 1], finite.
        right: (N,) whether it was so.

    Returns:
        In [0, 1]; None for nothing said.
    """
    if not len(probabilities):
        return None
    bins = np.minimum((probabilities * BINS).astype(np.int64), BINS - 1)
    said, so = np.bincount(bins, probabilities), np.bincount(bins, right)
    return float(np.abs(said - so).sum() / len(probabilities))


def _bcubed(labels: Sequence[Hashable], identities: Sequence[str]) -> tuple[float, float]:
    """Precision and recall."""
    both, count = Counter(zip(labels, identities, strict=True)), len(labels)
    of_label, of_identity = Counter(labels), Counter(identities)
    precision = sum(n * n / of_label[label] for (label, _), n in both.items()) / count
    recall = sum(n * n / of_identity[identity] for (_, identity), n in both.items()) / count
    return precision, recall


def _pairs(
    labels: Sequence[Hashable], identities: Sequence[str], videos: Sequence[Hashable | None]
) -> tuple[float, float, int]:
    """Precision and recall of pairs in two videos (of all pairs where no video is named), and how many are due."""
    said = _count(zip(labels, videos, strict=True))
    due = _count(zip(identities, videos, strict=True))
    right = _count(zip(zip(labels, identities, strict=True), videos, strict=True))
    return right / said if said else 1.0, right / due if due else 1.0, due


def _count(members: Iterable[tuple[Hashable, Hashable | None]]) -> int:
    """Pairs within groups; without those of one video, where videos are named."""
    groups = defaultdict[object, Counter[object]](Counter)
    for group, video in members:
        groups[group][video] += 1
    total = 0
    for counts in groups.values():
        size = sum(counts.values())
        inside = sum(n * (n - 1) // 2 for video, n in counts.items() if video is not None)
        total += size * (size - 1) // 2 - inside
    return total
