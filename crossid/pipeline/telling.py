"""Is a face that is followed through a video one of some people of an archive? Yes, no, or nobody can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crossid import embeddings, faces, people
from crossid.geometry import iou
from crossid.pipeline.finding import as_the_archive
from crossid.pipeline.showing import frame_at
from crossid.types import Track, content_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crossid.archive import Store
    from crossid.exports.covering import Edges
    from crossid.exports.covering import Path as FacePath
    from crossid.pipeline.reading import Readers
    from crossid.settings import Settings
    from crossid.types import Appearance, Crop, Video

SAME_BOX = 0.4
"""Overlap from which two boxes of one moment are one face."""
SAME_MOMENT_S = 0.02
VIEWS = 5
"""Pictures of a face, spread over the time it is followed, that are compared with people."""
SURE = 0.9
SURELY_NOT = 0.1


class Teller:
    """Tells people apart in one video.

    What the archive says of this very video comes first: faces that it put to the people, or to others. Where it
    says nothing, faces are compared with the people as `crossid find` does.

    Args:
        store: The archive.
        video: The video.
        settings: As composed by the user.
        readers: Who reads the video.
    """

    def __init__(self, store: Store, video: Video, settings: Settings, readers: Readers) -> None:
        self._readers = readers
        self._store, self._video, self._settings = store, video, as_the_archive(store, settings)
        self._space = store.spaces()[0]
        self._references = store.references(self._space)
        self._embedders = embeddings.embedders(self._settings.embeddings)
        self._detector = faces.detector(self._settings.faces)
        rows = [row for row in store.log() if row.video_sha256 == video.id]
        self._known = [("" if row.status == "rejected" else row.person_id, store.faces_of(row.tracks)) for row in rows]

    def check(self, named: Iterable[str]) -> None:
        """Raise ArchiveError for an id that was never given."""
        for person in named:
            self._store.resolve(person)

    def tell(self, path: FacePath, named: Sequence[str]) -> bool | None:
        """Whether a face is one of the people: True, False, or None where that cannot be told."""
        wanted = {self._store.resolve(person) for person in named}
        said = {person in wanted for person, known in self._known if _is_on(path, known)}
        if len(said) == 1:
            return said.pop()
        if said:  # of both: the path may lead from one to another
            return None
        return self._compared(path, wanted)

    def _compared(self, path: FacePath, wanted: set[str]) -> bool | None:
        """By likeness: yes only if every single view is more like them than not, no only if all together are not."""
        views = [one for at_s, box in _spread(path.looks) if (one := self._view(at_s, box)) is not None]
        if not views:
            return None
        alone = [self._probability(appearance, wanted) for appearance in embeddings.describe(views, self._embedders)]
        if min(alone) >= 0.5 and max(alone) >= SURE:
            return True
        return False if max(alone) <= SURELY_NOT else None

    def _probability(self, appearance: Appearance, wanted: set[str]) -> float:
        limit = len(self._references.people) + 1
        found = people.find(appearance, self._references, self._settings.people, limit=limit, above=0.0)
        return max((match.probability for match in found if match.person in wanted), default=0.0)

    def _view(self, at_s: float, box: Edges) -> Track | None:
        """The face at a moment, cut out as it is for recognition; None where it is too small or cannot be made out."""
        frame = self._readers.call(self._video, frame_at, self._video, at_s, SAME_MOMENT_S, self._settings.footage)
        if frame is None:
            return None
        (crops,) = faces.find([frame], self._detector, self._settings.faces)
        here = [crop for crop in crops if _overlap(_edges(crop), box) >= SAME_BOX]
        if not here:
            return None
        face = here[0].face
        return Track(id=content_id(face.id), faces=(face,), crops=(here[0],))


def _is_on(path: FacePath, known: Sequence[tuple[float, Edges]]) -> bool:
    """Whether a face that the archive knows lies on a path, in at least one picture that both looked at."""
    times = np.array([at_s for at_s, _ in path.looks])
    for at_s, box in known:
        place = int(np.abs(times - at_s).argmin())
        if abs(times[place] - at_s) <= SAME_MOMENT_S and _overlap(path.looks[place][1], box) >= SAME_BOX:
            return True
    return False


def _spread(looks: Sequence[tuple[float, Edges]]) -> list[tuple[float, Edges]]:
    """A few looks, spread evenly, the first and last left out where there are others."""
    places = np.linspace(0, len(looks) - 1, VIEWS + 2)[1:-1].round().astype(int)
    return [looks[place] for place in dict.fromkeys(places.tolist())]


def _edges(crop: Crop) -> Edges:
    box = crop.face.box
    return box.left, box.top, box.right, box.bottom


def _overlap(one: Edges, other: Edges) -> float:
    return float(iou(np.array([one], np.float32), np.array([other], np.float32))[0, 0])
