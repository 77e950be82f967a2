"""Each embedder alone, and several fused, on labelled photographs: PHOTOS/Person_Name/*.jpg with one face each.

    python -m benchmarks embedders [PHOTOS] [--models crossid.toml] [--fused NAME,NAME …] [--without TRUTH.json]

Faces are found by the default detector. One half of the people (even first byte of the SHA-256 of the name) says
at which distance groups are cut, and the other half is reported: shares of pairs of one person that pass a
threshold which lets 1e-2, 1e-3 and 1e-4 of all pairs of two people pass, by cosine; B-cubed F of average
linkage at that distance; time of a face with its alignment. `--fused` needs an ensemble's calibration: fit
it with `crossid calibrate --install`, whose fit is on the same half. `--without` leaves out all who are shown there.
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
from crossid.people.fitting import is_fitted
from crossid.pipeline.labelled import shown_in
from crossid.types import Crop, Decision, Frame, Moment

RATES = (1e-2, 1e-3, 1e-4)
CUTS = 100


def main(words: list[str]) -> None:
    """One line per embedder."""
    own = [model for model in data.own_models(words) if isinstance(model, OwnEmbedder)]
    photos = Path(words[0]) if words and not words[0].startswith("--") else data.folder() / "lfw-dev"
    crops, names = _centred(
        photos, shown_in([Path(words[words.index("--without") + 1])] if "--without" in words else [])
    )
    fitted = np.array([is_fitted(name) for name in names])
    people = np.unique(names, return_inverse=True)[1]
    print(f"{len(crops)} faces of {people.max() + 1} people, {(~fitted).sum()} of {len(set(names[~fitted]))} reported")
    settings = EmbeddingSettings(models=tuple(own))
    together = words[words.index("--fused") + 1 :] if "--fused" in words else []
    fusions = [tuple(word.split(",")) for word in together if "," in word]
    for chosen in [*((name,) for name in [*EMBEDDERS.names(), *(model.name for model in own)]), *fusions]:
        try:
            (part,) = embeddings.embedders(replace(settings, embedders=chosen))
        except ModelError as error:
            print(f"{'+'.join(chosen)}: not measured ({error})")
            continue
        began = time.process_time()
        vectors = part.embed(crops)
        took = time.process_time() - began
        figures = _judge(vectors[fitted], people[fitted], vectors[~fitted], people[~fitted])
        data.row("+".join(chosen), figures | {"ms_per_face": round(1000 * took / len(crops), 1)})
    print(data.machine())


def _centred(photos: Path, left_out: set[str]) -> tuple[list[Crop], np.ndarray]:
    """The face in the middle of each photograph, and the name of the person it is of."""
    settings = FaceSettings()
    detector = faces.detector(settings)
    crops: list[Crop] = []
    names: list[str] = []
    for folder in sorted(place for place in photos.iterdir() if place.is_dir() and place.name not in left_out):
        found = [_of(photo, detector, settings) for photo in sorted(folder.glob("*.jpg"))]
        crops += [crop for crop in found if crop is not None]
        names += [folder.name] * (len(crops) - len(names))
    return crops, np.array(names)


def _of(photo: Path, detector: faces.Detector, settings: FaceSettings) -> Crop | None:
    image = np.asarray(Pictures.open(photo).convert("RGB"))
    moment = Moment(video=photo.name, pts=0, time_base=Fraction(1))
    decision = Decision(moment=moment, number=0, reason="first", motion=0, brightness=0.5)
    (crops,) = faces.find([Frame(decision=decision, image=image)], detector, settings)
    middle = len(image) / 2
    near = [crop for crop in crops if np.abs(np.subtract(crop.face.box.centre, middle)).max() < middle / 4]
    return near[0] if near else None


def _judge(fit: np.ndarray, fit_people: np.ndarray, vectors: np.ndarray, people: np.ndarray) -> dict[str, object]:
    one, other = np.triu_indices(len(people), 1)
    cosines = (vectors @ vectors.T)[one, other]
    same = people[one] == people[other]
    strangers = np.sort(cosines[~same])[::-1]
    rates = {f"tar@{rate:.0e}": float((cosines[same] > strangers[int(rate * len(strangers))]).mean()) for rate in RATES}
    tree = _tree(fit)
    cut = max(_cuts(tree[:, 2]), key=lambda height: _bcubed(fcluster(tree, height, "distance"), fit_people))
    return rates | {"bcubed_f": _bcubed(fcluster(_tree(vectors), cut, "distance"), people)}


def _tree(vectors: np.ndarray) -> np.ndarray:
    return linkage(np.maximum(1 - (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)], 0), "average")


def _cuts(heights: np.ndarray) -> Sequence[float]:
    return list(np.quantile(heights, np.linspace(0.3, 1, CUTS)))


def _bcubed(labels: np.ndarray, people: np.ndarray) -> float:
    """Amigó et al. 2009."""
    table = np.zeros((labels.max() + 1, people.max() + 1))
    np.add.at(table, (labels, people), 1)
    sizes, due = table.sum(axis=1, keepdims=True), table.sum(axis=0, keepdims=True)
    precision = (table**2 / np.maximum(sizes, 1)).sum() / len(people)
    recall = (table**2 / np.maximum(due, 1)).sum() / len(people)
    return float(2 * precision * recall / (precision + recall))
