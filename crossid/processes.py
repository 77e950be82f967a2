"""This process and others: a leaf that everybody may import."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def lives(process: int) -> bool:
    """Whether a process is there; on Windows nobody is asked without harm, so all are taken for alive."""
    if os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def give_back() -> None:
    """Give the system the memory that this process has freed, where its C library can be told to.

    The GNU one keeps what is freed between what is not: after some minutes of pictures in all sizes a worker held four
    times what it used. To have it ask the system for each large picture anew costs a quarter more computing; to give
    back every few seconds costs nothing that could be measured.
    """
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    """None where the C library is another than the GNU one."""
    return getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
