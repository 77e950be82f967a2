"""What this process asks of the system."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

from crossid.processes import give_back

GNU = sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim")
HOLD_AND_FREE = """
from pathlib import Path
import numpy as np
from crossid.processes import give_back

def held_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20

pictures = [np.ones(7500) for _ in range(3000)]  # 60 kB each: too small to be asked of the system one by one
pinned = pictures[-1]
before = held_mb()
del pictures
freed = held_mb()
give_back()
print(before - freed < 50, before - held_mb() > 100)
"""


@pytest.mark.skipif(not GNU, reason="another C library gives memory back by itself, or cannot be told to")
def test_what_was_freed_goes_back_to_the_system():
    said = subprocess.run([sys.executable, "-c", HOLD_AND_FREE], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["True", "True"]


def test_it_may_be_asked_anywhere_and_twice():
    give_back()
    give_back()
