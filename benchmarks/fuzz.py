"""Mutated and truncated media, through discovery and watching in limited workers.

    python -m benchmarks fuzz [--files 1000] [--seed 1] [--keep FOLDER]

Reported: runs that died and hangs (there must be none), bugs met, workers lost, and the most computing time and
memory that one file took. `--keep` copies what was remarkable. Every hundredth file also goes through a whole scan.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import data
from benchmarks.hostile.mutations import mutant, sources
from crossid import footage
from crossid.errors import ModelError, SettingsError
from crossid.pipeline.workers import Finished, Workers
from crossid.settings import Settings

BATCH = 100
REMARKABLE_CPU_S, REMARKABLE_MB = 10.0, 1500


@dataclass(slots=True)
class Tally:
    """What came of the files so far."""

    files: int = 0
    read: int = 0
    faces: int = 0
    died: int = 0
    hangs: int = 0
    lost: int = 0
    bugs: int = 0
    worst_cpu_s: float = 0.0
    worst_mb: float = 0.0
    said: Counter[str] = field(default_factory=Counter)
    remarkable: list[tuple[str, str]] = field(default_factory=list)


class Fuzzing:
    """One run over many files; `scratch` is where they come and go."""

    def __init__(self, scratch: Path, *, seed: int, keep: Path | None = None) -> None:
        self.tally = Tally()
        self._scratch, self._seed, self._keep = scratch, seed, keep
        self._settings = Settings()
        self._originals = sources(scratch / "originals")

    def run(self, files: int) -> Tally:
        """Do so many, in batches: each is a folder that is discovered, probed and watched."""
        for first in range(0, files, BATCH):
            folder = self._scratch / "batch"
            folder.mkdir()
            for number in range(first, min(first + BATCH, files)):
                name, content = mutant(number, self._seed, self._originals)
                (folder / name).write_bytes(content)
            self._batch(folder)
            shutil.rmtree(folder)
        return self.tally

    def scan(self, files: int) -> None:
        """The whole program on a folder of mutants: exit 0 or 6, or 3 where nothing can be read, and no traceback."""
        folder = self._scratch / "scanned"
        folder.mkdir()
        for number in range(files):
            name, content = mutant(number, self._seed + 1, self._originals)
            (folder / name).write_bytes(content)
        command = [
            sys.executable,
            "-m",
            "crossid",
            "scan",
            str(folder),
            "--archive",
            str(self._scratch / "a"),
            "--json",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 3, 6) or "Traceback" in done.stderr:
            self.tally.died += 1
            self.tally.remarkable.append(("scan", done.stderr[-500:]))

    def _batch(self, folder: Path) -> None:
        self.tally.files += sum(1 for _ in folder.iterdir())
        try:
            found = footage.discover([folder]).files
            with Workers(1, self._settings) as workers:
                videos = [word.result for word in self._words(workers, found) if word.error is None]
                spans = [span for video in videos for span in footage.spans(video, self._settings.footage)]
                self.tally.read += len(videos)
                for word in self._words(workers, spans):
                    self.tally.faces += len(word.result.appearances) if word.result else 0
        except Exception as error:  # noqa: BLE001 -- what is looked for
            self.tally.died += 1
            self.tally.remarkable.append((folder.name, repr(error)))

    def _words(self, workers: Workers, tasks: list) -> list[Finished]:
        """What came of tasks; between two words the only worker rests, and its figures are those of the one task."""
        words, before = [], 0.0
        for word in workers.run(tasks):
            if not isinstance(word, Finished):
                continue
            cpu_s, mb = _used()
            used_s = cpu_s - before if cpu_s >= before else cpu_s  # a new worker counts from nothing
            before = cpu_s
            self._note(word, used_s, mb)
            words.append(word)
        return words

    def _note(self, word: Finished, cpu_s: float, mb: float) -> None:
        tally, reason = self.tally, str(word.error or "")
        path = word.task.path if isinstance(word.task, footage.FoundFile) else word.task.video.path
        tally.worst_cpu_s, tally.worst_mb = max(tally.worst_cpu_s, cpu_s), max(tally.worst_mb, mb)
        hang = "Nothing was heard" in reason or "computing time" in reason
        tally.hangs += hang
        tally.lost += "ended by the system" in reason or "crashed" in reason
        tally.bugs += "A bug in crossid" in reason
        tally.died += isinstance(word.error, (ModelError, SettingsError))  # these end a scan
        if word.error is not None:
            tally.said[reason.replace(path.name, "FILE")[:70]] += 1
        odd = hang or "bug" in reason or "process" in reason or "crashed" in reason or "memory" in reason
        if odd or cpu_s > REMARKABLE_CPU_S or mb > REMARKABLE_MB:
            tally.remarkable.append((path.name, f"{cpu_s:.1f} s, {mb:.0f} MB, {reason}"))
            if self._keep is not None:
                self._keep.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, self._keep)


def _used() -> tuple[float, float]:
    """Seconds of computing time of the one living worker, and megabytes at its peak since the last call; Linux only."""
    for child in multiprocessing.active_children():
        place = Path(f"/proc/{child.pid}")
        try:
            ticks = (place / "stat").read_text().rpartition(")")[2].split()[11:13]
            status = (place / "status").read_text()
            (place / "clear_refs").write_text("5")
        except OSError:
            continue
        peak_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
        return sum(map(int, ticks)) / 100, peak_kb / 1000
    return 0.0, 0.0


def main(words: list[str]) -> None:
    """Fuzz, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks fuzz")
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args(words)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        fuzzing = Fuzzing(Path(scratch), seed=given.seed, keep=given.keep)
        tally = fuzzing.run(given.files)
        fuzzing.scan(max(1, given.files // 100))
    for reason, count in tally.said.most_common(40):
        print(f"{count:6d}  {reason}")
    for name, why in tally.remarkable:
        print(f"remarkable: {name}: {why}")
    figures = {key: getattr(tally, key) for key in Tally.__slots__ if key not in ("said", "remarkable")}
    data.row("fuzz", figures | {"seconds": round(time.perf_counter() - began)})
    print(data.machine())
