"""Where things lie, and what is laid there once."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that is made once for all processes of a test run: the first one makes it, the others wait."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / name
    made, failed = place.with_name(f"{name}.made"), place.with_name(f"{name}.failed")
    try:
        place.mkdir()
    except FileExistsError:
        while not made.exists():
            assert not failed.exists(), f"{name} could not be made; see the first test that wanted it"
            time.sleep(0.1)
        return place
    try:
        make(place)
    except BaseException:
        failed.touch()
        raise
    made.touch()
    return place
