"""People: appearances of all videos come in, who is who goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from crossid.registry import Registry
from crossid.types import Reviewed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from crossid.types import Appearance, Gallery, Membership, Neighbours, OperatingPoint, Question, References, Space


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
        linkage: Name of the part that says how alike two people's appearances are, all together, in an audit.
        calibrations: (space, file) of spaces that the user brings; see `calibration`.
    """

    clusterer: str = "hybrid"
    min_quality: float = 0.2
    linkage: str = "mean"
    calibrations: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints:
    """What binds a clusterer beside the graph, as pairs of rows.

    `must`, `cannot`: reviewers ruled them to be one person, or two: hard. `together`: seen at one
    moment in two places, which tells against one person strongly, however large their groups are.
    """

    must: tuple[tuple[int, int], ...] = ()
    cannot: tuple[tuple[int, int], ...] = ()
    together: tuple[tuple[int, int], ...] = ()


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
        "dbscan": "crossid.people.density:DbscanClusterer",
        "hybrid": "crossid.people.hybrid:HybridClusterer",
        "kmeans": "crossid.people.kmeans:KMeansClusterer",
        "spectral": "crossid.people.spectral:SpectralClusterer",
    },
)


class Linkage(Protocol):
    """How alike two sets of unit vectors (V, D) and (W, D) are, in whatever order they come."""

    def __call__(self, one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
        """A cosine, or what ranks as one does: more is more alike, at most 1."""
        ...


LINKAGES = Registry(
    "linkage",
    "crossid.linkages",
    {
        name: f"crossid.people.sequences:{name}"
        for name in ("hausdorff", "manifold", "mean", "medoid", "partial_hausdorff")
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """Who is who, with ids kept where people were known.

    `memberships`: one per row of the gallery, in its order. `new`: placeholders ("new-0", …) of
    people without an id, in the order (video id, start) of their first appearance. `merged`: (id
    that becomes an alias, id that stays). `split`: (id that stays, id or placeholder of a part that
    left it). `questions`: what the run would rather ask, of ids or placeholders.
    """

    memberships: tuple[Membership, ...]
    new: tuple[str, ...]
    merged: tuple[tuple[str, str], ...]
    split: tuple[tuple[str, str], ...]
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Somebody in an archive whom a face was compared with.

    `person` is "" where `best` is an appearance that is nobody's. `best`: id of the appearance that is
    most like the face. `evidence`: mean log-likelihood ratio with the person's most like appearances;
    `needed`: what would make it as likely as not. `probability`: calibrated, [0, 1]. `alike` of the
    person's `of` appearances are, each by itself, as likely as not to show the face. `why` says why
    somebody who falls short does.
    """

    person: str
    probability: float
    evidence: float
    needed: float
    best: str
    alike: int
    of: int
    why: str


def find(
    appearance: Appearance, references: References, settings: PeopleSettings, *, limit: int, above: float
) -> list[Match]:
    """Whom a face is like, the most probable first; see `finding`.

    Args:
        appearance: The face, described in the references' space.
        references: Whom to compare it with.
        settings: Which calibration.
        limit: How many matches at most.
        above: Probability from which a match needs no excuse, [0, 1].
    """
    from crossid.people.finding import matches

    return matches(appearance, references, settings, limit=limit, above=above)


def agreeing(appearances: Sequence[Appearance], space: Space, settings: PeopleSettings) -> list[bool]:
    """Which of several pictures of one person agree with the others; see `finding`."""
    from crossid.people.finding import agreement

    return agreement(appearances, space, settings)


def check(space: Space, settings: PeopleSettings) -> None:
    """Raise ModelError, before hours of work, if nobody could be recognised in a space."""
    from crossid.people.calibration import calibration_of

    calibration_of(space, settings.calibrations)


def operating_point(space: Space, appearances: int, settings: PeopleSettings) -> OperatingPoint:
    """What an archive of this size asks for before two are one, and what that lets through; see `operating`."""
    from crossid.people import operating

    return operating.operating_point(space, appearances, settings.calibrations)


def compare(
    gallery: Gallery, settings: PeopleSettings, reviewed: Reviewed, kept: Neighbours | None = None
) -> Neighbours:
    """Who is near whom; see `similarity.neighbours`.

    Args:
        gallery: All appearances.
        settings: Which calibration.
        reviewed: What reviewers have ruled to be no face is near nobody.
        kept: What an earlier run found: only what is new is compared, if space and calibration are the same.
    """
    from crossid.people.calibration import calibration_of
    from crossid.people.similarity import neighbours

    return neighbours(gallery, calibration_of(gallery.space, settings.calibrations), kept, reviewed.faceless)


def recognise(
    gallery: Gallery,
    known: Mapping[str, str],
    settings: PeopleSettings,
    reviewed: Reviewed | None = None,
    neighbours: Neighbours | None = None,
) -> Recognition:
    """Work out who is who; see `recognition`.

    Args:
        gallery: All appearances.
        known: Appearance id -> person id, as an earlier run left it.
        settings: How.
        reviewed: What reviewers have ruled; it outranks everything else.
        neighbours: What `compare` found in this gallery, if it was asked.
    """
    from crossid.people.recognition import who_is_who

    ruled = reviewed or Reviewed()
    return who_is_who(gallery, known, settings, ruled, neighbours or compare(gallery, settings, ruled))
