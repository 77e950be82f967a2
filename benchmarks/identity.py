"""crossid's default beside other ways to cluster faces, on the same embeddings.

    python -m benchmarks identity [FITTED REPORTED …]

FITTED and REPORTED are folders of staged footage with `truth.json`, or of photographs PERSON/*.jpg (each a video of one
frame); without them, the data folder's photographs (people whose name's sha256 begins with an even byte against the
others). `generated:N` is N made-up appearances. Each rival's parameters are those with the best B-cubed F on FITTED;
*best possible* are those that would have been best on REPORTED itself. crossid is not fitted to either.
"""

import json
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks import data
from benchmarks.elsewhere import rivals, tried
from benchmarks.generator import generate
from benchmarks.staging import CACHE
from crossid.archive import ArchiveSettings, open_archive
from crossid.people import PeopleSettings, recognise
from crossid.people.fitting import Sample, fit, is_fitted
from crossid.people.scores import Scores, score
from crossid.people.showings import match
from crossid.people.truth import Shown, Truth, read_truth
from crossid.settings import Settings
from crossid.types import Gallery

CENTRED = (0.31, 0.27, 0.69, 0.75)
"""Left, top, right, bottom of the face in a photograph, as shares of its sides."""


@dataclass(frozen=True)
class Labelled:
    """Appearances, and showings: the row of each face in it, who it is, and in which video."""

    name: str
    gallery: Gallery
    showings: list[tuple[list[int], str, str]]

    def scored(self, labels: np.ndarray) -> Scores:
        people = [self._majority(labels, rows) for rows, _, _ in self.showings]
        return score(people, [who for _, who, _ in self.showings], [video for _, _, video in self.showings])

    def _majority(self, labels: np.ndarray, rows: list[int]) -> str | None:
        """Whom most faces of a showing are taken for; among equals, the face of the better quality."""
        named = Counter(row for row in rows if labels[row] >= 0)
        weights = [count + float(self.gallery.qualities[row]) / 2 for row, count in named.items()]
        return str(np.bincount(labels[list(named)], weights).argmax()) if named else None

    def half(self, *, fitted: bool) -> "Labelled":
        """The showings of half the people, with their appearances, and the strays of half the videos."""
        chosen = [one for one in self.showings if is_fitted(one[1]) == fitted]
        rows = sorted({row for kept, _, _ in chosen for row in kept})
        place = {row: at for at, row in enumerate(rows)}
        showings = [([place[row] for row in kept], who, video) for kept, who, video in chosen]
        return Labelled(f"{self.name} ({'fitted' if fitted else 'other'} people)", self.gallery.taken(rows), showings)


def main(words: list[str]) -> None:
    """Print a table of each pair of folders."""
    if words:
        pairs = [(_labelled(a), _labelled(b)) for a, b in zip(words[::2], words[1::2], strict=True)]
    else:
        photographs = _labelled(str(data.folder() / "lfw-dev"))
        pairs = [(photographs.half(fitted=True), photographs.half(fitted=False))]
    for fitted, reported in pairs:
        compare(fitted, reported)
    print(data.machine())


def compare(fitted: Labelled, reported: Labelled) -> None:
    """One table: crossid, then each rival as fitted, with its best possible beside it."""
    print(f"\n{reported.name}: {len(reported.showings)} showings; parameters chosen on {fitted.name}\n")
    print("| method | bcubed p / r / f | link p / f | mixed | parameters | best possible p / r / f |")
    print("|---|---|---|---|---|---|")
    print(_line("crossid, default", reported.scored(default(reported, fitted)), "none fitted", None), flush=True)
    ours, theirs = rivals(fitted.gallery.vectors), rivals(reported.gallery.vectors)
    for name, named in ours.items():
        _, parameters, chosen = max(
            (
                (fitted.scored(labels).bcubed_f, said, place)
                for place, (said, labels) in enumerate(tried(named, fitted.gallery.vectors))
            ),
            key=lambda one: one[0],
        )
        found = reported.scored(named[chosen][1](reported.gallery.vectors))
        best = max(
            (reported.scored(labels) for _, labels in tried(theirs[name], reported.gallery.vectors)),
            key=lambda one: one.bcubed_f,
        )
        print(_line(name, found, parameters, best), flush=True)


