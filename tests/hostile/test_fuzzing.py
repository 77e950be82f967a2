"""Mutated and truncated media: no file ends a run, hangs it, or takes more than it may."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.fuzz import Fuzzing
from benchmarks.hostile.mutations import MUTATIONS, mutant

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc tells what a worker uses")


def fuzzed(folder: Path, files: int, seed: int) -> None:
    """All of the claim."""
    tally = Fuzzing(folder, seed=seed).run(files)
    assert tally.files == files
    assert tally.read > files / 4
    assert tally.faces > files / 10
    assert (tally.died, tally.hangs, tally.lost, tally.bugs) == (0, 0, 0, 0), tally.remarkable
    assert tally.worst_cpu_s < 10
    assert tally.worst_mb < 1500


def test_spoiled_media_cost_a_sentence_each_and_never_the_run(tmp_path: Path) -> None:
    fuzzed(tmp_path, 16, seed=3)


@pytest.mark.slow
@pytest.mark.timeout(6 * 3600)
def test_ten_thousand_spoiled_media_cost_a_sentence_each_and_never_the_run(tmp_path: Path) -> None:
    fuzzed(tmp_path, 10_000, seed=11)


def test_mutants_are_of_all_kinds_and_the_same_for_the_same_seed() -> None:
    originals = {"a.mp4": bytes(range(256)) * 8 + b"moov", "b.png": b"\x89PNG\r\n\x1a\n" + bytes(300)}
    made = [mutant(number, 5, originals) for number in range(300)]
    assert made == [mutant(number, 5, originals) for number in range(300)]
    assert made != [mutant(number, 6, originals) for number in range(300)]
    assert all(any(mutation.__name__ in name for name, _ in made) for mutation in MUTATIONS)
    assert len({content for _, content in made} - set(originals.values())) > 200
