"""Each detector alone, and several fused, on frames of staged footage whose truth is known.

    python -m benchmarks detectors [FOLDER] [--models crossid.toml] [--fit]

Two frames a second, default settings. `showings`: share of showings in which a face was found in at
least one frame; `faces`: share of faces found, each frame counted; `stray`: faces where the truth has
none (bystanders in the photographs, and false ones). `--fit` prints scales of scores for
`crossid/faces/scores.py` instead; never fit on footage that is reported.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks import data
from crossid import faces
from crossid.errors import ModelError
from crossid.faces import DETECTORS, Detector, FaceSettings
from crossid.faces.cutting import SMALLEST_SHARE
from crossid.faces.ensemble import MODES, SAME_FACE
from crossid.faces.scores import Scale
from crossid.geometry import iou
from crossid.inference.own_models import OwnDetector
from crossid.types import Box, Decision, Detection, Frame, Moment

EVERY_S = 0.5
SLACK_S = 0.01
# For a fit: from which score of its own a detector is looked at, from which it is sure, and how many sure ones count.
FIT_FLOOR = 0.1
SURE = {"mtcnn": 0.9, "yunet": 0.7, "retinaface": 0.8}
SURE_OTHERWISE = 0.5
VOTES = 2


@dataclass
class Shown:
    """A face that is due in a frame: which showing, its box, and whether it is too dark to ask for."""

    showing: tuple[str, str, float]
    box: tuple[float, ...]
    dark: bool


def main(words: list[str]) -> None:
    """One line per detector, then one per ensemble and mode."""
    own = [model for model in data.own_models(words) if isinstance(model, OwnDetector)]
    place = Path(words[0]) if words and not words[0].startswith("--") else data.folder() / "footage" / "staged-dev"
    base = FaceSettings(models=tuple(own))
    names = [name for name in [*DETECTORS.names(), *(model.name for model in own)] if _is_here(name, base)]
    if "--fit" in words:
        _fit(place, names, base)
        return
    for name in names:
        data.row(name, _measure(place, replace(base, detectors=(name,))))
    for members in _ensembles(names):
        for mode in MODES:
            data.row(f"{' + '.join(members)}, {mode}", _measure(place, replace(base, detectors=members, mode=mode)))
    print(data.machine())


def _is_here(name: str, settings: FaceSettings) -> bool:
    try:
        faces.detector(replace(settings, detectors=(name,)))
    except ModelError as error:
        print(f"{name}: not measured ({error})")
        return False
    return True


def _ensembles(names: list[str]) -> list[tuple[str, ...]]:
    """The pack's three kinds with the first SCRFD that is here, and all of them with YuNet."""
    scrfd = [name for name in names if name.startswith("scrfd")][:1]
    three = tuple(name for name in ("mtcnn", "retinaface", *scrfd) if name in names)
    return [members for members in (three, (*three, "yunet")) if set(members) <= set(names) and len(members) > 2]


def _frames(place: Path) -> Iterator[tuple[Frame, list[Shown]]]:
    truth = json.loads((place / "truth.json").read_text(encoding="utf-8"))["videos"]
    for name, entry in truth.items():
        due_s = 0.0
        with av.open(str(place / name)) as film:
            for number, picture in enumerate(film.decode(film.streams.video[0])):
                if picture.time < due_s:
                    continue
                due_s += EVERY_S
                moment = Moment(video=name, pts=picture.pts, time_base=Fraction(picture.time_base))
                decision = Decision(moment=moment, number=number, reason="check", motion=0, brightness=0.5)
                yield (
                    Frame(decision=decision, image=picture.to_ndarray(format="rgb24")),
                    _due(name, entry, picture.time),
                )


def _due(name: str, entry: dict, when: float) -> list[Shown]:
    return [
        Shown(
            (name, shown["identity"], shown["start_s"]),
            tuple(min(shown["boxes"], key=lambda box: abs(box[0] - when))[1:]),
            shown["dark"],
        )
        for shown in entry["shown"]
        if shown["start_s"] - SLACK_S <= when <= shown["end_s"] + SLACK_S
    ]


def _is_it(shown: Shown, box: Box) -> bool:
    """As score_archive.py: the middle of the face lies in the showing's box, half as large again."""
    left, top, right, bottom = shown.box
    x, y = box.centre
    across, down = (right - left) / 4, (bottom - top) / 4
    return left - across <= x <= right + across and top - down <= y <= bottom + down


def _measure(place: Path, settings: FaceSettings) -> dict[str, object]:
    part = faces.detector(settings)
    seen: dict[tuple[str, str, float], bool] = {}
    due = found = stray = count = 0
    spent = 0.0
    for frame, shown in _frames(place):
        began = time.process_time()
        (crops,) = faces.find([frame], part, settings)
        spent += time.process_time() - began
        count += 1
        for face in (face for face in shown if not face.dark):
            hit = any(_is_it(face, crop.face.box) for crop in crops)
            seen[face.showing] = seen.get(face.showing, False) or hit
            due, found = due + 1, found + hit
        stray += sum(not any(_is_it(face, crop.face.box) for face in shown) for crop in crops)
    return {
        "showings": sum(seen.values()) / len(seen),
        "faces": found / due,
        "stray": stray,
        "ms_per_frame": round(1000 * spent / count, 1),
    }


def _fit(place: Path, names: list[str], settings: FaceSettings) -> None:
    """Platt's scaling: a detection is a face if the truth has it, or if two other detectors are sure of it."""
    parts = {name: _as_it_is(faces.detector(replace(settings, detectors=(name,)))) for name in names}
    scores: dict[str, list[float]] = {name: [] for name in names}
    right: dict[str, list[bool]] = {name: [] for name in names}
    for frame, shown in _frames(place):
        found = {name: part.detect([frame.image])[0] for name, part in parts.items()}
        for name in names:
            others = [seen for other, seen in found.items() if other != name]
            for each in found[name]:
                if min(each.box.width, each.box.height) < SMALLEST_SHARE * settings.min_face_px:
                    continue
                votes = sum(_is_seen(each, seen) for seen in others)
                scores[name].append(each.score)
                right[name].append(any(_is_it(face, each.box) for face in shown) or votes >= VOTES)
    for name in names:
        sure = np.clip(scores[name], 1e-6, 1 - 1e-6)
        model = LogisticRegression(C=1e4).fit(np.log(sure / (1 - sure))[:, None], right[name])
        data.row(name, {"slope": float(model.coef_[0, 0]), "bias": float(model.intercept_[0]), "of": len(sure)})


def _as_it_is(part: Detector) -> Detector:
    """A detector that tells its network's own scores, down to 0.1."""
    if hasattr(part, "scale"):
        part.scale = _Plain(1.0, 0.0)
    return part


class _Plain(Scale):
    @property
    def floor(self) -> float:
        return FIT_FLOOR


def _is_seen(detection: Detection, others: list[Detection]) -> bool:
    """Whether another detector is sure of the same face."""
    sure = [each for each in others if each.score >= SURE.get(each.seen_by[0], SURE_OTHERWISE)]
    return bool(sure) and bool((iou(_rows([detection]), _rows(sure)) > SAME_FACE).any())


def _rows(found: list[Detection]) -> np.ndarray:
    return np.array([[each.box.left, each.box.top, each.box.right, each.box.bottom] for each in found])
