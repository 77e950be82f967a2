"""Each embedder alone on labelled photographs, PHOTOS/Person_Name/*.jpg with one centred face each.

    python -m benchmarks embedders [PHOTOS] [--models crossid.toml]

Faces are found by the default detector. Shares of pairs of one person that pass a threshold which lets
1e-2, 1e-3 and 1e-4 of all pairs of two people pass, by cosine; B-cubed F of average linkage at the
distance that is best for it, which no embedder can know beforehand; time of a face with its alignment.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image as Pictures
from scipy.cluster.hierarchy import fcluster, linkage

from benchmarks import data
from crossid import embeddings, faces
from crossid.embeddings import EMBEDDERS, EmbeddingSettings
from crossid.errors import ModelError
from crossid.faces import FaceSettings
from crossid.inference.own_models import OwnEmbedder
from crossid.types import Crop, Decision, Frame, Moment

RATES = (1e-2, 1e-3, 1e-4)
CUTS = 100


def main(words: list[str]) -> None:
    """One line per embedder."""
    own = [model for model in data.own_models(words) if isinstance(model, OwnEmbedder)]
    photos = Path(words[0]) if words and not words[0].startswith("--") else data.folder() / "lfw-dev"
    crops, people = _centred(photos)
    print(f"{len(crops)} faces of {people.max() + 1} people")
    settings = EmbeddingSettings(models=tuple(own))
    for name in [*EMBEDDERS.names(), *(model.name for model in own)]:
        try:
            (part,) = embeddings.embedders(replace(settings, embedders=(name,)))
        except ModelError as error:
            print(f"{name}: not measured ({error})")
            continue
        began = time.process_time()
        vectors = part.embed(crops)
        took = time.process_time() - began
        data.row(name, _judge(vectors, people) | {"ms_per_face": round(1000 * took / len(crops), 1)})
    print(data.machine())


def _centred(photos: Path) -> tuple[list[Crop], np.ndarray]:
    """The face in the middle of each photograph, and the number of the person it is of."""
    settings = FaceSettings()
    detector = faces.detector(settings)
    crops: list[Crop] = []
    people: list[int] = []
    for number, folder in enumerate(sorted(place for place in photos.iterdir() if place.is_dir())):
        found = [_of(photo, detector, settings) for photo in sorted(folder.glob("*.jpg"))]
        crops += [crop for crop in found if crop is not None]
        people += [number] * (len(crops) - len(people))
    return crops, np.array(people)


def _of(photo: Path, detector: faces.Detector, settings: FaceSettings) -> Crop | None:
    image = np.asarray(Pictures.open(photo).convert("RGB"))
    moment = Moment(video=photo.name, pts=0, time_base=Fraction(1))
    decision = Decision(moment=moment, number=0, reason="first", motion=0, brightness=0.5)
    (crops,) = faces.find([Frame(decision=decision, image=image)], detector, settings)
    middle = len(image) / 2
    near = [crop for crop in crops if np.abs(np.subtract(crop.face.box.centre, middle)).max() < middle / 4]
    return near[0] if near else None


def _judge(vectors: np.ndarray, people: np.ndarray) -> dict[str, object]:
    one, other = np.triu_indices(len(people), 1)
    cosines = (vectors @ vectors.T)[one, other]
    same = people[one] == people[other]
    strangers = np.sort(cosines[~same])[::-1]
    rates = {f"tar@{rate:.0e}": float((cosines[same] > strangers[int(rate * len(strangers))]).mean()) for rate in RATES}
    return rates | {"bcubed_f": _bcubed(1 - cosines, people)}


def _bcubed(distances: np.ndarray, people: np.ndarray) -> float:
    """The best over all cuts of the tree; Amigó et al. 2009."""
    tree = linkage(np.maximum(distances, 0), "average")
    return max(_harmonic(fcluster(tree, cut, "distance"), people) for cut in _cuts(tree[:, 2]))


def _cuts(heights: np.ndarray) -> Sequence[float]:
    return list(np.quantile(heights, np.linspace(0.3, 1, CUTS)))


def _harmonic(labels: np.ndarray, people: np.ndarray) -> float:
    table = np.zeros((labels.max() + 1, people.max() + 1))
    np.add.at(table, (labels, people), 1)
    sizes, due = table.sum(axis=1, keepdims=True), table.sum(axis=0, keepdims=True)
    precision = (table**2 / np.maximum(sizes, 1)).sum() / len(people)
    recall = (table**2 / np.maximum(due, 1)).sum() / len(people)
    return float(2 * precision * recall / (precision + recall))
