"""This process and others: a leaf that everybody may import."""

from __future__ import annotations

import os


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
