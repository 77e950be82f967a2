"""Calibrate a space on labelled photographs: PHOTOS/Person_Name/*.jpg, each with one centred face.

    python -m benchmarks calibrate PHOTOS [EMBEDDER] [--without TRUTH.json …]

Fitted on the people whose name's sha256 begins with an even byte, reported on the others; people of a
truth file named by `--without` are in neither half. Each photograph is taken three times: as it is,
and twice degraded as footage is (size, blur, light, noise, compression). Prints the JSON that belongs
in `crossid/people/calibrations`.
"""

import hashlib
import json
import math
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from sklearn.linear_model import LogisticRegression

from crossid import embeddings, faces
from crossid.people.calibration import Calibration
from crossid.settings import Settings
from crossid.types import Crop, Decision, Frame, Moment

PRIOR = 0.01
PIVOT = 0.9
VERSIONS = 3


@dataclass
class Sample:
    """Described photographs: names and photo ids (N,), vectors (N, D), qualities (N,)."""

    names: np.ndarray
    photos: np.ndarray
    vectors: np.ndarray
    qualities: np.ndarray

    def evidence(self, calibration: Calibration) -> np.ndarray:
        poorer = np.minimum(self.qualities[:, None], self.qualities[None, :])
        return calibration.evidence(self.vectors @ self.vectors.T, poorer)


def main(words: list[str]) -> None:
    """Fit on one half of the people, report on the other."""
    cut = words.index("--without") if "--without" in words else len(words)
    photos, *embedder = words[:cut]
    settings = Settings()
    if embedder:
        settings = replace(settings, embeddings=replace(settings.embeddings, embedders=(embedder[0],)))
    left_out = {shown["identity"] for truth in words[cut + 1 :] for shown in _shown(Path(truth))}
    halves = _describe(Path(photos), settings, left_out)
    calibration = _with_membership(_fit(halves[0]), halves[0])
    _report(calibration, halves[1])
    print(
        json.dumps(
            {"calibration": {key: round(getattr(calibration, key), 4) for key in Calibration.__slots__}}, indent=2
        )
    )


def _shown(truth: Path) -> list[dict]:
    videos = json.loads(truth.read_text(encoding="utf-8"))["videos"].values()
    return [shown for video in videos for shown in video["shown"]]


def _describe(photos: Path, settings: Settings, left_out: set[str]) -> list[Sample]:
    detector, (embedder, *_) = faces.detector(settings.faces), embeddings.embedders(settings.embeddings)
    random = np.random.default_rng(5)
    people = [place for place in sorted(photos.iterdir()) if place.is_dir() and place.name not in left_out]
    samples = []
    for half in (0, 1):
        mine = [who for who in people if hashlib.sha256(who.name.encode()).digest()[0] % 2 == half]
        rows = [
            (who.name, photo.name, crop)
            for who in mine
            for photo in sorted(who.glob("*.jpg"))
            for crop in _versions(photo, detector, settings, random)
        ]
        names, origins, crops = zip(*rows, strict=True)
        qualities = np.array([crop.face.quality for crop in crops])
        samples.append(Sample(np.array(names), np.array(origins), embedder.embed(crops), qualities))
        print(f"{'fitted' if half == 0 else 'reported'} on {len(mine)} people, {len(rows)} pictures")
    return samples


def _versions(photo: Path, detector: faces.Detector, settings: Settings, random: np.random.Generator) -> list[Crop]:
    """The centred face of a photograph, as it is and degraded; none where it is no longer found."""
    picture = cv2.imread(str(photo))
    found = []
    for version in range(VERSIONS):
        image = cv2.cvtColor(_degrade(picture, random) if version else picture, cv2.COLOR_BGR2RGB)
        moment = Moment(video=f"{photo.name}-{version}", pts=0, time_base=Fraction(1, 1000))
        decision = Decision(moment=moment, number=0, reason="first", motion=0, brightness=0)
        middle = image.shape[0] / 2
        (crops,) = faces.find([Frame(decision=decision, image=image)], detector, settings.faces)
        near = [crop for crop in crops if max(abs(at - middle) for at in crop.face.box.centre) < middle / 4]
        found += sorted(near, key=lambda crop: -crop.face.score)[:1]
    return found


