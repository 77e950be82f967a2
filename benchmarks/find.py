"""Finding somebody by a photograph: how often it is right, whether its probabilities hold, and how long it takes.

    python -m benchmarks find ARCHIVE            accuracy, on an archive of the data folder's staged-dev
    python -m benchmarks find --large [FOLDER]   time, on 100,000 appearances (made in FOLDER, or there already)

Accuracy: every photograph of the people in the footage is looked up, and one of each of the people who are in neither
the footage nor the fit of the calibration. Appearances that were staged from the very photograph that is looked up
do not count: the likeness must hold across photographs.
"""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import data
from crossid import embeddings, people
from crossid.archive import ArchiveSettings, open_archive
from crossid.errors import FootageError
from crossid.pipeline.asking import asked_of
from crossid.pipeline.finding import Finder
from crossid.settings import load
from crossid.types import Appearance, Embedding, Membership, Portrait, content_id
from tests.builders import a_face, a_portrait, a_run, a_video, a_watched

if TYPE_CHECKING:
    from crossid.archive import Store
    from crossid.types import References

APPEARANCES, VIDEOS, EACH = 100_000, 200, 5
RUNS = 9
BINS = (0.0, 0.02, 0.1, 0.5, 0.9, 0.99, 1.01)


def main(words: list[str]) -> None:
    """Accuracy or time."""
    if words and words[0] == "--large":
        if len(words) > 1:
            _time(Path(words[1]))
        else:
            with tempfile.TemporaryDirectory() as folder:
                _time(Path(folder) / "archive")
    elif words:
        _accuracy(Path(words[0]))
    else:
        sys.exit(__doc__)
    print(data.machine())


def _accuracy(folder: Path) -> None:
    settings, photos = load(), data.folder() / "lfw-dev"
    truth = json.loads((data.folder() / "footage" / "staged-dev" / "truth.json").read_text(encoding="utf-8"))["videos"]
    with closing(open_archive(folder, ArchiveSettings())) as store:
        finder, references = Finder.of_archive(store, settings), store.references(store.spaces()[0])
        shows = _shown(store, truth)
        identity = _identities(store, shows)
        there = {one for one, _ in shows.values()}
        queries = [(one, photo) for one in sorted(there) for photo in sorted((photos / one).glob("*.jpg"))]
        strangers = [path.name for path in sorted(photos.iterdir()) if path.name not in there and _is_apart(path.name)]
        queries += [(one, min((photos / one).glob("*.jpg"))) for one in strangers]
        told, counts = list[tuple[float, bool]](), Counter[str]()
        for one, photo in queries:
            try:
                sitters = finder.look(asked_of(str(photo))[0])
            except FootageError:
                counts["no face"] += 1
                continue
            face = max(sitters, key=lambda sitter: sitter.crop.face.box.width).appearance
            left = _without(
                references, {track for track, (_, shown) in shows.items() if shown == f"{one}/{photo.name}"}
            )
            matches = [match for match in people.find(face, left, settings.people, limit=5, above=0.5) if match.person]
            told += [(match.probability, identity.get(match.person) == one) for match in matches]
            is_there = any(identity.get(left.people[who]) == one for who in set(left.who.tolist()) if who >= 0)
            counts[_outcome(matches, identity, one, is_there=is_there)] += 1
    data.row("queries", dict(counts))
    for low, high in pairwise(BINS):
        here = [(probability, right) for probability, right in told if low <= probability < high]
        if here:
            mean, share = (float(np.mean([row[place] for row in here])) for place in (0, 1))
            data.row(f"probability {low:g} to {min(high, 1):g}", {"matches": len(here), "mean": mean, "right": share})
    bins = list(pairwise(BINS))
    error = sum(abs(sum(p - right for p, right in told if low <= p < high)) for low, high in bins) / len(told)
    data.row("expected calibration error", {"matches": len(told), "error": error})


def _outcome(matches: list[people.Match], identity: dict[str, str], one: str, *, is_there: bool) -> str:
    found = [match for match in matches if match.probability >= 0.5]
    if not found:
        return "there, nobody found" if is_there else "stranger, nobody found"
    if identity.get(found[0].person) == one:
        return "there, found first"
    return "there, somebody else first" if is_there else "stranger, somebody found"


def _is_apart(name: str) -> bool:
    """Whether somebody is in no fit: see the provenance of the calibration."""
    return hashlib.sha256(name.encode()).digest()[0] % 2 == 1


