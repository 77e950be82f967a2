"""Large archives: how long who-is-who takes, how much memory, and how right it is, on made-up embeddings.

    python -m benchmarks scale [APPEARANCES]

100,000 by default, 512 numbers each. Calibrated on 4,000 others. Comparing, the graph, grouping, putting crowds
together, and probabilities are timed apart. How far it is, and how long it will take, is told every half a minute: a
million takes most of an hour.
"""

import resource
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

from benchmarks import data
from benchmarks.generator import generate
from crossid.people import Constraints
from crossid.people.calibration import needed_evidence
from crossid.people.crowds import rejoined
from crossid.people.fitting import Sample, fit
from crossid.people.hybrid import HybridClusterer
from crossid.people.similarity import graph_of, mean_evidence, neighbours
from crossid.types import Gallery

LEARNT_ON = 4000
EVERY_S = 30


def main(words: list[str]) -> None:
    """Generate, build the graph, group, and score."""
    size = int(words[0]) if words else 100_000
    others, names = generate(LEARNT_ON, seed=2)
    calibration = fit(sample_of(others, names))
    gallery, who = generate(size, seed=1)
    before = now_mb()
    began, worked = time.perf_counter(), time.process_time()
    lists = neighbours(gallery, calibration, progress=Told())
    compared = time.perf_counter()
    graph = graph_of(lists, needed_evidence(size))
    del lists
    built = time.perf_counter()
    print(f"compared in {compared - began:.0f} s; graph of {graph.nnz:,} in {built - compared:.0f} s", file=sys.stderr)
    labels = HybridClusterer().cluster(graph, Constraints())
    grouped = time.perf_counter()
    labels = rejoined(gallery, calibration, needed_evidence(size), graph, labels, constraints=Constraints())
    rejoining = time.perf_counter() - grouped
    mean_evidence(gallery, calibration, labels)
    ended = time.perf_counter()
    precision, recall = _bcubed(labels, who)
    figures = {
        "people": len(np.unique(who)),
        "found": len(np.unique(labels)),
        "bcubed_p": precision,
        "bcubed_r": recall,
        "bcubed_f": 2 * precision * recall / (precision + recall),
        "pairs_per_appearance": graph.nnz / size,
        "comparing_s": compared - began,
        "graph_s": built - compared,
        "grouping_s": grouped - built,
        "rejoining_s": rejoining,
        "probabilities_s": ended - grouped - rejoining,
        "processor_s": time.process_time() - worked,
        "memory_before_mb": before,
        "memory_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    data.row(f"{size} appearances on {data.machine()}", figures)


class Told:
    """Tells how far it is, now and then."""

    def __init__(self) -> None:
        self._began = self._last = time.perf_counter()

    def __call__(self, done: int, of: int) -> None:
        now = time.perf_counter()
        if now - self._last >= EVERY_S:
            self._last, took = now, now - self._began
            told = f"{done:,} of {of:,} tiles, {took:.0f} s, {took / done * (of - done):.0f} s to go, {now_mb():.0f} MB"
            print(told, file=sys.stderr, flush=True)


def sample_of(gallery: Gallery, who: np.ndarray) -> Sample:
    return Sample(
        names=who.astype(str), photos=np.array(gallery.ids), vectors=gallery.vectors, qualities=gallery.qualities
    )


def now_mb() -> float:
    """Resident memory of this process as it is now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def _bcubed(labels: np.ndarray, who: np.ndarray) -> tuple[float, float]:
    """Precision and recall (Amigó et al. 2009) from the counts of each pair of group and person."""
    pairs, groups, people = (
        Counter(zip(labels.tolist(), who.tolist(), strict=True)),
        Counter(labels.tolist()),
        Counter(who.tolist()),
    )
    precision = sum(count * count / groups[group] for (group, _), count in pairs.items())
    recall = sum(count * count / people[person] for (_, person), count in pairs.items())
    return precision / len(who), recall / len(who)
