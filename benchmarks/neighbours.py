"""A large archive that is there: looking one face up, and adding 500 appearances to who is near whom.

    python -m benchmarks neighbours [APPEARANCES]

200,000 by default, made up (`generator.py`), 512 numbers each. 200 of them are looked up; the archive is in memory, as
it is for all photographs of a run but the first. *recall*: of the appearances that have enough evidence to show the
face (the 200 surest at most), those that are compared with it. Who is near whom is made up, too: 200 others of each,
as full as it gets, the last at log-likelihood ratio 4. Queries are timed by the clock, and by the
processor (all cores together); other seconds are of the processor, and of the clock in brackets.
"""

import resource
import time

import numpy as np

from benchmarks import data
from benchmarks.generator import generate
from benchmarks.scale import LEARNT_ON, sample_of
from crossid.people.calibration import Calibration, needed_evidence
from crossid.people.exhaustive import TILE
from crossid.people.finding import likest
from crossid.people.fitting import fit
from crossid.people.lattice import rows_of
from crossid.people.nearest import MOST
from crossid.people.similarity import mark_of, neighbours
from crossid.sketches import sketched
from crossid.types import Gallery, Neighbours, References

LOOKED_UP = 200
ADDED = 500


def main(words: list[str]) -> None:
    """Generate, look up, add."""
    size = int(words[0]) if words else 200_000
    calibration = fit(sample_of(*generate(LEARNT_ON, seed=2)))
    gallery, who = generate(size, seed=1)
    figures = look_up(gallery, who, calibration) | add(gallery, calibration)
    figures["memory_peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    data.row(f"{size} appearances on {data.machine()}", figures)


def look_up(gallery: Gallery, who: np.ndarray, calibration: Calibration) -> dict[str, object]:
    """How long it takes to find those who may be somebody, and how many of them are found."""
    vectors = gallery.vectors.astype(np.float16)
    began = time.process_time()
    sketches = sketched(vectors)
    sketching = time.process_time() - began
    references = References(
        space=gallery.space,
        people=tuple(str(one) for one in range(int(who.max()) + 1)),
        ids=np.array([one.encode() for one in gallery.ids]),
        who=who.astype(np.int32),
        qualities=gallery.qualities.astype(np.float32),
        vectors=vectors,
        sketches=sketches,
    )
    rows = np.random.default_rng(0).choice(len(gallery), LOOKED_UP, replace=False)
    likest(gallery.vectors[rows[0]], 1.0, references, calibration)  # what is done once
    times, worked, found, there = list[float](), list[float](), 0, 0
    for row in rows:
        wanted = _surest(row, gallery, calibration)
        began, busy = time.perf_counter(), time.process_time()
        near, _ = likest(gallery.vectors[row], float(gallery.qualities[row]), references, calibration)
        times.append(time.perf_counter() - began)
        worked.append(time.process_time() - busy)
        found, there = found + int(np.isin(wanted, near).sum()), there + len(wanted)
    return {
        "query_p50_ms": 1000 * float(np.median(times)),
        "query_p95_ms": 1000 * float(np.percentile(times, 95)),
        "query_processor_p50_ms": 1000 * float(np.median(worked)),
        "query_processor_p95_ms": 1000 * float(np.percentile(worked, 95)),
        "recall": found / there,
        "wanted_per_query": there / LOOKED_UP,
        "sketching_s": sketching,
    }


def _surest(row: int, gallery: Gallery, calibration: Calibration) -> np.ndarray:
    """Rows of those who have enough evidence to be the same as one, the surest 200 of them."""
    blocks = [gallery.vectors[at : at + TILE] @ gallery.vectors[row] for at in range(0, len(gallery), TILE)]
    poorer = np.minimum(gallery.qualities, gallery.qualities[row]).astype(np.float32)
    evidence = calibration.evidence(np.concatenate(blocks), poorer)
    evidence[row] = -np.inf
    surest = np.argpartition(-evidence, MOST)[:MOST]
    return surest[evidence[surest] >= needed_evidence(len(gallery))]


def add(gallery: Gallery, calibration: Calibration) -> dict[str, object]:
    """How long it takes to find out who is near the last 500, who were not there before."""
    rows, before = rows_of(gallery), len(gallery) - ADDED
    steps = np.random.default_rng(0).choice(np.arange(1, before), MOST, replace=False)
    columns = ((np.arange(before)[:, None] + steps) % before).astype(np.int32).ravel()
    kept = Neighbours(
        mark=mark_of(gallery, calibration),
        marks=rows.marks[:before],
        counts=np.full(before, MOST),
        columns=columns,
        evidence=np.tile(np.linspace(12, 4, MOST, dtype=np.float32), before),
    )
    began, clock = time.process_time(), time.perf_counter()
    neighbours(gallery, calibration, kept)
    took = f"{time.process_time() - began:.1f} ({time.perf_counter() - clock:.1f})"
    return {"adding_500_s": took}
