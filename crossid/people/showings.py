"""Faces seen are put to the showings of a truth: who was found, and whom the archive takes them for."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crossid.people.truth import file_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crossid.people.truth import Shown, Truth
    from crossid.types import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """One person in one shot of one video, and the appearance (one per track) of each of their faces, in order."""

    video: str
    shown: Shown
    tracks: list[str] = field(default_factory=list)

    @property
    def identity(self) -> str:
        """Who it is."""
        return self.shown.identity

    def person(self, people: Mapping[str, str]) -> str | None:
        """Whom most of its recognised faces are taken for; None where nobody recognised any.

        Args:
            people: Appearance (one per track) -> person.
        """
        votes = Counter(people[track] for track in self.tracks if people.get(track))
        return votes.most_common(1)[0][0] if votes else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """`showings` in the truth's order; `stray`: faces that match none of them, in videos of the truth."""

    showings: tuple[Showing, ...]
    stray: int

    def identities(self) -> dict[str, str]:
        """Appearance (one per track) -> who it truly is, by most of its faces; strays are not in it."""
        votes = defaultdict[str, Counter[str]](Counter)
        for showing in self.showings:
            for track in showing.tracks:
                votes[track][showing.identity] += 1
        return {track: count.most_common(1)[0][0] for track, count in votes.items()}


def match(truth: Truth, observations: Iterable[Observation]) -> Matched:
    """Put every face to the showing that holds it, the nearest in time where several do.

    Times and boxes are rounded as `crossid export observations` writes them, so that whoever scores that
    file comes to the same figures. Videos are matched by the name of their file.
    """
    here = {video: [Showing(video=video, shown=one) for one in shown if not one.dark] for video, shown in truth.items()}
    stray = 0
    for face in observations:
        video = file_name(face.video)
        if video not in here:
            continue
        hit = _hit(here[video], face)
        if hit is None:
            stray += 1
        else:
            hit.tracks.append(face.track_id)
    return Matched(showings=tuple(one for showings in here.values() for one in showings), stray=stray)


def _hit(showings: Sequence[Showing], face: Observation) -> Showing | None:
    when_s = round(face.time_s, 3)
    left, top, right, bottom = (round(edge, 1) for edge in face.box)
    holding = (one for one in showings if one.shown.holds(when_s, (left, top, right, bottom)))
    return min(holding, key=lambda one: max(one.shown.start_s - when_s, when_s - one.shown.end_s, 0.0), default=None)
