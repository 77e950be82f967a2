"""The nouns of crossid, in the order in which data meets them.

Boxes are float pixels of the full-size upright frame, origin top-left, right and bottom exclusive.
Images are (height, width, 3) uint8 RGB. Scores are in [0, 1]. Vectors have unit length, so a dot
product is a cosine. A noun mentions only nouns above it, and nothing in a noun is filled in later:
a later room makes a new noun that contains the old one. None means "unknown", never "not yet".
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from crossid.errors import SpaceMismatchError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    Image: TypeAlias = NDArray[np.uint8]
    Luma: TypeAlias = NDArray[np.uint8]
    Vector: TypeAlias = NDArray[np.float32]

Clock = Literal["quicktime", "exif", "filename", "none"]
Reason = Literal["first", "shot", "motion", "check", "interval", "still", "dark"]
Verdict = Literal["same", "different", "unsure"]
KEPT: frozenset[str] = frozenset({"first", "shot", "motion", "check"})


def content_id(*parts: object) -> str:
    """16 hex digits that depend on nothing but `parts`: running twice makes the same ids."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a recording says it was made; degrees north and east, metres above the sea."""

    latitude: float
    longitude: float
    altitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """A piece of footage; a photograph is a video of one frame.

    `id` is the SHA-256 of the bytes (64 hex digits): a renamed copy is the same video.
    `name` is the POSIX path relative to the footage folder in which it was found. `rate` is what
    the container claims and is never used to compute a time. `width` and `height` are upright.
    """

    id: str
    path: Path
    name: str
    kind: Literal["video", "still"]
    size_bytes: int
    width: int
    height: int
    duration_s: float
    rate: Fraction
    codec: str
    recorded_at: datetime | None
    clock: Clock
    device: str | None
    place: Place | None
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def stem(self) -> str:
        """The file's name without folders and ending."""
        return Path(self.name).stem


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a video that is watched on its own: [start_s, end_s), the last one open-ended."""

    video: Video
    index: int
    start_s: float
    end_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """An exact point in a video: `pts × time_base` seconds from its start."""

    video: str
    pts: int
    time_base: Fraction

    @property
    def seconds(self) -> float:
        """Seconds from the start of the video."""
        return self.pts * self.time_base.numerator / self.time_base.denominator  # the same, rounded once, and quick


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """A decoded picture before anybody decided to look at it.

    `luma` is (h, w) uint8, upright, about 320 px wide; `render()` makes the full-size upright RGB
    image, and is called only for pictures that are looked at. `number` is time times the stated rate,
    whatever the spans: shown to people, never used as a time.
    """

    moment: Moment
    number: int
    luma: Luma
    render: Callable[[], Image]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sound:
    """A stretch of sound: `samples` (N, 2) float32 in [-1, 1], left and right, `SOUND_RATE` a second.

    It begins `start_s` seconds after the first picture of the video; before it where that is negative.
    """

    start_s: float
    samples: NDArray[np.float32]


SOUND_RATE = 48_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether a picture was looked at, and why; motion and brightness in [0, 1]."""

    moment: Moment
    number: int
    reason: Reason
    motion: float
    brightness: float

    @property
    def kept(self) -> bool:
        """Whether the picture was looked at."""
        return self.reason in KEPT


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """A picture that is looked at: full-size upright RGB image and why it was chosen."""

    decision: Decision
    image: Image

    @property
    def moment(self) -> Moment:
        """When it was taken."""
        return self.decision.moment

    @property
    def starts_shot(self) -> bool:
        """Whether the picture before it belongs to another shot (or to nothing)."""
        return self.decision.reason in ("first", "shot")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle in pixels of the upright full-size frame; may reach beyond its borders."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Pixels from top to bottom."""
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        """The middle (x, y)."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detection:
    """What one detector says of one picture: here is a face.

    `landmarks` is (5, 2) float32, pixels of the full frame: image-left eye, image-right eye, nose,
    image-left and image-right corner of the mouth. `score`: how sure the detector is.
    """

    box: Box
    landmarks: NDArray[np.float32]
    score: float
    seen_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Face:
    """A face at a moment. `score`: is it a face; `quality`: is it useful for recognition."""

    id: str
    moment: Moment
    number: int
    box: Box
    landmarks: NDArray[np.float32]
    score: float
    quality: float
    seen_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crop:
    """A face's portrait, cut while the frame was in memory: every embedder aligns from it.

    `portrait` is square RGB: the longer side of the box grown by 50 %, scaled down to at most
    `PORTRAIT_PX`; what lies outside the frame is black. `landmarks` are (5, 2) float32 in pixels
    of the portrait.
    """

    face: Face
    portrait: Image
    landmarks: NDArray[np.float32]


PORTRAIT_PX = 320


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """One face followed through one shot: faces in time order, and its best crops (at most 8)."""

    id: str
    faces: tuple[Face, ...]
    crops: tuple[Crop, ...]

    @property
    def start(self) -> Moment:
        """When it is seen first."""
        return self.faces[0].moment

    @property
    def end(self) -> Moment:
        """When it is seen last."""
        return self.faces[-1].moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """The address of a vector; `fingerprint` covers weights and preprocessing (16 hex digits)."""

    name: str
    dimensions: int
    fingerprint: str

    def __str__(self) -> str:
        return f"{self.name}/{self.dimensions}/{self.fingerprint}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Embedding:
    """A unit vector (D,) float32 in a space, with what it is the mean direction of.

    `views` are the unit vectors (V, D) float32 of single crops and `weights` (V,) float32 their
    qualities; a vector that stands alone is its only view.
    """

    space: Space
    vector: Vector
    views: NDArray[np.float32]
    weights: NDArray[np.float32]

    def cosine(self, other: Embedding) -> float:
        """Cosine of the angle between two embeddings.

        Raises:
            SpaceMismatchError: if they are of different spaces.
        """
        if self.space != other.space:
            raise SpaceMismatchError(
                f"A vector of space {self.space} was compared with one of {other.space}.",
                remedy="Describe both with the same pack: crossid scan --reembed.",
            )
        return float(self.vector @ other.vector)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Portrait:
    """What climbs the stair of a crop: pixels end here. `landmarks` (5, 2) float32 in pixels of the JPEG."""

    face: Face
    jpeg: bytes
    landmarks: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Appearance:
    """One continuous presence of one person in one video, as the ground floor emits it: one per track.

    `id` is the track's, `faces` are all of it in time order, `portraits` its best views, best first.
    `embeddings`: one per space. `quality` in [0, 1] is that of its best views. Where the upper floor
    finds that several of one person follow each other with gaps under 2 s, the logs show them as one.
    """

    id: str
    video: str
    faces: tuple[Face, ...]
    portraits: tuple[Portrait, ...]
    embeddings: tuple[Embedding, ...]
    quality: float

    @property
    def start_s(self) -> float:
        """Seconds from the start of the video to the first face."""
        return self.faces[0].moment.seconds

    @property
    def end_s(self) -> float:
        """Seconds from the start of the video to the last face."""
        return self.faces[-1].moment.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """Something that went wrong with one input and did not stop the others."""

    video: str
    moment_s: float | None
    room: str
    reason: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """What a picture looks like, roughly: 256 bits (32 bytes) that survive another encoding and size."""

    at_s: float
    bits: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """Two videos share footage: what `video` shows in [start_s, end_s), `other` shows `offset_s` earlier."""

    video: str
    other: str
    offset_s: float
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Watched:
    """All that the ground floor has to say of one span.

    `read_to_s` is how far decoding came (equal to the end unless the file broke off). `seconds`:
    stage -> wall-clock seconds spent in it.
    """

    span: Span
    decisions: tuple[Decision, ...]
    appearances: tuple[Appearance, ...]
    mishaps: tuple[Mishap, ...]
    read_to_s: float
    seconds: dict[str, float]
    prints: tuple[Print, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody: a permanent id (`P-000123`), a name if a reviewer gave one, and appearances' ids."""

    id: str
    name: str | None
    appearances: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A run's decision about one appearance and one person, pinned to a face; never changed, only followed.

    `by` is `run:<id>`: reviewers act (`crossid.archive.acts`), and outrank every run. `person` is None when
    the ruling says that the appearance is nobody (yet).
    """

    face: str
    person: str | None
    verdict: Verdict
    probability: float | None
    evidence: str
    by: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Who an appearance is, as things stand: `person` None means nobody could tell.

    `probability`: calibrated, None where the space has no calibration. `status`: `proposed` by a
    run, `confirmed` or `rejected` by a reviewer.
    """

    appearance: str
    person: str | None
    probability: float | None
    evidence: str
    status: Literal["proposed", "confirmed", "rejected"] = "proposed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """What reviewers have ruled, as it binds every run.

    `anchored`: appearance -> person: it is that person, whatever a run thinks. Whenever a reviewer
    touches a person, all whom the person then holds are anchored; who holds no anchor is untouched.
    `barred`: (appearance, person): it is not that person. `faceless`: appearances that are in no
    group at all: no face, or nobody's to look for.
    """

    anchored: Mapping[str, str] = field(default_factory=dict)
    barred: frozenset[tuple[str, str]] = frozenset()
    faceless: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a run would rather ask a reviewer than decide; the answer that it thinks likelier is not made.

    `kind`: "same" (are the two people one?), "mixed" (is `people[0]` two? `appearances` are the
    smaller half), "member" (are `appearances` of `people[0]`?). `probability` that the answer is
    yes; `settles`: how many appearances the answer would settle.
    """

    kind: Literal["same", "mixed", "member"]
    people: tuple[str, ...]
    appearances: tuple[str, ...]
    probability: float
    settles: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingPoint:
    """From how much evidence on two groups of appearances are taken for one person, and what that lets through.

    `evidence`: mean log-likelihood ratio, the same in all archives of `least` to `most` appearances.
    `false_match_rate`: share of pairs of appearances of two people that reach it by themselves, measured on
    labelled strangers when the space was calibrated (where none did, as if one had); None where the
    calibration does not say. `false_matches`: of how many of an archive's pairs that is expected.
    """

    appearances: int
    evidence: float
    least: int
    most: int
    false_match_rate: float | None
    false_matches: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What a run changed, and nothing else: people's ids, in order.

    `merged`: (id that became an alias, id that stays). `split`: (id that stays, new id). `bar`: (evidence
    that two groups needed until now, what they need from now on) where the archive has grown, or
    shrunk, into another decade of size, and everybody was looked at again.
    """

    new: tuple[str, ...] = ()
    seen_again: tuple[str, ...] = ()
    merged: tuple[tuple[str, str], ...] = ()
    split: tuple[tuple[str, str], ...] = ()
    bar: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One scan: what it was told, with what it ran."""

    id: str
    started: datetime
    version: str
    settings_digest: str
    spaces: tuple[Space, ...]
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gallery:
    """All appearances of an archive in one space, as columns; row i of each is one appearance.

    Rows are in the order (video id, start, appearance id). `vectors` (N, D) float32 unit length;
    `starts`, `ends` seconds, `qualities` in [0, 1]: (N,) float64. `boxes[i]` holds a track's
    (t, left, top, right, bottom) rows.
    """

    space: Space
    ids: tuple[str, ...]
    videos: tuple[str, ...]
    starts: NDArray[np.float64]
    ends: NDArray[np.float64]
    qualities: NDArray[np.float64]
    vectors: NDArray[np.float32]
    boxes: tuple[NDArray[np.float32], ...]

    def __len__(self) -> int:
        return len(self.ids)

    def taken(self, rows: list[int] | NDArray[np.integer]) -> Gallery:
        """A gallery of some rows (R,), in that order."""
        return Gallery(
            space=self.space,
            ids=tuple(self.ids[row] for row in rows),
            videos=tuple(self.videos[row] for row in rows),
            starts=self.starts[rows],
            ends=self.ends[rows],
            qualities=self.qualities[rows],
            vectors=self.vectors[rows],
            boxes=tuple(self.boxes[row] for row in rows),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sketches:
    """Vectors in few bits, to estimate cosines from; see `crossid.sketches`.

    `centre` (D,) float32: the mean of all. Of each vector: `bits` (W, N) uint64, on which side of planes through the
    centre it lies; `along` (N,) float32, its product with the centre; `away` (N,) float32, how far from that it is.
    """

    centre: NDArray[np.float32]
    bits: NDArray[np.uint64]
    along: NDArray[np.float32]
    away: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.along)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class References:
    """Who can be recognised in an archive, in one space: row i of each column is one appearance.

    `ids` (N,) are appearances' ids as ASCII; `who` (N,) int32 is the place of the person in `people`,
    -1 where an appearance is nobody's; `qualities` (N,) float32 in [0, 1]; `vectors` (N, D) float16 of
    unit length: rounding moves a cosine by about 0.0001. `sketches` are of these
    vectors, or of none where there are few.
    """

    space: Space
    people: tuple[str, ...]
    ids: NDArray[np.bytes_]
    who: NDArray[np.int32]
    qualities: NDArray[np.float32]
    vectors: NDArray[np.float16]
    sketches: Sketches

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Neighbours:
    """Of each appearance of a space, the others that are surest to be the same person: what a search is worth keeping.

    `mark` says what the search depends on beside the appearances: another one is another search. `marks` (N,)
    uint64 stand for the appearances, with all of them that was compared. Row i has `counts[i]` others, the surest
    first: the next so many of `columns` (places of rows, int32) and `evidence` (log-likelihood ratios, float32).
    """

    mark: str
    marks: NDArray[np.uint64]
    counts: NDArray[np.int64]
    columns: NDArray[np.int32]
    evidence: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.marks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One face seen: one row of `export observations`, typed."""

    video: str
    video_sha256: str
    time_s: float
    pts: int
    frame: int
    box: tuple[float, float, float, float]
    score: float
    quality: float
    seen_by: str
    track_id: str
    appearance_id: str
    person_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """One row of `appearances.csv`, typed; the names are the columns of the contract.

    `start_s`, `end_s` in seconds; `recorded_at` ISO 8601 UTC or ""; `face` is the best face's id,
    `face_s` when it was seen, `box` its (left, top, right, bottom); `person_id` "" for the
    unidentified. `tracks` are the ids of the appearances (one per track) that were joined into this
    one, first first. Of what was joined, `probability` is the lowest that is known (a chain holds
    as its weakest link), `evidence` that of the track with the best face, and `status` is
    `confirmed` only if all are; what is `rejected` is never joined with what is not. `quality` is
    that of the best face. `source_id`: the same where copies of one piece of footage show one sighting: it
    counts once.
    """

    person_id: str
    name: str
    video: str
    video_sha256: str
    appearance_id: str
    start_s: float
    end_s: float
    recorded_at: str
    clock: str
    faces: int
    face: str
    box: tuple[float, float, float, float]
    probability: float | None
    evidence: str
    status: str
    quality: float
    tracks: tuple[str, ...]
    face_s: float
    source_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of a video was looked at: counts of pictures, and seconds.

    `looked_at_s` counts pictures that were looked at and those between two of them while things
    moved. `missable_s` is the longest stretch between two pictures that were looked at, darkness
    aside: whoever was there for longer, in the light and in what was watched and could be read, was
    looked at. `unwatched_s` is what no run has come to yet, or gave up: the next scan watches it.
    """

    video: str
    video_sha256: str
    duration_s: float
    pictures: int
    looked_at: int
    looked_at_s: float
    still_s: float
    dark_s: float
    unreadable_s: float
    missable_s: float
    unwatched_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NameClaim:
    """Somebody's word that a person is called so; `name` None takes earlier names back.

    `alias`: they are called so, too; the name that they go by stays.
    """

    name: str | None
    by: str
    source: str
    at: datetime
    alias: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """What a run was told and what it did; `ended` None: it was interrupted or is under way."""

    run: Run
    ended: datetime | None
    diff: Diff
    mishaps: tuple[Mishap, ...]
    timings: dict[str, Any]
