"""A moment of a video is a picture to look somebody up by, and one that it does not have is said to be none."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from crossid.errors import FootageError
from crossid.pipeline.asking import Asked
from crossid.pipeline.picturing import Pictures, picture_of
from crossid.settings import Settings
from crossid.types import Frame
from places import ROOT

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


def test_pictures_come_in_order_by_one_worker_that_begins_at_once(film: Path, tmp_path: Path) -> None:
    asked = [Asked(path=film, moment_s=moment_s) for moment_s in (0.4, 99.0, 1.2)]
    with Pictures(asked, Settings()) as pictures:
        (workers,) = pictures._readers._all
        assert workers._busy
        seen = [read for _, read in pictures]
        assert pictures._readers._all == [workers]
    assert [type(read) for read in seen] == [Frame, FootageError, Frame]
    first, _, last = seen
    assert first.image.mean() < last.image.mean()
    assert not workers._busy


def test_what_reads_a_picture_and_what_compares_it_load_nothing_else() -> None:
    """The worker loads neither networks nor an archive, the caller no decoder of pictures or films."""
    program = (
        "import sys, crossid.pipeline.picturing;"
        "print([name for name in ('onnxruntime', 'cv2', 'av', 'PIL', 'sqlite3', 'scipy', 'importlib.metadata')"
        " if name in sys.modules]);"
        "import crossid.pipeline.finding, crossid.archive.sqlite;"
        "print([name for name in ('av', 'PIL', 'scipy', 'sklearn', 'jinja2', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split("\n")[:2] == ["[]", "[]"]
