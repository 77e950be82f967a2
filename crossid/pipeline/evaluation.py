"""An archive against the truth: matched, scored, swept and drawn; nothing in the archive is touched."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import asdict, dataclass
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from crossid.errors import ArchiveError, SettingsError
from crossid.people.calibration import calibration_of
from crossid.people.identification import RATES, search_all
from crossid.people.scores import Scores, calibration_error, score
from crossid.people.showings import match
from crossid.people.silhouette import silhouettes, structure
from crossid.people.sweeping import sweep
from crossid.people.truth import file_name, read_truth
from crossid.pipeline.gather import kept_neighbours

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from crossid.archive import Store
    from crossid.people.identification import Searches
    from crossid.people.showings import Matched
    from crossid.people.truth import Truth
    from crossid.settings import Settings
    from crossid.types import Gallery


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What people there would be if `shift` more log-odds were asked for; 0 is what a run asks for."""

    shift: float
    scores: Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """An archive's figures; None where one cannot be told.

    `found`: share of showings of which a face was seen. `fnir`: (false positive identification rate, share
    missed at it). `calibration_error`: of the probabilities that appearances have, and of how many
    (`judged`; `without_probability` have none). `silhouette`: mean over appearances that are somebody,
    and what such a mean is called. `stray`: faces that match no showing. `not_in_archive`: videos of
    the truth, all of whose showings count as not found. `not_in_truth`: videos that are in no figure.
    """

    scores: Scores
    found: float
    fnir: tuple[tuple[float, float | None], ...]
    calibration_error: float | None
    judged: int
    without_probability: int
    silhouette: float | None
    structure: str
    stray: int
    not_in_archive: tuple[str, ...]
    not_in_truth: tuple[str, ...]
    thresholds: tuple[Swept, ...] = ()
    plots: tuple[Path, ...] = ()


def evaluate(
    store: Store, truth_file: Path, settings: Settings, *, thresholds: bool = False, plots: Path | None = None
) -> Evaluation:
    """Compare an archive with the truth.

    Args:
        store: The archive; only read.
        truth_file: See `people.truth`.
        settings: How appearances become people, for `thresholds`, and what calibrates them.
        thresholds: Say what other operating points would give.
        plots: Folder for plots; None for none.

    Raises:
        SettingsError: the truth makes no sense, or is of other footage.
        ArchiveError: nobody was looked for in the archive yet.
    """
    truth = read_truth(truth_file)
    names = [video.name for video in store.videos()]
    _check(truth, truth_file, names)
    return _Evaluation(store, truth, settings).run(names, thresholds=thresholds, plots=plots)


def _check(truth: Truth, truth_file: Path, names: Sequence[str]) -> None:
    if not names:
        raise ArchiveError("There is no video in this archive.", remedy="Scan footage first: crossid scan FOLDER")
    counts = Counter(map(file_name, names))
    if not truth.keys() & counts.keys():
        raise SettingsError(
            f"None of the videos that {truth_file} names is in this archive: it is the truth of other footage.",
            remedy="Name the truth file of the footage that was scanned.",
        )
    twice = sorted(name for name in truth if counts[name] > 1)
    if twice:
        raise SettingsError(
            f"Several videos of this archive are called '{twice[0]}', so the truth could be of either.",
            remedy="Give the files different names and scan them into an archive of their own.",
        )