def default(reported: Labelled, fitted: Labelled) -> np.ndarray:
    """Labels of crossid with default settings; made-up embeddings are calibrated on the fitted ones."""
    settings = PeopleSettings()
    with tempfile.TemporaryDirectory() as scratch:
        if reported.gallery.space.name == "generated":
            settings = replace(settings, calibrations=(("generated", str(_calibrated(fitted, Path(scratch)))),))
        people = [row.person for row in recognise(reported.gallery, {}, settings).memberships]
    numbers = {person: number for number, person in enumerate(sorted({one for one in people if one}))}
    return np.array([numbers.get(person or "", -1) for person in people])


def _calibrated(fitted: Labelled, folder: Path) -> Path:
    rows = [row for rows, _, _ in fitted.showings for row in rows][:4000]
    who = {row: name for rows, name, _ in fitted.showings for row in rows}
    gallery = fitted.gallery
    sample = Sample(
        names=np.array([who[row] for row in rows]),
        photos=np.array([gallery.ids[row] for row in rows]),
        vectors=gallery.vectors[rows],
        qualities=gallery.qualities[rows],
    )
    calibration = fit(sample)
    file = folder / "generated.json"
    values = {key: getattr(calibration, key) for key in calibration.__slots__}
    file.write_text(json.dumps({"space": "generated", "calibration": values}), encoding="utf-8")
    return file


def _line(name: str, found: Scores, parameters: str, best: Scores | None) -> str:
    shown = f"{found.bcubed_p:.4f} / {found.bcubed_r:.4f} / {found.bcubed_f:.4f}"
    links = f"{found.link_p:.4f} / {found.link_f:.4f}"
    beside = f"{best.bcubed_p:.4f} / {best.bcubed_r:.4f} / {best.bcubed_f:.4f}" if best else ""
    return f"| {name} | {shown} | {links} | {found.mixed} | {parameters} | {beside} |"


def _labelled(word: str) -> Labelled:
    if word.startswith("generated:"):
        _, count, *seed = word.split(":")
        gallery, who = generate(int(count), int(seed[0]) if seed else 1)
        showings = [([row], str(one), gallery.videos[row]) for row, one in enumerate(who.tolist())]
        return Labelled(word, gallery, showings)
    folder = Path(word)
    truth = read_truth(folder / "truth.json") if (folder / "truth.json").exists() else _photographed(folder)
    store = open_archive(_archive(folder), ArchiveSettings())
    try:
        matched = match(truth, store.observations())
        gallery = store.gallery(store.spaces()[0])
    finally:
        store.close()
    place = {one: row for row, one in enumerate(gallery.ids)}
    showings = [([place[t] for t in one.tracks], one.identity, one.video) for one in matched.showings]
    return Labelled(folder.name, gallery, showings)


def _photographed(folder: Path) -> Truth:
    """The truth of photographs of one centred face: the folder's name is the person's."""
    left, top, right, bottom = (250 * share for share in CENTRED)
    return {
        photo.name: (
            Shown(identity=photo.parent.name, start_s=0, end_s=0, dark=False, boxes=((0.0, left, top, right, bottom),)),
        )
        for photo in sorted(folder.glob("*/*.jpg"))
    }


def _archive(folder: Path) -> Path:
    """The folder scanned with default settings; kept for the next time, as long as they see the same."""
    archive = CACHE / f"identity-{folder.name}-{Settings().watch_digest()}"
    if not (archive / "done").exists():
        data.crossid("scan", folder, "--archive", archive, "-q")
        (archive / "done").touch()
    return archive
