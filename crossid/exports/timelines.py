"""`export otio` and `export edl`: who is seen, for editing programs.

OpenTimelineIO: a timeline for each person, their appearances one after the other, and one for each
video, with a marker wherever somebody is seen. CMX 3600 knows one track, no rate and reels of eight
characters: one file for each person, counted at the rate that most of their footage has.

Times become frames here, as editors count them: the stated rate times the seconds. In footage of a
variable rate that may be off by a frame or more; the exact seconds stand in the metadata.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from crossid.errors import ModelError
from crossid.wording import clock, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crossid.types import LogRow, Video

REEL_CHARACTERS = 8
STILL_RATE = Fraction(25)
STILL_FRAMES = 50
"""A photograph is shown for two seconds."""
EDL_RATES = (24, 25, 30, 48, 50, 60)


def person_timeline(rows: Sequence[LogRow], videos: Mapping[str, Video]) -> str:
    """One person's appearances one after the other, as OTIO.

    Args:
        rows: Appearances of one person, in order.
        videos: Id -> video.
    """
    otio = _library()
    timeline = otio.schema.Timeline(name=_person_name(rows[0]))
    track = otio.schema.Track(name=rows[0].person_id, kind=otio.schema.TrackKind.Video)
    timeline.tracks.append(track)
    for row in rows:
        video = videos[row.video_sha256]
        clip = _clip(otio, video, _range(otio, row, video))
        clip.markers.append(_marker(otio, row, clip.source_range))
        track.append(clip)
    return str(otio.adapters.write_to_string(timeline, "otio_json"))


def video_timeline(video: Video, rows: Iterable[LogRow]) -> str:
    """One video from its start to its end, with a marker for each appearance, as OTIO."""
    otio = _library()
    timeline = otio.schema.Timeline(name=printable(video.name))
    track = otio.schema.Track(name="video", kind=otio.schema.TrackKind.Video)
    timeline.tracks.append(track)
    clip = _clip(otio, video, _whole(otio, video))
    colours: dict[str, str] = {}
    for row in rows:
        marker = _marker(otio, row, _range(otio, row, video))
        marker.color = colours.setdefault(row.person_id, _COLOURS[len(colours) % len(_COLOURS)])
        clip.markers.append(marker)
    track.append(clip)
    return str(otio.adapters.write_to_string(timeline, "otio_json"))


def person_list(rows: Sequence[LogRow], videos: Mapping[str, Video]) -> str:
    """One person's appearances as an edit decision list, with clip names and files as comments."""
    otio = _library()
    rate = list_rate([videos[row.video_sha256] for row in rows])
    timeline = otio.schema.Timeline(name=f"{_person_name(rows[0])[:60]} ({rate} frames a second)")
    track = otio.schema.Track(name="V", kind=otio.schema.TrackKind.Video)
    timeline.tracks.append(track)
    for row in rows:
        video = videos[row.video_sha256]
        start, frames = _frames(row, video, rate)
        source = otio.opentime.TimeRange(
            otio.opentime.RationalTime(start, rate), otio.opentime.RationalTime(frames, rate)
        )
        clip = otio.schema.Clip(name=printable(video.name), source_range=source)
        clip.media_reference = otio.schema.ExternalReference(target_url=video.path.absolute().as_uri())
        clip.metadata["cmx_3600"] = {"reel": reel(video)}
        track.append(clip)
    listed = str(otio.adapters.write_to_string(timeline, "cmx_3600", rate=rate))
    title, _, events = listed.partition("\n")
    return f"{title}\nFCM: NON-DROP FRAME\n{events.rstrip()}\n"


def reel(video: Video) -> str:
    """Eight characters that tell a video from others: what its name begins with, and of its hash three."""
    name = re.sub("[^A-Z0-9]", "", video.stem.upper().encode("ascii", "ignore").decode())
    rest = REEL_CHARACTERS - 3
    return f"{name[:rest]:X<{rest}}{hashlib.sha256(video.id.encode()).hexdigest()[:3].upper()}"


def list_rate(videos: Iterable[Video]) -> int:
    """The frames a second that most of the footage is counted with: 30 for 29.97, as non-drop timecode counts."""
    nearest = [min(EDL_RATES, key=lambda rate: abs(rate - float(video.rate))) for video in videos if video.rate]
    return Counter(nearest).most_common(1)[0][0] if nearest else int(STILL_RATE)


_COLOURS = ("CYAN", "MAGENTA", "YELLOW", "GREEN", "RED", "BLUE", "ORANGE", "PURPLE", "PINK", "WHITE")


def _person_name(row: LogRow) -> str:
    return printable(f"{row.person_id} {row.name}".strip())


def _rate(video: Video) -> Fraction:
    return video.rate if video.kind == "video" and video.rate > 0 else STILL_RATE


def _frames(row: LogRow, video: Video, counted: int | None = None) -> tuple[int, int]:
    """First frame and number of frames (at least one), at the nominal rate `counted` where the footage has another."""
    if video.kind == "still":
        return 0, STILL_FRAMES
    rate = _rate(video)
    if counted is not None and abs(counted - rate) > Fraction(1, 10):
        rate = Fraction(counted)
    start = max(0, int(row.start_s * rate + Fraction(1, 1000)))
    return start, max(1, round(row.end_s * rate) + 1 - start)


def _range(otio: Any, row: LogRow, video: Video) -> Any:
    rate, (start, frames) = float(_rate(video)), _frames(row, video)
    time = otio.opentime.RationalTime
    return otio.opentime.TimeRange(time(start, rate), time(frames, rate))


def _whole(otio: Any, video: Video) -> Any:
    rate = float(_rate(video))
    frames = STILL_FRAMES if video.kind == "still" else max(1, round(video.duration_s * rate))
    return otio.opentime.TimeRange(otio.opentime.RationalTime(0, rate), otio.opentime.RationalTime(frames, rate))


def _clip(otio: Any, video: Video, source: Any) -> Any:
    media = otio.schema.ExternalReference(
        target_url=video.path.absolute().as_uri(), available_range=_whole(otio, video)
    )
    clip = otio.schema.Clip(name=printable(video.name), media_reference=media, source_range=source)
    clip.metadata["crossid"] = {"sha256": video.id, "rate": str(video.rate)}
    return clip


def _marker(otio: Any, row: LogRow, marked: Any) -> Any:
    sure = "" if row.probability is None else f" {row.probability:.2f}"
    marker = otio.schema.Marker(
        name=f"{_person_name(row)}{sure}",
        marked_range=marked,
        color="GREEN" if row.status == "confirmed" else "CYAN",
        metadata={
            "crossid": {
                "person_id": row.person_id,
                "appearance_id": row.appearance_id,
                "start_s": round(row.start_s, 3),
                "end_s": round(row.end_s, 3),
                "status": row.status,
                **({} if row.probability is None else {"probability": round(row.probability, 4)}),
            }
        },
    )
    marker.comment = f"{clock(row.start_s)} to {clock(row.end_s)}, {row.status} in crossid"
    return marker


def _library() -> Any:
    """OpenTimelineIO, which few need and which is not installed for all.

    Raises:
        ModelError: it, or its adapter for CMX 3600, is missing.
    """
    try:
        import opentimelineio as otio
    except ImportError:
        raise ModelError(
            "Timelines for editing programs need OpenTimelineIO, which is not installed.",
            remedy='Install it: pip install "crossid[editors]"',
        ) from None
    if "cmx_3600" not in otio.adapters.available_adapter_names():
        raise ModelError(
            "OpenTimelineIO lacks its adapter for edit decision lists.",
            remedy='Install it: pip install "crossid[editors]"',
        )
    return otio
