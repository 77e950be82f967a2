"""Hard cuts found in staged footage, beside PySceneDetect's detectors on the same small pictures.

python -m benchmarks shots [FOLDER]
"""

import json
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from benchmarks import data
from crossid import footage
from crossid.footage import FootageSettings
from crossid.frames import FrameSettings
from crossid.frames.shots import ShotDetector

NEAR_S = 0.1


def main(words: list[str]) -> None:
    """Recall, false cuts and time of each detector."""
    place = Path(words[0]) if words else data.folder() / "footage" / "staged-dev"
    truth = json.loads((place / "truth.json").read_text(encoding="utf-8"))["videos"]
    films = {name: _pictures(place / name) for name in truth}
    for name, find in {
        "crossid": _ours,
        "pyscenedetect content": _content,
        "pyscenedetect adaptive": _adaptive,
    }.items():
        began = time.perf_counter()
        found = {film: find(pictures) for film, pictures in films.items()}
        took = time.perf_counter() - began
        data.row(name, _judge(truth, found) | {"ms_per_picture": round(1000 * took / sum(map(len, films.values())), 3)})


def _pictures(path: Path) -> list[tuple[float, np.ndarray]]:
    (found,) = footage.discover([path]).files
    settings = FootageSettings(span_s=1e9)
    video = footage.probe(found, footage.identify(path), settings)
    return [(p.moment.seconds, p.luma) for span in footage.spans(video, settings) for p in footage.read(span, settings)]


def _judge(truth: dict, found: dict[str, list[float]]) -> dict[str, object]:
    due = hit = false = 0
    for name, entry in truth.items():
        step = 1 / entry["fps"]
        starts = {shown["start_s"] for shown in entry["shown"]} | {shown["end_s"] + step for shown in entry["shown"]}
        edges = sorted(edge for edge in starts if step < edge < entry["seconds"] - step)
        edges = [edge for place, edge in enumerate(edges) if not place or edge - edges[place - 1] > NEAR_S]
        due += len(edges)
        hit += sum(any(abs(cut - edge) <= NEAR_S for cut in found[name]) for edge in edges)
        false += sum(not any(abs(cut - edge) <= NEAR_S for edge in edges) for cut in found[name])
    return {"cuts": due, "found": hit, "too_many": false}


def _ours(pictures: list[tuple[float, np.ndarray]]) -> list[float]:
    detector = ShotDetector(FrameSettings().cut_threshold)
    return [when for when, luma in pictures if detector.begins(luma)]


def _content(pictures: list[tuple[float, np.ndarray]]) -> list[float]:
    from scenedetect.detectors import ContentDetector

    return _theirs(pictures, lambda: ContentDetector(min_scene_len=1, luma_only=True))


def _adaptive(pictures: list[tuple[float, np.ndarray]]) -> list[float]:
    from scenedetect.detectors import AdaptiveDetector

    return _theirs(pictures, lambda: AdaptiveDetector(min_scene_len=1, luma_only=True))


def _theirs(pictures: list[tuple[float, np.ndarray]], make: Callable) -> list[float]:
    from scenedetect import FrameTimecode

    detector, rate, cuts = make(), Fraction(25), []
    for number, (_, luma) in enumerate(pictures):
        cuts += detector.process_frame(FrameTimecode(number, rate), cv2.cvtColor(luma, cv2.COLOR_GRAY2BGR))
    cuts += detector.post_process(FrameTimecode(len(pictures) - 1, rate))
    return [pictures[min(cut.frame_num, len(pictures) - 1)][0] for cut in cuts]
