"""SIGKILL at random moments: no archive is damaged, nothing acknowledged is lost, and the end is as if undisturbed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from places import ROOT

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
UNHARMED = "failed 0, damaged 0, lost 0, unequal 0"


def crashes(*words: object) -> str:
    """What the benchmark said in its last lines."""
    command = [sys.executable, "-m", "benchmarks", "crashes", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_archive_that_is_killed_again_and_again_ends_as_if_left_in_peace(footage: Path, tmp_path: Path) -> None:
    for name in ("harbour.mp4", "market.mp4"):
        shutil.copy(footage / name, tmp_path)
    said = crashes("--kills", 5, "--scans", 0, "--footage", tmp_path, "--seed", 3)
    assert any(f"kills 5, archives {archives}, {UNHARMED}" in said for archives in (1, 2)), said


@pytest.mark.slow
@pytest.mark.timeout(6 * 3600)
def test_a_thousand_kills_and_fifty_of_whole_scans_do_no_harm() -> None:
    said = crashes("--kills", 1000, "--scans", 50)
    assert said.count(UNHARMED) == 2, said
