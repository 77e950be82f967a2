"""How fast footage is watched, beside what decoding alone costs and what a user would write instead.

    python -m benchmarks speed [--seconds 20] [--rounds 3] [--scan MINUTES] [--without-rivals]

Every contender works on one thread in this process, one after the other, round after round, so that other work on
the machine meets them all; figures are medians of processor seconds per second of footage. `x2` is what two cores
make of that, in multiples of real time, if nothing else runs. `--scan` scans a film of so many minutes in 1080p with
the whole program, too: wall clock, processor time of all its processes, and the peak of their memory. `--rounds 0` does
nothing else.
"""

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks import data, memory, rivals, staging
from crossid import footage
from crossid.footage import FoundFile
from crossid.pipeline import stopwatch
from crossid.pipeline.watch import Parts, watch
from crossid.settings import SPEEDS, Settings, load
from crossid.types import Span

CORES = 2
FRAMES = 6
"""Frames of which a rival's cost per frame is the mean."""
WALL = time.perf_counter
"""The clock on the wall, also where stages are timed by processor time."""
ROOM_S = 60.0
"""Length of the empty room: what is only done once must not count for much."""


@dataclass
class Course:
    """One film and what it cost each contender, processor seconds per second of it."""

    name: str
    path: Path
    seconds: float
    costs: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    stages: defaultdict[str, defaultdict[str, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def time(self, contender: str, work: Callable[[], object]) -> None:
        began = time.process_time()
        work()
        self.costs[contender].append((time.process_time() - began) / self.seconds)


def main(words: list[str]) -> None:
    """Run all contenders over all films and print the tables."""
    told = _told(words)
    os.environ["CROSSID_THREADS"] = "1"
    cv2.setNumThreads(1)
    stopwatch.time.perf_counter = time.process_time  # type: ignore[attr-defined] -- stages by processor time
    courses = [Course(name, path, _length(path, told.seconds)) for name, path in _films().items()]
    courses.append(Course("empty room 1080p30", staging.empty_room(ROOM_S), ROOM_S))
    parts = {speed: Parts.load(_settings(speed)) for speed in SPEEDS}
    for _ in range(told.rounds):
        for course in courses:
            _decode(course)
            for speed in SPEEDS:
                _watch(course, speed, parts[speed])
    looks = _rivals() if told.rounds and not told.without_rivals else {}
    for course in courses if told.rounds else ():
        for name, look in looks.items():
            _rival(course, name, look)
        _print(course)
    if told.scan:
        _scans(told.scan)
    print(data.machine())


def _told(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks speed")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scan", type=float, default=0.0, metavar="MINUTES")
    parser.add_argument("--without-rivals", action="store_true")
    return parser.parse_args(words)


def _films() -> dict[str, Path]:
    """Name -> film: people who come and go, real footage, and 1080p with key pictures every 60 and every 250."""
    close, far = (staging.with_key_distance(distance, height=1080, rate=30) for distance in (60, 250))
    return {
        "staged 540p25": data.folder() / "footage" / "staged-dev" / "staged-000.mp4",
        "real 720p, a speech": data.folder() / "footage" / "real" / "mrwhite_trump.mp4",
        "real 1080p, a crowd": data.folder() / "footage" / "real" / "timesler_video.mp4",
        "staged 1080p30, key pictures every 60": close / "staged-001.mp4",
        "staged 1080p30, key pictures every 250": far / "staged-001.mp4",
    }


def _length(path: Path, at_most: float) -> float:
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        return min(at_most, float(stream.duration * stream.time_base))


def _decode(course: Course) -> None:
    course.time("decode all", lambda: _decoded(course, "DEFAULT"))
    course.time("decode key pictures", lambda: _decoded(course, "NONKEY"))


def _decoded(course: Course, skip: str) -> None:
    with av.open(str(course.path)) as film:
        stream = film.streams.video[0]
        stream.codec_context.skip_frame = skip
        stream.codec_context.thread_count = 1
        for packet in film.demux(stream):
            if skip == "NONKEY" and not packet.is_keyframe:
                continue
            for frame in packet.decode():
                if frame.time is not None and frame.time >= course.seconds:
                    return


def _watch(course: Course, speed: str, parts: Parts) -> None:
    settings = _settings(speed)
    span = _span(course, settings)
    began = time.process_time()
    seen = watch(span, settings, parts, lambda *_: None)
    course.costs[speed].append((time.process_time() - began) / course.seconds)
    for stage, seconds in seen.seconds.items():
        course.stages[speed][stage].append(seconds / course.seconds)


def _settings(speed: str) -> Settings:
    return load(given={"speed": speed, "footage.span_s": 1e6}, environment={})


def _span(course: Course, settings: Settings) -> Span:
    found = FoundFile(path=course.path, name=course.path.name, size_bytes=course.path.stat().st_size, modified_ns=0)
    (span,) = footage.spans(footage.probe(found, "0" * 64, settings.footage), settings.footage)
    return replace(span, end_s=course.seconds)


def _rivals() -> dict[str, rivals.Look]:
    return {
        "face_recognition on every frame": rivals.face_recognition_loop(),
        "insightface on every frame": rivals.insightface_loop(),
        "three detectors, one frame a second": rivals.three_detectors_loop(),
    }


def _rival(course: Course, name: str, look: rivals.Look) -> None:
    """What its loop costs a second: frames as they come, or sought; its work on some of them stands for all."""
    pictures = [np.ascontiguousarray(frame) for frame in rivals.frames(course.path, FRAMES)]
    look(pictures[0])
    began = time.process_time()
    for picture in pictures:
        look(picture)
    per_frame = (time.process_time() - began) / len(pictures)
    if "a second" in name:
        began = time.process_time()
        rivals.sought(course.path, course.seconds)
        course.costs[name].append(per_frame + (time.process_time() - began) / course.seconds)
        return
    with av.open(str(course.path)) as film:
        rate = float(film.streams.video[0].average_rate)
    course.costs[name].append(per_frame * rate + statistics.median(course.costs["decode all"]))


def _print(course: Course) -> None:
    ceiling = statistics.median(course.costs["decode all"])
    keys = statistics.median(course.costs["decode key pictures"])
    print(f"\n{course.name}: {course.seconds:.0f} s")
    print("| contender | ms CPU per s of footage | x2 | % of decoding | % of key pictures |")
    print("|---|---|---|---|---|")
    for name, costs in course.costs.items():
        cost = statistics.median(costs)
        shares = f"{100 * ceiling / cost:.0f} | {100 * keys / cost:.0f}"
        print(f"| {name} | {1000 * cost:.0f} | {CORES / cost:.1f} | {shares} |")
    print("| seconds per hour of footage | " + " | ".join(next(iter(course.stages.values()))) + " |")
    for speed, stages in course.stages.items():
        row = [f"{3600 * statistics.median(costs):.0f}" for costs in stages.values()]
        print(f"| {speed} | " + " | ".join(row) + " |", flush=True)


def _scans(minutes: float) -> None:
    """The whole program on a long film in 1080p."""
    sources = sorted(staging.with_key_distance(60, height=1080, rate=30).glob("*.mp4"))
    with tempfile.TemporaryDirectory() as scratch:
        film = Path(scratch) / "film.mp4"
        seconds = memory.loop(sources, film, minutes * 60)
        for speed in ("quick", "balanced"):
            before, began = _used(), WALL()
            command = [sys.executable, "-m", "crossid", "scan", str(film), "--archive", str(Path(scratch) / speed)]
            peak = memory.peak([*command, "--json", "--speed", speed])
            took, cpu = WALL() - began, _used() - before
            row = {"seconds": round(seconds), "wall": round(seconds / took, 2), "x2": round(CORES * seconds / cpu, 2)}
            data.row(f"whole scan, {speed}", row | {"cpu_s": round(cpu), "peak_mb": round(peak / 2**20)})


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
