"""Calibrate a space as `crossid calibrate` does, leaving out all who are in staged footage that is reported.

    python -m benchmarks calibrate [PHOTOS] [crossid calibrate's options …]

Without PHOTOS the data folder's `lfw-dev`, without its `footage/staged-dev`'s people.
"""

import sys

from benchmarks import data


def main(words: list[str]) -> None:
    """Run the command as a user runs it, and show what it says."""
    if not words or words[0].startswith("-"):
        words = [str(data.folder() / "lfw-dev"), *words]
    truth = data.folder() / "footage" / "staged-dev" / "truth.json"
    done = data.crossid("calibrate", *words, "--without", truth)
    sys.stdout.write(done.stdout)
    print(data.machine())