def _degrade(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    scale = math.exp(random.uniform(math.log(0.42), math.log(1.3)))
    picture = cv2.resize(
        picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    blur = random.choice([0, 0, 0.8, 1.3, 2.2])
    picture = cv2.GaussianBlur(picture, (0, 0), blur) if blur else picture
    light = random.choice([1, 1, 0.8, 0.5, 0.3]) * random.uniform(0.9, 1.1)
    noise = random.normal(0, random.choice([0, 2, 6]), picture.shape)
    picture = np.clip(picture.astype(np.float32) * light + noise, 0, 255).astype(np.uint8)
    packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(random.choice([25, 50, 75, 90]))])[1]
    return cv2.imdecode(packed, cv2.IMREAD_COLOR)


def _pairs(sample: Sample) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cosine, poorer quality and "same person" of all pairs of different photographs."""
    upper = np.triu_indices(len(sample.names), 1)
    other = (sample.photos[:, None] != sample.photos[None, :])[upper]
    poorer = np.minimum(sample.qualities[:, None], sample.qualities[None, :])
    same = sample.names[:, None] == sample.names[None, :]
    return (sample.vectors @ sample.vectors.T)[upper][other], poorer[upper][other], same[upper][other]


def _fit(sample: Sample) -> Calibration:
    cosines, poorer, same = _pairs(sample)
    weights = np.where(same, PRIOR / same.mean(), (1 - PRIOR) / (1 - same.mean()))
    over = 10 * (cosines - PIVOT)
    model = LogisticRegression(C=1e4, max_iter=1000)
    model.fit(np.c_[over, over * poorer**2, poorer], same, sample_weight=weights)
    gain, gain_quality, quality = model.coef_[0]
    bias = model.intercept_[0] - math.log(PRIOR / (1 - PRIOR))
    return Calibration(
        pivot=PIVOT,
        cosine=10 * gain,
        cosine_quality=10 * gain_quality,
        quality=quality,
        bias=bias,
        member_slope=1,
        member_bias=0,
    )


def _with_membership(calibration: Calibration, sample: Sample) -> Calibration:
    mean, right = _memberships(calibration, sample)
    model = LogisticRegression(C=1e4).fit(mean[:, None], right)
    return replace(calibration, member_slope=float(model.coef_[0, 0]), member_bias=float(model.intercept_[0]))


def _memberships(calibration: Calibration, sample: Sample) -> tuple[np.ndarray, np.ndarray]:
    """Mean evidence of each picture with its own person's other photographs, and with the likest other person's."""
    evidence = sample.evidence(calibration)
    people, inverse = np.unique(sample.names, return_inverse=True)
    member = np.eye(len(people))[inverse]
    others = sample.photos[:, None] != sample.photos[None, :]
    own = (inverse[:, None] == inverse[None, :]) & others
    means = evidence @ member / member.sum(axis=0)
    means[np.arange(len(means)), inverse] = -np.inf
    lonely = own.sum(axis=1) == 0
    ours = np.where(own, evidence, 0).sum(axis=1)[~lonely] / own.sum(axis=1)[~lonely]
    return np.r_[ours, means.max(axis=1)[~lonely]], np.r_[np.ones(len(ours)), np.zeros(len(ours))]


def _report(calibration: Calibration, sample: Sample) -> None:
    cosines, poorer, same = _pairs(sample)
    evidence = calibration.evidence(cosines, poorer)
    false = np.sort(evidence[~same])[::-1]
    rates = {far: round(float((evidence[same] > false[int(far * len(false))]).mean()), 4) for far in (1e-2, 1e-3, 1e-4)}
    print("true accepts at false accepts, degraded pictures included:", rates)
    mean, right = _memberships(calibration, sample)
    chance = np.array([calibration.membership(value) for value in mean])
    bins = np.minimum((chance * 10).astype(int), 9)
    gaps = [
        abs(chance[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean()
        for b in range(10)
        if (bins == b).any()
    ]
    print("expected calibration error of membership:", round(float(sum(gaps)), 4))
