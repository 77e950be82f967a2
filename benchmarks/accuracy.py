"""Scan footage whose truth is known, with default settings, and score the archive.

    python -m benchmarks accuracy [FOLDER …] [-- scan options]

FOLDER holds staged footage with `truth.json`, or real footage with `people.json`; without one, the
data folder's `footage/staged-dev` and `footage/real`.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import data

STAGED = (
    "found",
    "bcubed_p",
    "bcubed_r",
    "bcubed_f",
    "link_p",
    "link_r",
    "link_f",
    "mixed",
    "split",
    "persons",
    "stray",
)
REAL = ("links_found", "best_person", "suspect", "persons", "cross_video")


def main(words: list[str]) -> None:
    """Score each folder."""
    options = words[words.index("--") + 1 :] if "--" in words else []
    places = [Path(word) for word in (words[: words.index("--")] if "--" in words else words)]
    for place in places or [data.folder() / "footage" / "staged-dev", data.folder() / "footage" / "real"]:
        data.row(place.name, measure(place, options))
    print(data.machine())


def measure(footage: Path, options: list[str]) -> dict[str, object]:
    """Figures of one folder, and how many times real time the scan took."""
    with tempfile.TemporaryDirectory() as scratch:
        archive = Path(scratch) / "archive"
        began = time.perf_counter()
        outcome = json.loads(data.crossid("scan", footage, "--archive", archive, "--json", *options).stdout)
        took = time.perf_counter() - began
        if (footage / "truth.json").exists():
            rows = Path(scratch) / "observations.csv"
            data.crossid("export", "observations", rows, "--archive", archive)
            figures = data.score("score_archive.py", footage / "truth.json", rows)
            chosen = {key: figures[key] for key in STAGED}
        else:
            figures = data.score("score_links.py", footage / "people.json", archive)
            chosen = {key: figures[key] for key in REAL}
            for suspect in figures["suspects"]:  # type: ignore[attr-defined]
                print("  suspect:", suspect["person"], *suspect["videos"], file=sys.stderr)
        return chosen | {
            "seconds": round(took, 1),
            "times_real_time": round(_footage_s(archive) / took, 2),
            "videos": outcome["videos"],
        }


def _footage_s(archive: Path) -> float:
    import csv

    with (archive / "reports" / "coverage.csv").open(newline="", encoding="utf-8-sig") as file:
        return sum(float(line["duration_s"]) for line in csv.DictReader(file))