def _shown(store: Store, truth: dict) -> dict[str, tuple[str, str]]:
    """Track -> (identity, photograph) that is shown where it was seen."""
    votes: dict[str, Counter[tuple[str, str]]] = {}
    for face in store.observations():
        for show in truth[face.video]["shown"]:
            times = [row[0] for row in show["boxes"]]
            if not show["start_s"] - 0.1 <= face.time_s <= show["end_s"] + 0.1:
                continue
            box = [float(np.interp(face.time_s, times, [row[edge] for row in show["boxes"]])) for edge in range(1, 5)]
            across, down = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
            if box[0] <= across <= box[2] and box[1] <= down <= box[3]:
                votes.setdefault(face.track_id, Counter())[show["identity"], show["photo"]] += 1
    return {track: counted.most_common(1)[0][0] for track, counted in votes.items()}


def _identities(store: Store, shows: dict[str, tuple[str, str]]) -> dict[str, str]:
    """Person of the archive -> whom most of their appearances show."""
    votes: dict[str, Counter[str]] = {}
    for row in store.memberships().values():
        if row.person and row.appearance in shows:
            votes.setdefault(row.person, Counter())[shows[row.appearance][0]] += 1
    return {person: counted.most_common(1)[0][0] for person, counted in votes.items()}


def _without(references: References, tracks: set[str]) -> References:
    keep = np.array([one.decode() not in tracks for one in references.ids.tolist()])
    columns = {name: getattr(references, name)[keep] for name in ("ids", "who", "qualities", "vectors")}
    return replace(references, **columns)


def _time(folder: Path) -> None:
    """The command as a user runs it, side by side with a program that only loads the same libraries."""
    if not folder.exists():
        _fill(folder)
    words = [sys.executable, "-m", "crossid", "find", _astronaut(), "--archive", str(folder)]
    bare = [sys.executable, "-c", "import typer, rich.console, numpy, cv2, onnxruntime, PIL.Image"]
    rows: dict[str, list[tuple[float, float]]] = {"find": [], "libraries alone": []}
    subprocess.run(words, check=True, capture_output=True)  # the first one makes crossid.vectors
    for _ in range(RUNS):
        for name, command in (("find", words), ("libraries alone", bare)):
            began, before = time.perf_counter(), os.times()
            subprocess.run(command, check=True, capture_output=True)
            after = os.times()
            spent = after.children_user + after.children_system - before.children_user - before.children_system
            rows[name].append((time.perf_counter() - began, spent))
    for name, took in rows.items():
        wall, spent = (sorted(one[place] for one in took) for place in (0, 1))
        figures = {"wall_s_least": wall[0], "wall_s_median": statistics.median(wall)}
        data.row(name, figures | {"cpu_s_least": spent[0], "cpu_s_median": statistics.median(spent)})


def _astronaut() -> str:
    from importlib.util import find_spec

    spec = find_spec("skimage")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return str(Path(spec.submodule_search_locations[0], "data", "astronaut.png"))


def _fill(folder: Path) -> None:
    """Random directions, through the store's own calls."""
    settings, random = load(), np.random.default_rng(0)
    space = embeddings.spaces(settings.embeddings)[0]
    with closing(open_archive(folder, ArchiveSettings(), write=True, create=True)) as store:
        store.begin_run(a_run(spaces=(space,), settings=settings.as_dict()))
        for number in range(VIDEOS):
            video = a_video(f"v{number:04}.mp4", duration_s=3600.0)
            store.add_video(video, 7, "run-1")
            seen = []
            for place in range(APPEARANCES // VIDEOS):
                faces = tuple(a_face(video, place * 7 + step / 5) for step in range(2))
                views = random.normal(size=(2, space.dimensions)).astype(np.float32) + 2
                views /= np.linalg.norm(views, axis=1, keepdims=True)
                mean = views.sum(axis=0)
                described = Embedding(
                    space=space, vector=mean / np.linalg.norm(mean), views=views, weights=np.ones(2, np.float32)
                )
                portrait = a_portrait(faces[0])
                seen.append(
                    Appearance(
                        id=content_id(video.id, place),
                        video=video.id,
                        faces=faces,
                        portraits=(Portrait(face=faces[0], jpeg=portrait.jpeg, landmarks=portrait.landmarks),),
                        embeddings=(described,),
                        quality=0.8,
                    )
                )
            store.keep_span(a_watched(video, *seen), 1, "settings", "run-1")
            ids = store.new_person_ids(len(seen) // EACH, "run-1")
            members = [
                Membership(appearance=one.id, person=ids[place % len(ids)], probability=0.9, evidence="1/1")
                for place, one in enumerate(seen)
            ]
            store.rule([], members)
