"""Cutting out where somebody is seen: appearances become stretches, originals are opened, clips are written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from crossid import footage
from crossid.archive import JOIN_GAP_S
from crossid.archive.naming import video_stem
from crossid.archive.times import file_time
from crossid.errors import ArchiveError, FootageError, SettingsError
from crossid.exports.clips import Cut, told, write_clip, write_metadata, write_reel, write_still
from crossid.exports.copies import ending
from crossid.exports.files import no_part_left
from crossid.pipeline.limits import WorkerError
from crossid.pipeline.originals import Originals
from crossid.pipeline.outside import new_folder
from crossid.pipeline.reading import Readers
from crossid.pipeline.showing import copied, pictures
from crossid.types import Mishap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from crossid.archive import Store
    from crossid.settings import Settings
    from crossid.types import Image, LogRow, Sound, Video

METADATA = "metadata.json"
REEL = "reel.mp4"
LEAST_S = 0.2
"""Somebody who is seen in the very last picture is shown for this long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSettings:
    """How clips are cut.

    Attributes:
        handles_s: Seconds before and after an appearance.
        fast: Copy from key picture to key picture instead of encoding anew.
        boxes: Draw the person's face.
        joined: Also one film of all clips, with captions between them.
    """

    handles_s: float = 1.0
    fast: bool = False
    boxes: bool = False
    joined: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Clips:
    """What was cut: one entry per clip as `metadata.json` has it, what could not be, and the reel's length."""

    clips: tuple[dict[str, Any], ...]
    mishaps: tuple[Mishap, ...]
    reel_s: float | None


