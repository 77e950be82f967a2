"""Footage that crossid stages itself, and one archive of it."""

from pathlib import Path

import pytest

from crossid.footage.staging import stage
from places import once
from running import scan


@pytest.fixture(scope="session")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of staged videos in which the same people come back."""
    return once(tmp_path_factory, "staged", stage)


@pytest.fixture(scope="session")
def archive(footage: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of all staged footage, made by one undisturbed scan. Not to be written to."""
    return once(tmp_path_factory, "whole", lambda folder: scan(footage, "--archive", folder))
