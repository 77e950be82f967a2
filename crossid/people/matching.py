"""Ids follow the people: which group keeps which id, when groups are worked out anew."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """`ids`: group -> id, or placeholder of a new person; the rest as in `Recognition`."""

    ids: dict[int, str]
    new: tuple[str, ...]
    merged: tuple[tuple[str, str], ...]
    split: tuple[tuple[str, str], ...]


def keep_ids(
    groups: Sequence[tuple[int, str]], known: Mapping[str, str], settled: Mapping[int, str] | None = None
) -> Kept:
    """Give each group the id of the people it holds.

    A group that a reviewer settled keeps the id that it was given. Of the others, the group with the
    largest part of a person's appearances is that person's heir (the earlier group among equals). A
    group that is heir of several keeps the oldest id, and the others become its aliases. A group
    that is nobody's heir is new.

    Args:
        groups: (group, appearance) of each appearance that is somebody, in order (video id, start).
        known: Appearance -> id, as an earlier run left it.
        settled: Group -> id of a person whom a reviewer has touched.
    """
    settled = settled or {}
    parts: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for group, appearance in groups:
        if appearance in known:
            parts[known[appearance]][group] += 1
    heirs: defaultdict[int, list[str]] = defaultdict(list, {group: [person] for group, person in settled.items()})
    reviewed = set(settled.values())
    for person, counts in sorted(parts.items()):
        free = [group for group in counts if group not in settled]
        if free and person not in reviewed:
            heirs[max(free, key=lambda group: counts[group])].append(person)
    ids: dict[int, str] = {}
    for group, _ in groups:
        if group not in ids:
            ids[group] = heirs[group][0] if group in heirs else f"new-{len(ids)}"
    return Kept(
        ids=ids,
        new=tuple(label for label in ids.values() if label.startswith("new-")),
        merged=tuple((gone, people[0]) for people in heirs.values() for gone in people[1:]),
        split=_split(parts, ids, heirs),
    )


def _split(
    parts: Mapping[str, Counter[int]], ids: Mapping[int, str], heirs: Mapping[int, list[str]]
) -> tuple[tuple[str, str], ...]:
    """(person, id of another group that holds a part of them)."""
    return tuple(
        (person, ids[group])
        for person, counts in sorted(parts.items())
        for group in sorted(counts)
        if person not in heirs.get(group, ())
    )