class _Evaluation:
    def __init__(self, store: Store, truth: Truth, settings: Settings) -> None:
        self._store, self._truth, self._settings = store, truth, settings
        with closing(store.observations()) as faces:
            self._matched: Matched = match(truth, faces)
        self._members = {
            one: row for one, row in store.memberships().items() if row.person is not None and row.status != "rejected"
        }
        self._people = {one: row.person or "" for one, row in self._members.items()}
        self._identities = self._matched.identities()

    def run(self, names: Sequence[str], *, thresholds: bool, plots: Path | None) -> Evaluation:
        """1 score, 2 search, 3 sweep, 4 draw."""
        spaces = self._store.spaces()
        gallery = self._store.gallery(spaces[0]) if spaces else None
        searches = self._search(gallery) if gallery else None
        error, judged, without = self._calibration()
        mean = self._silhouette(gallery) if gallery else None
        showings, known = self._matched.showings, set(map(file_name, names))
        return Evaluation(
            scores=self._score(self._people),
            found=sum(bool(one.tracks) for one in showings) / len(showings),
            fnir=tuple((rate, searches.fnir(rate) if searches else None) for rate in RATES),
            calibration_error=error,
            judged=judged,
            without_probability=without,
            silhouette=mean,
            structure="" if mean is None else structure(mean),
            stray=self._matched.stray,
            not_in_archive=tuple(sorted(self._truth.keys() - known)),
            not_in_truth=tuple(sorted(name for name in names if file_name(name) not in self._truth)),
            thresholds=self._sweep(gallery) if thresholds and gallery else (),
            plots=self._draw(plots, gallery, searches) if plots and gallery and searches else (),
        )

    def _score(self, people: Mapping[str, str]) -> Scores:
        showings = self._matched.showings
        return score(
            [one.person(people) for one in showings],
            [one.identity for one in showings],
            [one.video for one in showings],
        )

    def _search(self, gallery: Gallery) -> Searches:
        evidence = calibration_of(gallery.space, self._settings.people.calibrations).evidence
        return search_all(gallery, evidence, [self._identities.get(one) for one in gallery.ids])

    def _calibration(self) -> tuple[float | None, int, int]:
        """Error, over how many appearances, and how many more have no probability.

        A person is whoever most of their appearances are. Whoever has a single one is left out: that
        they are who they are says nothing.
        """
        holds: dict[str, Counter[str]] = {}
        for track, identity in self._identities.items():
            if track in self._people:
                holds.setdefault(self._people[track], Counter())[identity] += 1
        said, so, without = [], [], 0
        for track, identity in self._identities.items():
            row = self._members.get(track)
            if row is None or holds[self._people[track]].total() < 2:
                continue
            if row.probability is None or isnan(row.probability):
                without += 1
                continue
            said.append(row.probability)
            so.append(holds[self._people[track]].most_common(1)[0][0] == identity)
        error = calibration_error(np.clip(np.array(said, np.float64), 0, 1), np.array(so, np.bool_))
        return error, len(said), without

    def _silhouette(self, gallery: Gallery) -> float | None:
        values = silhouettes(gallery.vectors, self._labels(gallery))
        return None if np.isnan(values).all() else float(np.nanmean(values))

    def _labels(self, gallery: Gallery) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        numbers = {person: number for number, person in enumerate(sorted(set(self._people.values())))}
        return np.array([numbers.get(self._people.get(one, ""), -1) for one in gallery.ids], dtype=np.int64)

    def _sweep(self, gallery: Gallery) -> tuple[Swept, ...]:
        return tuple(
            Swept(
                shift=shift,
                scores=self._score(
                    {one: f"{label}" for one, label in zip(gallery.ids, labels.tolist(), strict=True) if label >= 0}
                ),
            )
            for shift, labels in sweep(gallery, self._settings.people, kept=kept_neighbours(self._store))
        )

    def _draw(self, folder: Path, gallery: Gallery, searches: Searches) -> tuple[Path, ...]:
        from crossid.exports import evaluation_plots as plots
        from crossid.people.identification import EDGES

        fpir, fnir = searches.curve()
        sizes = sorted(Counter(self._people.values()).values())
        shown = sorted(Counter(one.identity for one in self._matched.showings).values())
        labels = self._labels(gallery)
        people = {
            person.id: f"{person.id} {person.name}" if person.name else person.id for person in self._store.people()
        }
        tree = plots.dendrogram(
            gallery.vectors, labels, [people.get(one, one) for one in sorted(set(self._people.values()))]
        )
        figures = {
            "dendrogram": tree,
            "sizes": plots.sizes(sizes, shown),
            "similarities": plots.similarities(EDGES, searches.same, searches.different),
            "det": plots.det(fpir, fnir, len(searches.mates), len(searches.strangers)),
        }
        return tuple(path for name, figure in figures.items() for path in plots.save(figure, folder / name))


def as_json(evaluation: Evaluation) -> dict[str, object]:
    """The figures as programs read them: scores at the top level, as `found` and the rest."""
    plain = asdict(evaluation)
    scores = plain.pop("scores")
    plain["fnir"] = {str(rate): missed for rate, missed in evaluation.fnir}
    plain["thresholds"] = [{"shift": one.shift, **asdict(one.scores)} for one in evaluation.thresholds]
    return {**scores, **plain}
