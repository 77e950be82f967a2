"""Ends a process at a random moment, and looks at what it left."""

from __future__ import annotations

import math
import os
import random
import resource
import signal
import time
import traceback
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from crossid import archive
from crossid.archive.sqlite import SqliteStore
from crossid.archive.trust import verify
from crossid.errors import ArchiveError
from crossid.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    Say = Callable[[str], None]


TICKS = os.sysconf("SC_CLK_TCK")
"""In which Linux counts computing time, a second."""


@dataclass(slots=True)
class Damage:
    """What kills did; all but the first two must stay 0 and empty."""

    kills: int = 0
    archives: int = 0
    failed: int = 0
    damaged: int = 0
    lost: int = 0
    unequal: int = 0
    details: list[str] = field(default_factory=list)

    def note(self, kind: str, detail: str) -> None:
        """One more of a kind."""
        setattr(self, kind, getattr(self, kind) + 1)
        self.details.append(f"{kind}: {detail}")


class Child:
    """A forked process that does some work and says what is acknowledged, one line each."""

    def __init__(self, work: Callable[[Say], None]) -> None:
        self._reader, writer = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            _work(work, writer)
        os.close(writer)

    def end(self, after_s: float, work_s: float = math.inf) -> tuple[list[str], int]:
        """Kill it, unless it is done before; what it said, and its exit code (-9: killed).

        Args:
            after_s: After so long.
            work_s: Once it and its processes have computed for so long, on Linux: however busy the machine is, it is
                as far as that.
        """
        deadline, code = time.monotonic() + after_s, None
        while code is None and time.monotonic() < deadline and (math.isinf(work_s) or _worked_s(self.pid) < work_s):
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            code = os.waitstatus_to_exitcode(status) if pid else None
            time.sleep(0.002)
        if code is None:
            os.kill(self.pid, signal.SIGKILL)
            code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        with os.fdopen(self._reader) as lines:
            return [line.strip() for line in lines if line.endswith("\n")], code


def computed_s() -> float:
    """Seconds of computing time of all children that have ended, theirs included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _worked_s(process: int) -> float:
    """The same of a process that lives, and of all below it; 0 where the system does not say."""
    place, total = Path(f"/proc/{process}"), 0.0
    with suppress(OSError):
        total += sum(map(int, (place / "stat").read_text().rpartition(")")[2].split()[11:15])) / TICKS
        for thread in (place / "task").iterdir():
            total += sum(_worked_s(int(child)) for child in (thread / "children").read_text().split())
    return total


def _work(work: Callable[[Say], None], writer: int) -> None:
    """All that the child does; never returns."""
    code = 70
    try:
        work(lambda line: (os.write(writer, f"{line}\n".encode()), None)[1])
        code = 0
    except BaseException:  # noqa: BLE001 -- the parent hears of it by the exit code
        traceback.print_exc()
    finally:
        os._exit(code)


def look(folder: Path, said: list[str], damage: Damage, what: str) -> None:
    """Whether the archive is whole, and holds all that was acknowledged."""
    if not archive.exists(folder):
        if said:
            damage.note("lost", f"{what}: no archive, though it said {said[-1]}")
        return
    try:
        with closing(SqliteStore.open(folder, write=True)) as store:
            sound = store.database.value("PRAGMA integrity_check") == "ok"
            whole = not list(store.database.rows("PRAGMA foreign_key_check")) and not store.check_ledger()
            if not (sound and whole):
                damage.note("damaged", what)
            lost = [line for line in said if not _holds(store, line)]
            if lost:
                damage.note("lost", f"{what}: {lost}")
    except Exception as error:  # noqa: BLE001 -- what is looked for
        damage.note("damaged", f"{what}: {error!r}")


def _holds(store: SqliteStore, line: str) -> bool:
    kind, _, value = line.partition(" ")
    if kind == "video":
        return store.video_done(value)
    if kind == "scan":
        return sum(record.ended is not None for record in store.runs()) >= int(value)
    return len(store.ledger()) >= int(value)


def readable(folder: Path, damage: Damage, what: str) -> None:
    """Whether somebody who only looks can open it right after the kill, and is told of no more than unfinished work."""
    try:
        if archive.exists(folder):
            with closing(archive.open_archive(folder, Settings().archive)) as store:
                store.log()
            found = verify(folder, Settings().archive, originals=False)
            if not (found.sound or found.unfinished):
                damage.note("damaged", f"{what}: {[one for one in found.differences if one.kind != 'outdated'][:5]}")
    except ArchiveError as error:
        if "There is no archive" not in str(error):  # killed while it was made
            damage.note("damaged", f"{what}: {error!r}")


def moments(seed: int, reach_s: float) -> Callable[[], float]:
    """Seconds until the next kill: anything up to `reach_s`."""
    chance = random.Random(seed)
    return lambda: reach_s * chance.random()
