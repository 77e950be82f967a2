"""Calibrates an embedder on labelled photographs: one half of the people is fitted on, the other reported on."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from crossid import __version__, embeddings, faces
from crossid.embeddings.ensemble import space_of
from crossid.errors import FootageError, SettingsError
from crossid.exports.reliability_diagram import write_diagram
from crossid.inference.calibration_files import fused_members, installed
from crossid.people.fitting import Sample, fit, is_fitted
from crossid.people.fusion import fused, shares
from crossid.people.reliability import reliability
from crossid.pipeline.device import settle
from crossid.pipeline.labelled import VERSIONS, Album, Tally, albums, crops_of
from crossid.pipeline.licences import check_weights
from crossid.pipeline.names import check_names
from crossid.pipeline.reading import Readers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from numpy.typing import NDArray

    from crossid.embeddings import Embedder
    from crossid.people.calibration import Calibration
    from crossid.people.reliability import Reliability
    from crossid.settings import Settings
    from crossid.types import Crop, Space

    Tell = Callable[[int, int], None]

MIN_PEOPLE = 8
"""People with two photographs or more that each half needs at least; many more make figures that mean something."""
SEED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """A calibration, how well it held on others, and what became of the photographs."""

    space: Space
    calibration: Calibration
    fitted_people: int
    fitted_pictures: int
    held: Reliability
    photos: Tally
    table: dict[str, Any]


def calibrate(photos: Path, settings: Settings, *, left_out: Collection[str] = (), tell: Tell) -> Calibrated:
    """Calibrate the embedder that the settings name; of several, each of them and their ensemble.

    Args:
        photos: A folder with a folder of photographs for each person.
        settings: The detector and the embedder.
        left_out: Names of people who are in neither half.
        tell: Told how many of how many photographs were looked at.

    Raises:
        FootageError: too few people with two photographs or more in which their face is found.
        ModelError: weights are missing or damaged.
    """
    check_names(settings)
    check_weights(settings)
    people = albums(photos, left_out)
    _enough([one.name for one in people if len(one.photos) > 1], f"in {photos}")
    settle(settings, lambda _note: None)
    parts = embeddings.members(settings.embeddings)
    with Readers(settings) as readers:
        samples, tally = _Reader(settings, parts, tell, readers).read(people)
    halves = [_halves(sample) for sample in samples]
    if len(parts) == 1:
        return _calibrated(parts[0].space, *halves[0], tally, {})
    return _ensemble([part.space for part in parts], halves, tally)


def write(made: Calibrated, out: Path) -> Path:
    """Write a calibration to a file, and its reliability diagram beside it; returns where the diagram lies.

    Raises:
        SettingsError: they cannot be written.
    """
    diagram = out.with_suffix(".svg")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(made.table, indent=2) + "\n", encoding="utf-8")
        write_diagram(made.space.name, [asdict(each) for each in made.held.bins], made.held.calibration_error, diagram)
    except OSError as error:
        raise SettingsError(
            f"{error.filename or out} cannot be written: {error.strerror}.", remedy="Name another file with --out."
        ) from None
    return diagram


def install_place(made: Calibrated) -> Path:
    """Where a scan finds the calibration by itself."""
    return installed(made.space)


class _Reader:
    """Finds and describes the faces of photographs, person by person: no more pixels are held than one person's."""

    def __init__(self, settings: Settings, parts: Sequence[Embedder], tell: Tell, readers: Readers) -> None:
        self._settings, self._parts, self._tell, self._readers = settings, parts, tell, readers
        self._detector = faces.detector(settings.faces)
        self._random = np.random.default_rng(SEED)
        self._tally = Tally()
        self._rows: list[tuple[str, str, float]] = []
        self._vectors: list[list[NDArray[np.float32]]] = [[] for _ in parts]

    def read(self, people: Sequence[Album]) -> tuple[list[Sample], Tally]:
        """One sample for each part, of the same faces, those who are fitted first."""
        total, done = sum(len(one.photos) for one in people), 0
        for one in sorted(people, key=lambda album: not is_fitted(album.name)):
            self._tell(done, total)
            found = crops_of(one, self._detector, self._settings, self._random, self._tally, readers=self._readers)
            self._take(one, found)
            done += len(one.photos)
        self._tell(done, total)
        if not self._rows:
            raise FootageError(
                f"No face was found in {done} photographs.",
                remedy="Each photograph should show one person, in the middle or alone, at least 40 px wide.",
            )
        names, photos, qualities = zip(*self._rows, strict=True)
        columns = {"names": np.array(names), "photos": np.array(photos), "qualities": np.array(qualities)}
        return [Sample(vectors=np.concatenate(vectors), **columns) for vectors in self._vectors], self._tally

    def _take(self, album: Album, found: Sequence[tuple[str, Crop]]) -> None:
        crops = [crop for _, crop in found]
        self._rows += [(album.name, photo, crop.face.quality) for photo, crop in found]
        for part, vectors in zip(self._parts, self._vectors, strict=True):
            vectors.append(part.embed(crops))


