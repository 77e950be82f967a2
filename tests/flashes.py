"""Films whose pictures and sound tell the time: each picture shows its number, each second a flash and a beep."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from builders import a_face, a_membership, a_portrait, a_ruling, a_run, a_watched, an_embedding
from crossid import footage
from crossid.archive import ArchiveSettings, open_archive
from crossid.footage import FootageSettings
from crossid.types import Appearance, Box, Diff, Face, Video, content_id

RATE = 44_100
BITS = 10
CELL_PX = 12
WIDTH, HEIGHT = 160, 96
FLASH_S = 0.12


def picture(number: int, at_s: float) -> np.ndarray:
    """Ten cells, black or white, are the number; the lower half is white in the first 0.12 s of every second."""
    image = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    for bit in range(BITS):
        image[: 2 * CELL_PX, bit * CELL_PX : (bit + 1) * CELL_PX] = 255 * (number >> bit & 1)
    image[HEIGHT // 2 :] = 255 if at_s % 1 < FLASH_S else 30
    return image


def number_of(image: np.ndarray) -> int:
    """What `picture` wrote."""
    middle = CELL_PX // 2
    return sum(int(image[CELL_PX, bit * CELL_PX + middle].mean() > 128) << bit for bit in range(BITS))


def write_flashes(
    path: Path,
    *,
    seconds: float = 10.0,
    rate: int = 25,
    stamps_s: Sequence[float] | None = None,
    sound_from_s: float | None = 0.0,
    key_every: int = 12,
    codec: str = "libx264",
) -> Path:
    """A film with sound; `stamps_s` are the times of its pictures, `sound_from_s` when sound begins (None: silent)."""
    path.parent.mkdir(exist_ok=True)
    times = [number / rate for number in range(round(seconds * rate))] if stamps_s is None else list(stamps_s)
    with av.open(str(path), "w") as out:
        stream = out.add_stream(
            codec, rate=rate, options={"g": str(key_every), "sc_threshold": "0"} if codec == "libx264" else {}
        )
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 90_000)
        sound = None if sound_from_s is None else out.add_stream("aac", rate=RATE, layout="mono")
        lead_s = max(0.0, -(sound_from_s or 0.0))  # containers do not like times before 0: the pictures come later
        if sound is not None:
            _write_beeps(out, sound, seconds, sound_from_s or 0.0, lead_s)
        for number, at_s in enumerate(times):
            frame = av.VideoFrame.from_ndarray(picture(number, at_s), format="rgb24")
            frame.pts, frame.time_base = round((at_s + lead_s) * 90_000), Fraction(1, 90_000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def _write_beeps(out, stream, seconds: float, from_s: float, lead_s: float) -> None:
    at = from_s + np.arange(round((seconds - from_s) * RATE)) / RATE
    wave = np.where((at % 1 < FLASH_S) & (at >= 0), 0.6 * np.sin(2 * np.pi * 1000 * at), 0).astype(np.float32)
    first = round((from_s + lead_s) * RATE)
    for start in range(0, len(wave), 1024):
        frame = av.AudioFrame.from_ndarray(wave[None, start : start + 1024], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, first + start, Fraction(1, RATE)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def seen(path: Path) -> list[tuple[float, np.ndarray]]:
    """(seconds, image) of all pictures, as a player shows them."""
    with av.open(str(path)) as film:
        return [(frame.time, frame.to_ndarray(format="rgb24")) for frame in film.decode(video=0)]


def flashes(path: Path) -> list[float]:
    """When the lower half turns white."""
    lit = [(at_s, image[-HEIGHT // 4 :].mean() > 150) for at_s, image in seen(path)]
    return [at_s for (_, before), (at_s, now) in zip([(0.0, False), *lit], lit, strict=False) if now and not before]


def beeps(path: Path) -> list[float]:
    """When it begins to beep."""
    with av.open(str(path)) as film:
        if not film.streams.audio:
            return []
        at, loud = [], []
        for frame in film.decode(audio=0):
            samples = np.abs(frame.to_ndarray()).reshape(-1, frame.samples).max(axis=0)
            at.append(frame.time + np.arange(frame.samples) / frame.sample_rate)
            loud.append(samples > 0.2)
    times, on = np.concatenate(at), np.concatenate(loud)
    heard = times[on]
    return [float(one) for one, before in zip(heard, [-1.0, *heard[:-1]], strict=True) if one - before > 0.3]


def length_s(path: Path) -> float:
    """How long the pictures last, as the container says."""
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        return float(stream.duration * stream.time_base) if stream.duration else film.duration / 1e6


def archive_of(folder: Path, originals: Sequence[Path], shown: dict[str, Sequence[tuple[float, float]]]) -> Path:
    """An archive in which one person, P-000001, is seen in these films (by name) at these times."""
    store = open_archive(folder, ArchiveSettings(), write=True, create=True)
    try:
        store.begin_run(a_run())
        (person,) = store.new_person_ids(1, "run-1")
        for found in footage.discover(originals).files:
            video = footage.probe(found, hashlib.sha256(found.path.read_bytes()).hexdigest(), FootageSettings())
            store.add_video(video, found.modified_ns, "run-1")
            there = [_appearance(video, *times) for times in shown.get(found.name, [])]
            store.keep_span(a_watched(video, *there), 1, "settings-a", "run-1")
            store.rule([a_ruling(one, person) for one in there], [a_membership(one, person) for one in there])
        store.end_run("run-1", Diff(new=(person,)), [], {"seconds": 1.0})
    finally:
        store.close()
    return folder


def _appearance(video: Video, start_s: float, end_s: float) -> Appearance:
    """A face that wanders to the right, looked at five times a second."""
    times = np.arange(round(start_s * 5), round(end_s * 5) + 1) / 5
    faces = tuple(_face(video, float(at_s)) for at_s in times)
    return Appearance(
        id=content_id(*(face.id for face in faces)),
        video=video.id,
        faces=faces,
        portraits=(a_portrait(faces[0]),),
        embeddings=(an_embedding(views=1),),
        quality=0.8,
    )


def _face(video: Video, at_s: float) -> Face:
    face, left = a_face(video, at_s), 20.0 + 5 * at_s
    box = Box(left=left, top=30.0, right=left + 30, bottom=70.0)
    return Face(
        id=content_id(face.id, left),
        moment=face.moment,
        number=face.number,
        box=box,
        landmarks=face.landmarks,
        score=face.score,
        quality=face.quality,
        seen_by=face.seen_by,
    )