def clip(
    store: Store,
    people: Sequence[str],
    out: Path,
    settings: Settings,
    how: ClipSettings,
    *,
    places: Sequence[Path] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> Clips:
    """Cut out everywhere somebody is seen; one original that is missing does not stop the others.

    Args:
        store: The archive.
        people: Ids of one person or of several who may be one; aliases are followed.
        out: A folder that is new or empty.
        settings: How footage is read.
        how: How clips are cut.
        places: Folders in which originals are looked for that are not where they were.
        tell: Told of each clip before it is made.

    Raises:
        ArchiveError: nobody of that id, or nobody with an appearance.
        FootageError: no original could be used.
        SettingsError: the folder holds something, or two wishes contradict each other.
    """
    if how.fast and how.boxes:
        raise SettingsError("A fast clip is a copy, into which nothing can be drawn.", remedy="Leave out one of both.")
    found = list(dict.fromkeys(store.resolve(person_id) for person_id in people))
    rows = [row for one in found for row in store.log(one) if row.status != "rejected"]
    if not rows:
        raise ArchiveError(
            f"{', '.join(found)} has no appearance in this archive.", remedy="crossid show tells what became of them."
        )
    rows.sort(key=lambda row: (row.video, row.video_sha256, row.start_s))
    with new_folder(out), Readers(settings) as readers:
        return _Clipping(store, settings, how, out, tell, readers=readers).run(
            found, rows, Originals(store.originals(), places)
        )


def cuts_of(rows: Sequence[LogRow], video: Video, handles_s: float) -> list[tuple[float, float, list[LogRow]]]:
    """(start, end, rows) of stretches of one video with handles, within it; what is near or overlaps is one.

    Args:
        rows: Appearances in it, in order of start.
        video: It.
        handles_s: Seconds before and after.
    """
    if video.kind == "still":
        return [(0.0, 0.0, list(rows))]
    near_s = max(JOIN_GAP_S, 2 * handles_s)
    cuts: list[tuple[float, float, list[LogRow]]] = []
    for row in rows:
        start_s, end_s = row.start_s, row.end_s
        if cuts and start_s - cuts[-1][1] < near_s:
            first_s, last_s, joined = cuts.pop()
            start_s, end_s, members = first_s, max(last_s, end_s), [*joined, row]
        else:
            members = [row]
        cuts.append((start_s, end_s, members))
    longest_s = max(video.duration_s, cuts[-1][1])
    return [
        (max(0.0, start_s - handles_s), max(min(end_s + handles_s, longest_s), start_s + LEAST_S), members)
        for start_s, end_s, members in cuts
    ]


class _Clipping:
    def __init__(
        self,
        store: Store,
        settings: Settings,
        how: ClipSettings,
        out: Path,
        tell: Callable[[str], None],
        *,
        readers: Readers,
    ) -> None:
        self._store, self._footage, self._how, self._out, self._tell = store, settings.footage, how, out, tell
        self._readers = readers

    def run(self, people: Sequence[str], rows: Sequence[LogRow], originals: Originals) -> Clips:
        names = {row.person_id: row.name for row in rows}
        mishaps, made = list[Mishap](), list[tuple[Cut, dict[str, Any]]]()
        costly = set[str]()
        for cut in self._cuts(rows, originals, mishaps):
            if cut.video.id in costly:
                continue
            self._tell(cut.stem)
            try:
                made.append((cut, self._make(cut)))
            except FootageError as error:
                mishaps.append(_mishap(cut.video, error))
                if isinstance(error, WorkerError):  # once is enough: the next stretch may take as long to fail
                    costly.add(cut.video.id)
        if not made:
            raise FootageError(mishaps[0].reason, remedy=mishaps[0].remedy)
        title = ", ".join(f"{one} {names[one]}".strip() for one in people)
        reel_s = self._join(title, [cut for cut, _ in made]) if self._how.joined else None
        clips = tuple(one for _, one in made)
        whole = {
            "people": [{"person_id": one, "name": names[one] or None} for one in people],
            "reel": REEL if reel_s else None,
        }
        write_metadata(self._out / METADATA, {**whole, "handles_s": self._how.handles_s, "clips": clips})
        return Clips(clips=clips, mishaps=tuple(mishaps), reel_s=reel_s)

    def _cuts(self, rows: Sequence[LogRow], originals: Originals, mishaps: list[Mishap]) -> Iterator[Cut]:
        number = 0
        for video_id, some in groupby(rows, key=lambda row: row.video_sha256):
            here, video = list(some), self._store.video(video_id)
            try:
                video = originals.locate(video)
            except FootageError as error:
                mishaps.append(_mishap(video, error))
                continue
            for start_s, end_s, members in cuts_of(here, video, self._how.handles_s):
                number += 1
                tracks = [track for row in members for track in row.tracks]
                yield Cut(
                    video=video,
                    start_s=start_s,
                    end_s=end_s,
                    rows=tuple(members),
                    boxes=tuple(self._store.faces_of(tracks)),
                    stem=f"{number:03d}_{video_stem(video.name)}_{file_time(start_s)}",
                )

    def _make(self, cut: Cut) -> dict[str, Any]:
        """One clip and what is told of it; both are there, or neither."""
        if cut.video.kind == "still":
            made = self._still(cut)
        elif self._how.fast:
            made = self._copy(cut)
        else:
            file = f"{cut.stem}.mp4"
            count = write_clip(cut, self._out / file, self._show(cut), self._listen(cut), boxes=self._how.boxes)
            made = told(cut, file, "exact", count)
        write_metadata(self._out / f"{cut.stem}.json", made)
        return made

    def _still(self, cut: Cut) -> dict[str, Any]:
        file = cut.stem + (".png" if self._how.boxes else cut.video.path.suffix.lower())
        write_still(cut, self._out / file, self._show(cut), boxes=self._how.boxes)
        return told(cut, file, "still", 1)

    def _copy(self, cut: Cut) -> dict[str, Any]:
        file = cut.stem + ending(cut.video.path)
        with no_part_left(self._out / file) as out:
            stretch = (cut.video, out, cut.start_s, cut.end_s, self._footage)
            start_s, end_s, count = self._readers.copy(cut.video, copied, *stretch)
        return told(replace(cut, start_s=start_s, end_s=end_s), file, "fast", count)

    def _join(self, title: str, cuts: Sequence[Cut]) -> float:
        self._tell(REEL)
        sources = [(cut, self._show(cut), self._listen(cut)) for cut in cuts]
        return write_reel(self._out / REEL, title, sources, boxes=self._how.boxes)

    def _show(self, cut: Cut) -> Iterator[tuple[float, Image]]:
        """Pictures of a cut; where the original breaks off or is damaged, those that can be read."""
        count, stretch = 0, (cut.start_s, max(cut.end_s, cut.start_s + LEAST_S))
        try:
            for shown in self._readers.each(cut.video, pictures, cut.video, *stretch, self._footage):
                count += 1
                yield shown
        except FootageError as error:
            if not count or isinstance(error, WorkerError):
                raise

    def _listen(self, cut: Cut) -> Iterator[Sound]:
        return self._readers.each(cut.video, footage.listen, cut.video, cut.start_s, cut.end_s, self._footage)


def _mishap(video: Video, error: FootageError) -> Mishap:
    return Mishap(video=video.name, moment_s=None, room="footage", reason=str(error), remedy=error.remedy)
