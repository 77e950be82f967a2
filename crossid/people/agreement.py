"""Who agrees: of an ensemble's members, those who by themselves would have put an appearance where it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from crossid.inference.calibration_files import calibration_table, fused_members
from crossid.people.calibration import calibration_in, needed_evidence
from crossid.people.similarity import mean_evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from crossid.people.calibration import Calibration
    from crossid.types import Gallery

FAMILIES = (
    frozenset({"facenet512", "inception_resnet_v1", "deepface_facenet512", "facenet_pytorch"}),
    frozenset({"vggface", "deepface_vggface"}),
)
"""Members that are one network trained or run anew: between them they count once, and have one vote."""


def families(names: Sequence[str]) -> list[list[int]]:
    """Places of the members that count as one, in the order in which they come."""
    family = {name: place for place, members in enumerate(FAMILIES) for name in members}
    groups: dict[object, list[int]] = {}
    for place, name in enumerate(names):
        groups.setdefault(family.get(name, name), []).append(place)
    return list(groups.values())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Member:
    name: str
    columns: slice
    calibration: Calibration


def evidence_of(gallery: Gallery, labels: NDArray[np.int64], given: Iterable[tuple[str, str]]) -> list[str]:
    """The evidence column of each row: "2/3 arcface,vggface".

    A member agrees where its mean log-likelihood ratio of an appearance with the others of its group
    is what an archive of this size needs. With nobody to compare with, all that count agree. Members
    that were given no weight do not count; see `FAMILIES` for those that count once between them.

    Args:
        gallery: All appearances.
        labels: Group of each row (N,), from 0 on.
        given: (name of a space, file) of calibrations that the user names.
    """
    members = _members(gallery, given)
    if not members:
        return [f"1/1 {gallery.space.name}"] * len(gallery)
    means = np.stack([_means(gallery, member, labels) for member in members])
    votes = families([member.name for member in members])
    names = ["|".join(members[place].name for place in vote) for vote in votes]
    bar = needed_evidence(len(gallery))
    ayes = np.array([~(means[vote].mean(axis=0) < bar) for vote in votes])
    return [_said([name for name, aye in zip(names, row, strict=True) if aye], len(votes)) for row in ayes.T.tolist()]


def _said(ayes: Sequence[str], votes: int) -> str:
    return f"{len(ayes)}/{votes} {','.join(ayes)}".rstrip()


def _members(gallery: Gallery, given: Iterable[tuple[str, str]]) -> list[_Member]:
    """Those that count, each with the columns of its block."""
    file, table = calibration_table(gallery.space, given)
    told = fused_members(table, file)
    ends = np.cumsum([member.dimensions for member in told]).tolist()
    return [
        _Member(
            name=member.name,
            columns=slice(end - member.dimensions, end),
            calibration=calibration_in(member.table, file),
        )
        for member, end in zip(told, ends, strict=True)
        if member.scale > 0
    ]


def _means(gallery: Gallery, member: _Member, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean log-likelihood ratio (N,) of each row with the others of its group; NaN for who is alone."""
    block = gallery.vectors[:, member.columns]
    lengths = np.maximum(np.linalg.norm(block, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    return mean_evidence(replace(gallery, vectors=block / lengths), member.calibration, labels)
