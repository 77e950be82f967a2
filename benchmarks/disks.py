"""Disks that forget what was not synced, and disks that fail: an archive stands both.

    python -m benchmarks disks [--cuts 400] [--failures 200] [--first 0] [--footage FOLDER]

A life of an archive (scans of prepared tracks, rulings, painting) is written down change by change. `--cuts`: power
cuts spread over all changes, for each of three ways in which a disk forgets; what is left must open, hold all that was
acknowledged, and lead to the same archive in the end. `--failures`: changes, spread likewise, that fail, once or from
then on, with ENOSPC or EIO: an error with a remedy or success, and the same in the end. 0: every single one; -1: none.
`--first`: at which change to begin, so that others are met than before.
"""

from __future__ import annotations

import argparse
import ctypes
import errno
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import data
from benchmarks.hostile.equality import differences, picture
from benchmarks.hostile.forgetting import ACKNOWLEDGED, MODELS, Disk, acknowledge, digest, leave, steps
from benchmarks.hostile.killing import Child, Damage, look
from benchmarks.hostile.replaying import live, prepare
from crossid.errors import CrossidError
from crossid.footage.staging import stage

if TYPE_CHECKING:
    from benchmarks.hostile.forgetting import Model
    from benchmarks.hostile.killing import Say
    from benchmarks.hostile.replaying import Prepared

SOURCE = Path(__file__).parent / "hostile" / "shim.c"
CLEAN_ERROR = 3
FOR_EVER_S = 600.0


class Disks:
    """One life of an archive, on all kinds of bad disks; to be used in a process that has the shim loaded."""

    def __init__(self, scratch: Path, prepared: Prepared) -> None:
        self._scratch, self._prepared = scratch, prepared
        self._shim = ctypes.CDLL(None)
        self._root = scratch / "disk"
        self._root.mkdir()
        trace = scratch / "trace"

        def traced(_: Say) -> None:
            self._shim.shim_trace(os.fsencode(self._root), os.fsencode(trace))
            live(prepared, self._root / "archive", lambda line: acknowledge(trace, line))

        assert Child(traced).end(FOR_EVER_S)[1] == 0, "even on a good disk it does not end"
        self._expected = picture(self._root / "archive")
        self._steps = list(steps(trace))
        self._seen = dict[bytes, int]()
        self.changes = sum(step.what != ACKNOWLEDGED for step in self._steps)

    def forget(self, cuts: int, first: int, damage: Damage) -> None:
        """Cut the power at so many steps, or at all if 0, from the `first` on."""
        disk, every = Disk(self._root), _every(len(self._steps), cuts)
        said: list[str] = []
        for number, step in enumerate(self._steps):
            disk.change(step)
            said += [step.path] if step.what == ACKNOWLEDGED else []
            if number >= first and (number - first) % every == 0:
                for model in MODELS:
                    self._cut(disk, model, number, said, damage)

    def fail(self, failures: int, first: int, damage: Damage) -> None:
        """Let so many changes fail, or all if 0, from the `first` on."""
        for turn, number in enumerate(range(first, self.changes, _every(self.changes, failures))):
            error = (errno.ENOSPC, errno.EIO)[turn // 2 % 2]
            self._failure(number, error, turn % 2, damage)

    def _cut(self, disk: Disk, model: Model, number: int, said: list[str], damage: Damage) -> None:
        """What an earlier cut has left too, byte by byte, is looked at, and not gone on with once more."""
        place, what = self._scratch / "cut", f"cut at {number} of {len(self._steps)}, {model}"
        left = disk.left(model, number)
        seen, known = self._seen.get(digest(left), -1), len(said)
        self._seen[digest(left)] = known
        damage.kills += 1
        if seen == known:
            return
        leave(left, place)
        look(place / "archive", said, damage, what)
        if seen < 0:
            self._go_on(place, what, damage)
        else:
            shutil.rmtree(place)

    def _failure(self, number: int, error: int, always: int, damage: Damage) -> None:
        place = self._scratch / "cut"
        place.mkdir()
        name = errno.errorcode[error] + (" for ever" if always else "")
        what = f"{name} at {number} of {self.changes}"

        def failing(say: Say) -> None:
            self._shim.shim_fail(os.fsencode(place), ctypes.c_long(number), error, always)
            try:
                live(self._prepared, place / "archive", say)
            except CrossidError as refusal:
                os._exit(CLEAN_ERROR if refusal.remedy else 1)

        said, code = Child(failing).end(FOR_EVER_S)
        damage.kills += 1
        if code not in (0, CLEAN_ERROR):
            damage.note("failed", f"{what}: exit {code}")
        look(place / "archive", said, damage, what)
        self._go_on(place, what, damage)

    def _go_on(self, place: Path, what: str, damage: Damage) -> None:
        """On a good disk, the same work ends in the same archive."""
        _, code = Child(lambda say: live(self._prepared, place / "archive", say)).end(FOR_EVER_S)
        damage.archives += 1
        if code:
            damage.note("failed", f"{what}: going on ended with {code}")
        else:
            found = differences(picture(place / "archive"), self._expected)
            if found:
                damage.note("unequal", f"{what}: {found[:5]}")
        shutil.rmtree(place)


def _every(count: int, wanted: int) -> int:
    return max(1, count // wanted) if wanted else 1


def build(folder: Path) -> Path | None:
    """The shim, made with the system's C compiler; None where there is none."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        return None
    shim = folder / "shim.so"
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(shim), str(SOURCE)], check=True)
    return shim


def main(words: list[str]) -> None:
    """Start again with the shim loaded, spoil, and print what came of it."""
    with tempfile.TemporaryDirectory() as name:
        if "shim.so" not in os.environ.get("LD_PRELOAD", ""):
            shim = build(Path(name))
            if shim is None:
                sys.exit("There is no C compiler, or this is not Linux: the disks cannot be spoiled here.")
            command = [sys.executable, "-m", "benchmarks", "disks", *words]
            sys.exit(subprocess.run(command, env=os.environ | {"LD_PRELOAD": str(shim)}, check=False).returncode)
        _spoil(Path(name), words)


def _spoil(scratch: Path, words: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks disks")
    parser.add_argument("--cuts", type=int, default=400)
    parser.add_argument("--failures", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--footage", type=Path)
    given = parser.parse_args(words)
    os.environ["XDG_STATE_HOME"] = str(scratch)
    disks = Disks(scratch, prepare([given.footage] if given.footage else stage(scratch / "footage")))
    for kind, count in ((disks.forget, given.cuts), (disks.fail, given.failures)):
        damage = Damage()
        if count >= 0:
            kind(count, given.first, damage)
        for detail in damage.details:
            print(detail)
        figures = {key: getattr(damage, key) for key in Damage.__slots__ if key != "details"}
        data.row(kind.__name__, {"changes": disks.changes} | figures)
    print(data.machine())
