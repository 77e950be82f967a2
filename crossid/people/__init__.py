"""People: appearances of all videos come in, who is who goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from crossid.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from crossid.types import Gallery, Membership, Space


LEAST = -5.0
"""Log-odds from which a pair is held in the graph: nine tenths of all pairs are not."""
UNLIKE = -7.0
"""Log-odds that a pair counts as which the graph does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleSettings:
    """How appearances become people.

    Attributes:
        clusterer: Name of the part that groups.
        min_quality: Appearances poorer than this join somebody only if that is sure, and are nobody alone.
        calibrations: (space, file) of spaces that the user brings; see `calibration`.
    """

    clusterer: str = "hybrid"
    min_quality: float = 0.2
    calibrations: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints:
    """Pairs of rows that reviewers ruled to be one person (`must`) or two (`cannot`)."""

    must: tuple[tuple[int, int], ...] = ()
    cannot: tuple[tuple[int, int], ...] = ()


class Clusterer(Protocol):
    """Groups appearances; indifferent to their order; obeys constraints."""

    def cluster(self, graph: csr_array, constraints: Constraints) -> NDArray[np.int64]:
        """Labels (N,), -1 = nobody, from the sparse symmetric log-odds (N, N) of "same person".

        Zero is the operating point; a pair that is not in the graph has the log-odds `UNLIKE`.
        """
        ...


CLUSTERERS = Registry(
    "clusterer",
    "crossid.clusterers",
    {
        "agglomerative": "crossid.people.agglomerative:AgglomerativeClusterer",
        "hybrid": "crossid.people.hybrid:HybridClusterer",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """Who is who, with ids kept where people were known.

    `memberships`: one per row of the gallery, in its order. `new`: placeholders ("new-0", …) of
    people without an id, in the order (video id, start) of their first appearance. `merged`: (id
    that becomes an alias, id that stays). `split`: (id that stays, id or placeholder of a part that
    left it).
    """

    memberships: tuple[Membership, ...]
    new: tuple[str, ...]
    merged: tuple[tuple[str, str], ...]
    split: tuple[tuple[str, str], ...]


def check(space: Space, settings: PeopleSettings) -> None:
    """Raise ModelError, before hours of work, if nobody could be recognised in a space."""
    from crossid.people.calibration import calibration_of

    calibration_of(space.name, settings.calibrations, space.fingerprint)


def recognise(
    gallery: Gallery, known: Mapping[str, str], settings: PeopleSettings, constraints: Constraints | None = None
) -> Recognition:
    """Work out who is who; see `recognition`.

    Args:
        gallery: All appearances.
        known: Appearance id -> person id, as an earlier run left it.
        settings: How.
        constraints: Reviewers' rulings.
    """
    from crossid.people.recognition import who_is_who

    return who_is_who(gallery, known, settings, constraints or Constraints())
