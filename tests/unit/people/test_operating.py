"""The operating point is told as what it lets through, from strangers that the calibration has counted."""

import json
from pathlib import Path

import pytest

from crossid.errors import ModelError
from crossid.people import PeopleSettings, operating_point
from crossid.people.calibration import decade, needed_evidence
from crossid.types import Space

SPACE = Space(name="toy", dimensions=4, fingerprint="0" * 16)


def settings(tmp_path: Path, strangers: object) -> PeopleSettings:
    """Those of a space whose calibration says this of strangers."""
    file = tmp_path / "toy.json"
    file.write_text(json.dumps({"space": "toy", "calibration": {}, "strangers": strangers}))
    return PeopleSettings(calibrations=(("toy", str(file)),))


def test_expected_false_matches_grow_with_the_pairs_of_the_archive(tmp_path: Path) -> None:
    told = settings(tmp_path, {"pairs": 1000, "reaching": {"4.5": 20, "5.0": 10}})
    small, large = (operating_point(SPACE, size, told) for size in (200, 2000))
    assert (small.evidence, small.false_match_rate, small.false_matches) == (4.5, 0.02, pytest.approx(0.02 * 19900))
    assert (large.evidence, large.false_match_rate, large.false_matches) == (5.0, 0.01, pytest.approx(0.01 * 1999000))


def test_where_no_stranger_reached_the_bar_it_is_as_if_one_had(tmp_path: Path) -> None:
    told = settings(tmp_path, {"pairs": 1000, "reaching": {"4.5": 0}})
    assert operating_point(SPACE, 200, told).false_match_rate == 0.001


@pytest.mark.parametrize("reaching", [{}, {"9.0": 1}])
def test_a_bar_that_was_not_counted_is_not_told(tmp_path: Path, reaching: dict[str, int]) -> None:
    point = operating_point(SPACE, 200, settings(tmp_path, {"pairs": 1000, "reaching": reaching}))
    assert (point.false_match_rate, point.false_matches) == (None, None)


def test_a_calibration_of_before_strangers_were_counted_does_not_tell(tmp_path: Path) -> None:
    file = tmp_path / "toy.json"
    file.write_text(json.dumps({"space": "toy", "calibration": {}}))
    assert operating_point(SPACE, 200, PeopleSettings(calibrations=(("toy", str(file)),))).false_matches is None


@pytest.mark.parametrize(
    "strangers",
    [
        None,
        [],
        {"pairs": 0, "reaching": {"4.5": 0}},
        {"pairs": 5, "reaching": {"4.5": 6}},
        {"pairs": 5, "reaching": {"4.5": -1}},
        {"pairs": "many", "reaching": {"4.5": 1}},
        {"pairs": 5, "reaching": {"4.5": [1]}},
        {"pairs": 5, "reaching": [1]},
    ],
)
def test_strangers_that_make_no_sense_are_refused(tmp_path: Path, strangers: object) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        operating_point(SPACE, 200, settings(tmp_path, strangers))


def test_the_calibration_that_comes_with_crossid_tells_of_every_size() -> None:
    space = Space(name="dlib_resnet", dimensions=128, fingerprint="0" * 16)
    rates = [operating_point(space, 10**power, PeopleSettings()).false_match_rate for power in range(9)]
    assert all(rate is not None and 0 < rate < 0.01 for rate in rates)


def test_a_decade_is_all_sizes_that_need_the_same() -> None:
    for size in (0, 1, 99, 100, 101, 1000, 1001, 10_000, 10_001, 10**6):
        least, most = decade(size)
        assert least <= size <= most
        assert needed_evidence(least) == needed_evidence(size) == needed_evidence(most)
        assert needed_evidence(most + 1) != needed_evidence(size)
