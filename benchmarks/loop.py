"""How well a loop over frames with face_recognition tells people apart, on footage whose truth is known.

    python -m benchmarks loop [FOLDER] [--every 10]

Every so many frames of `footage/staged-dev` (or FOLDER, with `truth.json`) are taken; of all of them a 540p film costs
ten seconds of computing a second. Who is who is decided in the two ways that are usual: a face is whoever it is
nearest to among those seen first, within 0.6 (the library's default), else somebody new; and Chinese whispers at 0.5,
as in dlib's own example of clustering. Scored as `accuracy` scores an archive.
"""

import argparse
import csv
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import av
import dlib
import numpy as np

from benchmarks import data, rivals
from benchmarks.accuracy import STAGED

TOLERANCE, CLUSTERED = 0.6, 0.5


class Seen(NamedTuple):
    """A face: where, when, and what describes it."""

    video: str
    time_s: float
    box: tuple[int, int, int, int]
    vector: object


def main(words: list[str]) -> None:
    """Take the frames, decide in both ways, score."""
    told = _told(words)
    began = time.process_time()
    seen = list(_seen(told.folder, told.every))
    took = time.process_time() - began
    for name, people in (("nearest known face", _nearest(seen)), ("Chinese whispers", _whispers(seen))):
        figures = _scored(told.folder, seen, people)
        data.row(f"{told.folder.name}, every {told.every} frames, {name}", {key: figures[key] for key in STAGED})
    print(f"{took:.0f} s of computing")
    print(data.machine())


def _told(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks loop")
    parser.add_argument("folder", type=Path, nargs="?", default=data.folder() / "footage" / "staged-dev")
    parser.add_argument("--every", type=int, default=10)
    return parser.parse_args(words)


def _seen(folder: Path, every: int) -> Iterator[Seen]:
    faces = rivals.face_recognition_faces()
    for path in sorted(folder.glob("*.mp4")):
        with av.open(str(path)) as film:
            for frame in islice(film.decode(video=0), 0, None, every):
                for box, vector in faces(frame.to_ndarray(format="rgb24")):
                    yield Seen(path.name, frame.time, (box.left(), box.top(), box.right(), box.bottom()), vector)


def _nearest(seen: Sequence[Seen]) -> list[int]:
    known, people = np.empty((0, 128)), []
    for one in seen:
        apart = np.linalg.norm(known - np.array(one.vector), axis=1)
        if not len(apart) or apart.min() > TOLERANCE:
            people.append(len(known))
            known = np.vstack([known, np.array(one.vector)])
        else:
            people.append(int(apart.argmin()))
    return people


def _whispers(seen: Sequence[Seen]) -> list[int]:
    return list(dlib.chinese_whispers_clustering([one.vector for one in seen], CLUSTERED))


def _scored(folder: Path, seen: Sequence[Seen], people: Sequence[int]) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as scratch:
        rows = Path(scratch) / "observations.csv"
        with rows.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(["video", "time_s", "left", "top", "right", "bottom", "person_id"])
            for one, person in zip(seen, people, strict=True):
                table.writerow([one.video, one.time_s, *one.box, f"P-{person}"])
        return data.score("score_archive.py", folder / "truth.json", rows)