def _ensemble(spaces: Sequence[Space], halves: Sequence[tuple[Sample, Sample]], tally: Tally) -> Calibrated:
    """Each member's calibration, what it counts, and then the calibration of what they say together."""
    alone = [_calibrated(space, *half, tally, {}) for space, half in zip(spaces, halves, strict=True)]
    counts = shares([fitted for fitted, _ in halves], [space.name for space in spaces])
    scales = [round(share.scale, 4) for share in counts]
    members = [
        {**made.table, "scale": scale, "weight": round(share.weight, 4), "slope": round(share.slope, 4)}
        for made, scale, share in zip(alone, scales, counts, strict=True)
    ]
    space = space_of(fused_members({"members": members}, "this calibration"))
    fitted, other = (fused(half, scales) for half in zip(*halves, strict=True))
    return _calibrated(space, fitted, other, tally, {"members": members})


def _calibrated(space: Space, fitted: Sample, other: Sample, tally: Tally, also: dict[str, Any]) -> Calibrated:
    calibration = fit(fitted)
    held = reliability(calibration, other)
    people = len(np.unique(fitted.names))
    table = {
        "space": space.name,
        "dimensions": space.dimensions,
        "fingerprint": space.fingerprint,
        "calibration": {key: round(value, 4) for key, value in asdict(calibration).items()},
        **also,
        "strangers": {
            "pairs": held.strangers,
            "reaching": {f"{bar:.1f}": count for bar, count in held.reaching.items()},
        },
        "provenance": _provenance(people, len(fitted.names), held, tally),
    }
    return Calibrated(
        space=space,
        calibration=calibration,
        fitted_people=people,
        fitted_pictures=len(fitted.names),
        held=held,
        photos=tally,
        table=table,
    )


def _provenance(people: int, pictures: int, held: Reliability, tally: Tally) -> dict[str, Any]:
    return {
        "made": f"{datetime.now(UTC):%Y-%m-%d}",
        "crossid": __version__,
        "photographs": asdict(tally),
        "versions_of_each": f"{VERSIONS}: as it is, and degraded in size, blur, light, noise, compression",
        "fitted_on": {"people": people, "pictures": pictures, "who": "even first byte of the name's SHA-256"},
        "reported_on": {"people": held.people, "pictures": held.pictures, "who": "odd first byte"},
        "true_accepts_at_false_accepts": {f"{rate:.0e}": round(share, 4) for rate, share in held.true_accepts.items()},
        "cllr_bits": round(held.cost, 4),
        "expected_calibration_error_of_membership": round(held.calibration_error, 4),
        "reliability": [asdict(each) for each in held.bins],
    }


def _halves(sample: Sample) -> tuple[Sample, Sample]:
    """Those who are fitted and the others; of both enough with two photographs in which their face was found."""
    names, number = np.unique(sample.names, return_inverse=True)
    photos = {who: set[str]() for who in names.tolist()}
    for who, photo in zip(sample.names.tolist(), sample.photos.tolist(), strict=True):
        photos[who].add(photo)
    _enough([who for who, seen in photos.items() if len(seen) > 1], "in whose photographs their face was found")
    mine = np.array([is_fitted(who) for who in names.tolist()])[number]
    return sample.rows(np.flatnonzero(mine)), sample.rows(np.flatnonzero(~mine))


def _enough(names: Collection[str], where: str) -> None:
    """Refuse if one of the halves has too few people with two photographs and more."""
    fitted = sum(map(is_fitted, names))
    if min(fitted, len(names) - fitted) >= MIN_PEOPLE:
        return
    raise FootageError(
        f"There are {len(names)} people with two photographs or more {where}: {fitted} to fit on and "
        f"{len(names) - fitted} to report on, and {MIN_PEOPLE} of each are needed.",
        remedy="Add people, each with two photographs or more: some 100 people make a calibration that can be trusted.",
    )
