"""What a scan would do is told before it is begun."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from crossid import pipeline
from crossid.settings import Settings
from flashes import archive_of, write_flashes

if TYPE_CHECKING:
    from pathlib import Path


def test_of_a_video_that_was_watched_in_part_the_rest_counts(tmp_path: Path) -> None:
    film = write_flashes(tmp_path / "day.mp4", seconds=4)
    archive = archive_of(tmp_path / "kept", [film], {"day.mp4": [(1.4, 3.0)]})
    usual = Settings()
    whole = pipeline.preview([film], archive, usual)
    assert (whole.files, whole.known, whole.seconds, whole.size_bytes) == (1, 1, 0.0, 0)
    halves = replace(usual, footage=replace(usual.footage, span_s=2.0))
    left = pipeline.preview([film], archive, halves)
    assert left.seconds == pytest.approx(2.0, abs=0.1)
    assert left.size_bytes == pytest.approx(film.stat().st_size / 2, rel=0.05)
