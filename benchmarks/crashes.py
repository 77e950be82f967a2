"""Kills at random moments: no archive damaged, nothing acknowledged lost, and the end as if nothing had happened.

    python -m benchmarks crashes [--kills 1000] [--scans 50] [--footage FOLDER] [--seed 1]

`--kills`: SIGKILLs while prepared tracks are kept, gathered and painted, and while reviewers rule. `--scans`: SIGKILLs
of whole scans, workers included, spread evenly over the computing time that a scan takes. An archive that was killed is
gone on with until it is finished; then it is compared with one that was left in peace. Without `--footage`, that of
`crossid demo` is used.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import data
from benchmarks.hostile.equality import differences, picture
from benchmarks.hostile.killing import Child, Damage, computed_s, look, moments, readable
from benchmarks.hostile.replaying import live, prepare
from crossid.footage.staging import stage
from crossid.pipeline import scan
from crossid.pipeline.events import VideoWatched
from crossid.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.hostile.killing import Say

    Work = Callable[[Path, Say], None]

FOR_EVER_S = 600.0


class Crashing:
    """Kills one kind of work until there were enough kills.

    Args:
        scratch: Where archives come and go.
        work: What is killed: it goes on where it stopped.
        seed: Of the moments.
        reach: How long it lives at most, as a share of what it takes in peace.
    """

    def __init__(self, scratch: Path, work: Work, seed: int, reach: float = 1.0) -> None:
        self.damage = Damage()
        self._scratch, self._work = scratch, work
        peace = scratch / "peace"
        began = time.perf_counter()
        before_s = computed_s()
        _, code = Child(lambda say: work(peace, say)).end(FOR_EVER_S)
        assert code == 0, "even in peace it does not end"
        self.seconds, self._work_s = time.perf_counter() - began, computed_s() - before_s
        self._expected = picture(peace)
        self._moment, self._chance = moments(seed, self.seconds * reach), random.Random(seed)

    def run(self, kills: int) -> Damage:
        """Kill so often; archives that are unfinished at the end are finished in peace."""
        while self.damage.kills < kills:
            self._archive(kills)
        return self.damage

    def spread(self, kills: int) -> Damage:
        """Kill new archives, each once, at moments spread evenly over the work; then let them finish in peace."""
        folder = self._scratch / "killed"
        while self.damage.kills < kills:
            share = (self.damage.kills + self._chance.random()) / kills
            said, code = Child(lambda say: self._work(folder, say)).end(FOR_EVER_S, share * self._work_s)
            if code == -9:
                what = f"kill {self.damage.kills} at {share:.2f} of the work"
                self.damage.kills += 1
                readable(folder, self.damage, what)
                look(folder, said, self.damage, what)
            self._archive(0, said)
        return self.damage

    def _archive(self, kills: int, said: Sequence[str] = ()) -> None:
        folder, code, said = self._scratch / "killed", -9, list(said)
        while code == -9:
            left = self.damage.kills < kills
            more, code = Child(lambda say: self._work(folder, say)).end(self._moment() if left else FOR_EVER_S)
            said += more
            what = f"archive {self.damage.archives}, kill {self.damage.kills}"
            self.damage.kills += code == -9
            if code not in (0, -9):
                self.damage.note("failed", f"{what}: exit {code}")
            readable(folder, self.damage, what)
            look(folder, said, self.damage, what)
        self.damage.archives += 1
        found = differences(picture(folder), self._expected) if code == 0 else []
        if found:
            self.damage.note("unequal", f"archive {self.damage.archives}: {found}")
        shutil.rmtree(folder, ignore_errors=True)


def scanning(places: list[Path]) -> Work:
    """A whole scan, workers and all; they die with it, as in a power cut."""

    def work(folder: Path, say: Say) -> None:
        class Told:
            def hear(self, event: Any) -> None:
                if isinstance(event, VideoWatched):
                    say(f"video {event.video.id}")

        scan(places, folder, Settings(workers=2), listener=Told())
        say("scan 1")

    return work


def main(words: list[str]) -> None:
    """Kill, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks crashes")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--scans", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--footage", type=Path)
    given = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        os.environ["XDG_STATE_HOME"] = name
        places = [given.footage] if given.footage else stage(scratch / "footage")
        if given.kills:
            (scratch / "lives").mkdir()
            prepared = prepare(places)
            lives = Crashing(scratch / "lives", lambda folder, say: live(prepared, folder, say), given.seed, 0.2)
            _report("scans of prepared tracks, and rulings", lives.run(given.kills), lives.seconds)
        if given.scans:
            (scratch / "scans").mkdir()
            scans = Crashing(scratch / "scans", scanning(places), given.seed)
            _report("whole scans", scans.spread(given.scans), scans.seconds)
    print(data.machine())


def _report(name: str, damage: Damage, seconds: float) -> None:
    for detail in damage.details:
        print(detail)
    figures = {key: getattr(damage, key) for key in Damage.__slots__ if key != "details"}
    data.row(name, figures | {"in_peace_s": round(seconds, 2)})
