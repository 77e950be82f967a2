"""The demo's footage shows who it says, several times, and is the same on every run."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from media import probed, watched

from crossid import footage
from crossid.errors import CrossidError
from crossid.footage.staging import FILMS, PHOTOGRAPH, RATE, UPRIGHT_BY_METADATA, stage, who_is_in


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    assert stage(folder) == [folder / name for name in who_is_in()]
    return folder


def test_at_least_five_people_come_back() -> None:
    seen = Counter(who for people in who_is_in().values() for who in people)
    assert sum(count >= 2 for count in seen.values()) >= 5


@pytest.mark.slow
def test_all_of_it_is_footage_and_as_long_as_planned(staged: Path) -> None:
    found = footage.discover([staged])
    assert not found.mishaps
    assert {file.name for file in found.files} == set(who_is_in())
    for name, shots in FILMS.items():
        assert len(watched(staged / name)) == sum(int(shot.seconds * RATE) for shot in shots)


@pytest.mark.slow
def test_one_film_stands_upright_by_metadata_alone(staged: Path) -> None:
    for name in FILMS:
        video = probed(staged / name)
        assert video.width > video.height
    assert set(FILMS) >= UPRIGHT_BY_METADATA
    assert probed(staged / PHOTOGRAPH[0]).kind == "still"


@pytest.mark.slow
def test_there_is_a_dark_stretch_and_a_still_one(staged: Path) -> None:
    dark = [one.luma for one in watched(staged / "market.mp4") if 2.5 < one.moment.seconds < 3.5]
    still = [one.luma.astype(int) for one in watched(staged / "harbour.mp4") if one.moment.seconds > 4.6]
    assert max(int(np.percentile(luma, 99)) for luma in dark) < 32
    assert max(np.abs(later - still[0]).mean() for later in still) < 1


@pytest.mark.slow
def test_staging_twice_makes_the_same_bytes(staged: Path, tmp_path: Path) -> None:
    for path in stage(tmp_path / "again"):
        assert footage.identify(path) == footage.identify(staged / path.name)


def test_a_folder_that_cannot_be_made_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CrossidError, match="cannot be written") as caught:
        stage(tmp_path / "file" / "below")
    assert caught.value.remedy
