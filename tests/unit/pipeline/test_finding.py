"""A moment of a video is a picture to look somebody up by, and one that it does not have is said to be none."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from crossid.errors import FootageError
from crossid.pipeline.asking import Asked
from crossid.pipeline.picturing import picture_of
from crossid.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["mpg", "mp4", "mkv"])
def film(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Two seconds; an MPEG programme stream has no index, so whoever seeks beyond its end reads nothing."""
    path = tmp_path / f"film.{request.param}"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg1video", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(50):
            frame = av.VideoFrame.from_ndarray(np.full((120, 160, 3), number, np.uint8), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def test_a_moment_past_the_end_says_how_long_the_video_is(film: Path) -> None:
    for moment_s in (5.0, 1000.0):
        with pytest.raises(FootageError, match=r"has no picture at .* it lasts (1\.[89]|2\.0)"):
            picture_of(Asked(path=film, moment_s=moment_s), Settings().footage)


def test_the_last_picture_is_there_till_the_end(film: Path) -> None:
    frame = picture_of(Asked(path=film, moment_s=2.1), Settings().footage)
    assert frame.image.mean() > 45
