"""What reviewers ruled, as it binds the clustering: constraints before, and a person's reserve after."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from crossid.errors import SettingsError
from crossid.people import Constraints

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from crossid.types import Gallery, Reviewed


class Review:
    """The rulings on the rows of one gallery; what they say of appearances that are not in it is left aside.

    Attributes:
        anchors: person -> rows that are that person, in order.
        barred: (row, anchored row): the first is not the person of the second.
        faceless: (N,) bool: rows that are in no group.

    Raises:
        SettingsError: rulings contradict each other.
    """

    def __init__(self, gallery: Gallery, reviewed: Reviewed) -> None:
        rows = {appearance: row for row, appearance in enumerate(gallery.ids)}
        self.faceless = np.isin(gallery.ids, list(reviewed.faceless))
        self.anchors: defaultdict[str, list[int]] = defaultdict(list)
        for appearance, row in rows.items():
            if appearance in reviewed.anchored and not self.faceless[row]:
                self.anchors[reviewed.anchored[appearance]].append(row)
        for appearance, person in sorted(reviewed.barred):
            if rows.get(appearance, -1) in self.anchors.get(person, ()):
                raise SettingsError(
                    f"Appearance {appearance} is ruled to be {person}, and not to be {person}.",
                    remedy="Find both rulings (crossid log) and take one of them back (crossid undo).",
                )
        self.barred = tuple(
            (rows[appearance], self.anchors[person][0])
            for appearance, person in sorted(reviewed.barred)
            if appearance in rows and person in self.anchors
        )

    def constraints(self, together: tuple[tuple[int, int], ...]) -> Constraints:
        """Anchors of one person are one, of two people two; who is barred stays out."""
        return Constraints(
            must=tuple((rows[0], row) for rows in self.anchors.values() for row in rows[1:]),
            cannot=tuple(combinations([rows[0] for rows in self.anchors.values()], 2)) + self.barred,
            together=together,
        )

    def settled(self, labels: NDArray[np.int64]) -> dict[int, str]:
        """Group -> the person whose anchors it holds."""
        return {int(labels[rows[0]]): person for person, rows in self.anchors.items()}

    def spared(self, labels: NDArray[np.int64], ids: Sequence[str], known: Mapping[str, str]) -> NDArray[np.int64]:
        """Keep people of an earlier run out of people whom a reviewer has touched: that is for the reviewer to say.

        Args:
            labels: Group of each row (N,).
            ids: Appearance of each row.
            known: Appearance -> person, as an earlier run left it.

        Returns:
            (N,), with a group of its own for each person whose larger part would have been taken in.
        """
        settled = self.settled(labels)
        anchored = {row for rows in self.anchors.values() for row in rows}
        held: defaultdict[str, list[int]] = defaultdict(list)
        for row, appearance in enumerate(ids):
            if row not in anchored and appearance in known and known[appearance] not in self.anchors:
                held[known[appearance]].append(row)
        labels = labels.copy()
        for _, rows in sorted(held.items()):
            group, count = Counter(labels[rows].tolist()).most_common(1)[0]
            if group in settled and 2 * count > len(rows):
                labels[[row for row in rows if labels[row] == group]] = labels.max() + 1
        return labels
