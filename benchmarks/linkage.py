"""Which way of comparing two sets of faces tells people apart best, on labelled footage.

    python -m benchmarks linkage FOLDER …

FOLDER holds staged footage with `truth.json`. *tracks*: the views of two tracks in two videos. *people*: all tracks of
somebody in one half of the videos, with those of somebody in the other half. True accepts at false accepts.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks import data
from crossid.archive import ArchiveSettings, open_archive
from crossid.people import LINKAGES
from crossid.people.showings import match
from crossid.people.truth import read_truth
from crossid.types import Gallery

RATES = (1e-2, 1e-3)


def main(words: list[str]) -> None:
    """Compare all linkages on each folder."""
    if not words:
        sys.exit("usage: python -m benchmarks linkage FOLDER …")
    for folder in map(Path, words):
        gallery, who, views = described(folder)
        for kind, sets in (("tracks", _tracks(gallery, who, views)), ("people", _people(gallery, who))):
            for name in LINKAGES.names():
                data.row(f"{folder.name} {kind} {name}", _figures(name, *sets))


def described(folder: Path) -> tuple[Gallery, np.ndarray, dict[str, np.ndarray]]:
    """Scan footage; its appearances, who each truly is ("" for strays), and the views of each."""
    with tempfile.TemporaryDirectory() as scratch:
        archive = Path(scratch) / "archive"
        data.crossid("scan", folder, "--archive", archive, "-q")
        store = open_archive(archive, ArchiveSettings())
        try:
            who = match(read_truth(folder / "truth.json"), store.observations()).identities()
            gallery = store.gallery(store.spaces()[0])
            rows = store.database.rows("SELECT t.id, e.views FROM embeddings e JOIN tracks t ON t.key = e.track")  # type: ignore[attr-defined]
            size = gallery.space.dimensions
            views = {track: np.frombuffer(seen, "<f4").reshape(-1, size) for track, seen in rows}
        finally:
            store.close()
    return gallery, np.array([who.get(one, "") for one in gallery.ids]), views


def _tracks(
    gallery: Gallery, who: np.ndarray, views: dict[str, np.ndarray]
) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Sets of views, who each is, and where."""
    known = np.flatnonzero(who != "")
    return [views[gallery.ids[row]] for row in known], who[known], np.array(gallery.videos)[known]


def _people(gallery: Gallery, who: np.ndarray) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Sets of tracks of one person in one half of the videos, who it is, and which half."""
    videos = np.array(gallery.videos)
    half = np.isin(videos, np.unique(videos)[::2])
    keys = [(name, part) for name in np.unique(who[who != ""]) for part in (False, True)]
    rows = [np.flatnonzero((who == name) & (half == part)) for name, part in keys]
    filled = [(key, some) for key, some in zip(keys, rows, strict=True) if len(some)]
    names, parts = np.array([key[0] for key, _ in filled]), np.array([key[1] for key, _ in filled])
    return [gallery.vectors[some] for _, some in filled], names, parts


def _figures(name: str, sets: list[np.ndarray], who: np.ndarray, where: np.ndarray) -> dict[str, object]:
    linkage = LINKAGES.load(name)
    pairs = [(a, b) for a in range(len(sets)) for b in range(a) if where[a] != where[b]]
    values = np.array([linkage(sets[a], sets[b]) for a, b in pairs])
    same = np.array([who[a] == who[b] for a, b in pairs])
    false = np.sort(values[~same])[::-1]
    figures: dict[str, object] = {"same": int(same.sum()), "different": int((~same).sum())}
    for rate in RATES:
        figures[f"{rate:g}"] = float((values[same] > false[int(rate * len(false))]).mean())
    likest = (values[same][:, None] > values[~same][None, :]).mean()
    return figures | {"area": float(likest)}
