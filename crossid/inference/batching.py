"""How many pictures go through a network at once: measured where it runs, once, and remembered.

What suits one machine does not suit another: caches, vector units and graphics cards differ. A batch is as
quick as any at some size and slower beyond it, and changes no answer by more than rounding. What was
measured is kept in the cache folder, under everything that it depends on.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime

from crossid.errors import ModelError, SettingsError
from crossid.inference.providers import CPU
from crossid.inference.session import Session
from crossid.inference.weights import cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

BATCH_VARIABLE = "CROSSID_BATCH"
USUAL = 16
"""Where nothing can be measured."""
LARGEST = 64
NEARLY = 1.03
"""The smallest batch is taken that needs at most so many times as long for a picture as the quickest: it needs less
memory."""
TRIES = 2
BUDGET_S = 1.0
"""No larger batch is tried where that would take longer in all; networks that are so slow gain little by batches."""
MOST = 100
"""So many measurements are remembered, the latest."""


def batch_of(session: object, picture: NDArray[Any], wanted: int = 0) -> int:
    """How many pictures this network should be given at once.

    Args:
        session: An opened graph; of anything else nothing is known, and `USUAL` is the answer.
        picture: What it may be given, (1, …).
        wanted: What the user asked for; 0: what was measured here, which is done now if it never was.

    Raises:
        SettingsError: `CROSSID_BATCH` is no positive whole number.
    """
    told = wanted or _told()
    if not isinstance(session, Session):
        return told or USUAL
    if session.shape[0] is not None:
        return session.shape[0]
    return told or _known().get(_key(session)) or _measured(session, picture)


def chosen() -> dict[str, int]:
    """Network -> batch, of those that were measured on this machine with these libraries."""
    here = _machine()
    return {key.removesuffix(here).rstrip(): size for key, size in _known().items() if key.endswith(here)}


def quickest(run: Callable[[int], object], clock: Callable[[], float]) -> int:
    """The smallest batch that is about as quick as any.

    Args:
        run: Gives the network a batch of so many pictures.
        clock: Tells seconds.
    """
    run(1)  # the first time, memory is got and code is loaded
    costs: dict[int, float] = {}
    began = clock()
    for size in (1 << power for power in count()):
        costs[size] = min(_seconds(run, size, clock) for _ in range(TRIES)) / size
        best = min(costs, key=lambda one: costs[one])
        if size >= LARGEST or size >= 4 * best or 3 * (clock() - began) > BUDGET_S:
            break
    return next(size for size, cost in costs.items() if cost <= NEARLY * min(costs.values()))


def _seconds(run: Callable[[int], object], size: int, clock: Callable[[], float]) -> float:
    began = clock()
    run(size)
    return clock() - began


def _told() -> int:
    """What the environment says, 0 if nothing."""
    given = os.environ.get(BATCH_VARIABLE)
    if given is None:
        return 0
    if not given.isdecimal() or int(given) < 1:
        raise SettingsError(
            f"{BATCH_VARIABLE} is {given!r}, which is no positive whole number.",
            remedy=f"Unset {BATCH_VARIABLE}: then it is measured; or set it to how many pictures to take at once.",
        )
    return int(given)


def _measured(session: Session, picture: NDArray[Any]) -> int:
    try:
        size = quickest(lambda many: session.run(np.repeat(picture, many, axis=0)), _clock(session))
    except ModelError:  # whoever gives it real pictures will say what is wrong with it
        return USUAL
    _remember(_key(session), size)
    return size


def _clock(session: Session) -> Callable[[], float]:
    """Computing time where a network runs on this thread alone: what else goes on here has no part in it."""
    return time.thread_time if session.device == CPU and session.threads == 1 else time.perf_counter


def _key(session: Session) -> str:
    threads = "1 thread" if session.threads == 1 else f"{session.threads} threads"
    return f"{session.name} ({session.mark}) on {session.device}, {threads}{_machine()}"


@cache
def _machine() -> str:
    """What a measurement depends on besides the network: libraries and the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        processor = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        import platform

        processor = platform.processor() or platform.machine()
    return f" [onnxruntime {onnxruntime.__version__}, {processor}, {os.cpu_count()} cores]"


def _known() -> dict[str, int]:
    """What was measured, the oldest first; nothing where the file makes no sense."""
    try:
        told = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(told, dict):
        return {}
    return {str(key): size for key, size in told.items() if type(size) is int and 1 <= size <= LARGEST}


def _remember(key: str, size: int) -> None:
    """Keep a measurement; a folder that cannot be written is no harm. Two who write at once may lose one of theirs."""
    sizes = _known() | {key: size}
    part = _file().with_suffix(f".{os.getpid()}.part")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(dict(list(sizes.items())[-MOST:]), indent=1), encoding="utf-8")
        part.replace(_file())
    except OSError:
        with suppress(OSError):
            part.unlink()


def _file() -> Path:
    return cache_folder() / "batches.json"
