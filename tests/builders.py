"""Makes nouns for tests: real objects, small, with defaults that make sense; a test names only what it is about."""

from __future__ import annotations

import hashlib
from contextlib import closing
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from crossid.archive.acts import Act
from crossid.types import (
    Appearance,
    Box,
    Decision,
    Diff,
    Embedding,
    Face,
    Membership,
    Moment,
    Portrait,
    Reason,
    Ruling,
    Run,
    Space,
    Span,
    Video,
    Watched,
    content_id,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from crossid.archive import Store
    from crossid.archive.acts import ActKind

TIME_BASE = Fraction(1, 1000)
SPACE = Space(name="toy", dimensions=4, fingerprint="0123456789abcdef")
NOON = datetime(2024, 5, 1, 12, 0, 0, tzinfo=UTC)


def a_video(name: str = "day one/clip.mp4", **changes: object) -> Video:
    """Ten seconds of video; its id comes from its name."""
    given: dict[str, object] = {
        "id": hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest(),
        "path": Path("/footage", name),
        "name": name,
        "kind": "video",
        "size_bytes": 1000,
        "width": 640,
        "height": 360,
        "duration_s": 10.0,
        "rate": Fraction(30000, 1001),
        "codec": "h264",
        "recorded_at": NOON,
        "clock": "quicktime",
        "device": None,
        "place": None,
    }
    return Video(**(given | changes))  # type: ignore[arg-type]


def a_moment(video: Video, seconds: float) -> Moment:
    """A point in a video, on the grid of `TIME_BASE`."""
    return Moment(video=video.id, pts=round(seconds / TIME_BASE), time_base=TIME_BASE)


def a_face(video: Video, seconds: float = 1.0, left: float = 100.0, quality: float = 0.8) -> Face:
    """A face of 80 by 100 pixels."""
    box = Box(left=left, top=50.0, right=left + 80, bottom=150.0)
    across = np.array([0.3, 0.7, 0.5, 0.35, 0.65], np.float32) * box.width + box.left
    down = np.array([0.4, 0.4, 0.6, 0.8, 0.8], np.float32) * box.height + box.top
    moment = a_moment(video, seconds)
    return Face(
        id=content_id(video.id, moment.pts, box),
        moment=moment,
        number=round(seconds * 30),
        box=box,
        landmarks=np.stack([across, down], axis=1),
        score=0.99,
        quality=quality,
        seen_by=("mtcnn",),
    )


def a_portrait(face: Face, size_px: int = 24) -> Portrait:
    """A small portrait, with colours of its own."""
    colour = np.random.default_rng(int(face.id[:8], 16)).integers(0, 256, 3, np.uint8)
    packed = BytesIO()
    Image.new("RGB", (size_px, size_px), tuple(colour.tolist())).save(packed, "JPEG", quality=95)
    landmarks = (face.landmarks - face.landmarks.mean(axis=0)) / 160 * size_px + size_px / 2
    return Portrait(face=face, jpeg=packed.getvalue(), landmarks=landmarks.astype(np.float32))


def faces_of(video: Video, start_s: float, end_s: float, left: float, quality: float) -> tuple[Face, ...]:
    """Five faces a second, standing still, the best in the middle."""
    times = np.arange(round(start_s * 5), round(end_s * 5) + 1) / 5
    best = len(times) // 2
    return tuple(a_face(video, float(at), left, quality - 0.01 * (i != best)) for i, at in enumerate(times))


def an_embedding(direction: int = 0, views: int = 2, space: Space = SPACE) -> Embedding:
    """A vector near one of the axes."""
    seen = np.full((views, space.dimensions), 0.05, np.float32)
    seen[:, direction % space.dimensions] = np.linspace(0.9, 1.0, views)
    seen /= np.linalg.norm(seen, axis=1, keepdims=True)
    weights = np.linspace(0.5, 1.0, views).astype(np.float32)
    mean = weights @ seen
    return Embedding(space=space, vector=mean / np.linalg.norm(mean), views=seen, weights=weights)


def an_appearance(
    video: Video,
    start_s: float = 1.0,
    end_s: float = 2.0,
    *,
    left: float = 100.0,
    quality: float = 0.8,
    direction: int = 0,
    space: Space = SPACE,
) -> Appearance:
    """One track, described in one space, with portraits of its best face and its first."""
    faces = faces_of(video, start_s, end_s, left, quality)
    portraits = tuple(a_portrait(face) for face in dict.fromkeys((faces[len(faces) // 2], faces[0])))
    return Appearance(
        id=content_id(*(face.id for face in faces)),
        video=video.id,
        faces=faces,
        portraits=portraits,
        embeddings=(an_embedding(direction, len(portraits), space),),
        quality=quality,
    )


def a_decision(video: Video, seconds: float, reason: Reason = "motion") -> Decision:
    """Some motion, medium light."""
    return Decision(
        moment=a_moment(video, seconds), number=round(seconds * 30), reason=reason, motion=0.25, brightness=0.5
    )


def a_span(video: Video, index: int = 0, start_s: float = 0.0, end_s: float | None = None) -> Span:
    """All of a video, unless told otherwise."""
    return Span(video=video, index=index, start_s=start_s, end_s=end_s)


def a_watched(video: Video, *appearances: Appearance, span: Span | None = None, **changes: object) -> Watched:
    """All of a video, looked at twice a second."""
    where = span or a_span(video)
    until = where.end_s if where.end_s is not None else video.duration_s
    times = np.arange(where.start_s, until, 0.5)
    given: dict[str, object] = {
        "span": where,
        "decisions": tuple(a_decision(video, float(at), "first" if i == 0 else "motion") for i, at in enumerate(times)),
        "appearances": appearances,
        "mishaps": (),
        "read_to_s": until,
        "seconds": {"read": 0.5},
    }
    return Watched(**(given | changes))  # type: ignore[arg-type]


def a_run(run_id: str = "run-1", **changes: object) -> Run:
    """A scan with one space."""
    given: dict[str, object] = {
        "id": run_id,
        "started": NOON,
        "version": "0.1.0",
        "settings_digest": "feedfacecafebeef",
        "spaces": (SPACE,),
        "settings": {"pack": "builtin", "workers": 2},
    }
    return Run(**(given | changes))  # type: ignore[arg-type]


def a_membership(appearance: Appearance, person: str | None, **changes: object) -> Membership:
    """As a run proposes it."""
    given: dict[str, object] = {
        "appearance": appearance.id,
        "person": person,
        "probability": 0.9,
        "evidence": "1/1 toy",
        "status": "proposed",
    }
    return Membership(**(given | changes))  # type: ignore[arg-type]


def a_ruling(appearance: Appearance, person: str | None, **changes: object) -> Ruling:
    """As a run makes it, on the appearance's best face."""
    given: dict[str, object] = {
        "face": appearance.id,
        "person": person,
        "verdict": "same",
        "probability": 0.9,
        "evidence": "1/1 toy",
        "by": "run:run-1",
        "at": NOON,
        "why": "recognised by the run",
    }
    return Ruling(**(given | changes))  # type: ignore[arg-type]


def an_act(kind: ActKind, *people: str, seen: Iterable[Appearance] = (), **changes: object) -> Act:
    """Ann does something to people and to the appearances `seen`."""
    given: dict[str, object] = {
        "kind": kind,
        "by": "ann",
        "at": NOON,
        "people": people,
        "appearances": tuple(one.id for one in seen),
    }
    return Act(**(given | changes))  # type: ignore[arg-type]


def fill(store: Store, run_id: str = "run-1") -> None:
    """Two videos, two people and somebody unidentified; the first person is seen in both videos, turning once."""
    videos = [a_video("day one/clip.mp4"), a_video("day two/clip.mp4", recorded_at=NOON + timedelta(days=1))]
    turning = [an_appearance(videos[0], 1, 2, quality=0.7), an_appearance(videos[0], 3, 4, quality=0.9)]
    again, other = an_appearance(videos[1], 2, 5), an_appearance(videos[1], 2, 3, left=300.0, direction=1)
    nobody = an_appearance(videos[1], 7, 8, quality=0.1, direction=2)
    store.begin_run(a_run(run_id))
    for video, seen in zip(videos, ([*turning], [again, other, nobody]), strict=True):
        store.add_video(video, 7, run_id)
        store.keep_span(a_watched(video, *seen), 1, "settings-a", run_id)
    first, second = store.new_person_ids(2, run_id)
    who = [*((one, first) for one in (*turning, again)), (other, second)]
    store.rule([a_ruling(*pair) for pair in who], [a_membership(*pair) for pair in who])
    store.end_run(run_id, Diff(new=(first, second)), [], {"seconds": 1.0})


def a_kept_archive(folder: Path, *acts: Act) -> Path:
    """The archive of `fill`, with what reviewers did, painted."""
    from crossid.archive import ArchiveSettings, open_archive, paint

    with closing(open_archive(folder, ArchiveSettings(), write=True, create=True)) as store:
        fill(store)
        for act in acts:
            store.act(act)
        paint(store)
    return folder


def asked_of(folder: Path, question: Callable[[Store], object]) -> Any:
    """What an archive answers that is opened for it."""
    from crossid.archive import ArchiveSettings, open_archive

    with closing(open_archive(folder, ArchiveSettings())) as store:
        return question(store)
