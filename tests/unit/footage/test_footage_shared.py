"""Real footage of many makers: probed all, and some of it watched."""

import itertools
from pathlib import Path

import pytest
from media import watched

from crossid import footage
from crossid.errors import FootageError
from crossid.footage import FootageSettings
from crossid.types import Place

pytestmark = pytest.mark.shared

WATCHED = {
    "grid_bbaf2n.mpg": (360, 288, 75, 3.0),
    "intel_again.mkv": (640, 480, 77, 2.567),
    "intel_people-detection.gif": (480, 270, 23, 1.91),
    "slacker_obama.mp4": (844, 614, 60, 4.0),
    "vinicius_obama_curry.mp4": (854, 480, 91, 3.061),
    "real3d_May_5s.mp4": (512, 512, 125, 5.0),
}
"""Name -> upright width and height, pictures that are shown, seconds."""


@pytest.fixture
def real(shared_data: Path) -> Path:
    return shared_data / "footage" / "real"


def test_everything_is_probed_and_only_what_has_no_pictures_is_refused(real: Path) -> None:
    videos, refused = {}, []
    for found in footage.discover([real]).files:
        try:
            videos[found.name] = footage.probe(found, "id", FootageSettings())
        except FootageError as error:
            refused.append(str(error))
    assert refused == ["friends_out05.mp4 holds sound only."]
    assert len(videos) == 50
    assert all(1 < video.duration_s < 100 and 10 < video.rate < 61 for video in videos.values())
    assert {name: (video.clock, video.place) for name, video in videos.items() if video.place} == {
        "guoqi_blurred.mp4": ("quicktime", Place(latitude=29.8531, longitude=121.5454, altitude=10.069992))
    }


@pytest.mark.parametrize(("name", "wanted"), WATCHED.items())
def test_some_of_it_is_watched(real: Path, name: str, wanted: tuple[int, int, int, float]) -> None:
    width, height, count, seconds = wanted
    pictures = watched(real / name)
    assert len(pictures) == count
    assert pictures[0].render().shape == (height, width, 3)
    assert pictures[0].moment.seconds == 0
    assert pictures[-1].moment.seconds == pytest.approx(seconds, abs=0.1)
    times = [one.moment.seconds for one in pictures]
    assert all(later > earlier for earlier, later in itertools.pairwise(times))


@pytest.mark.parametrize(
    "name",
    [
        "slacker_obama.mp4",
        "vinicius_Obama.mp4",
        "intel_book.mkv",
        pytest.param("fvf_obama.mp4", marks=pytest.mark.slow),
    ],
)
def test_spans_of_it_bring_what_an_undivided_read_brings(real: Path, name: str) -> None:
    whole = watched(real / name, FootageSettings(span_s=1e6))
    cut = watched(real / name, FootageSettings(span_s=1.3))
    assert [one.moment for one in cut] == [one.moment for one in whole]
    assert all((a.luma == b.luma).all() for a, b in zip(cut, whole, strict=True))
