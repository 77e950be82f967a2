"""What the machine has: memory that this process may use."""

from __future__ import annotations

from pathlib import Path

_PLENTY = 16 * 2**30


def free_memory() -> int:
    """Bytes of memory that can be had without swapping; plenty where the system does not say."""
    try:
        lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
        return int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return _PLENTY
