"""Which pictures are looked at, and the reason given for each."""

from fractions import Fraction

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossid.frames import SELECTORS, FrameSettings, select
from crossid.types import KEPT, Decision, Moment, Picture

RATE = 25


def pictures(lumas: list[np.ndarray], rate: int = RATE) -> list[Picture]:
    return [
        Picture(
            moment=Moment(video="v", pts=place, time_base=Fraction(1, rate)),
            number=place,
            luma=luma,
            render=lambda luma=luma: cv2.cvtColor(luma, cv2.COLOR_GRAY2RGB),
        )
        for place, luma in enumerate(lumas)
    ]


def scene(seed: int = 1, shift: int = 0) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(30, 230, (9, 48), dtype=np.uint8)
    wide = cv2.resize(coarse, (960, 180), interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(wide[:, shift : shift + 320])


def decisions(lumas: list[np.ndarray], **given: float) -> list[Decision]:
    log: list[Decision] = []
    frames = list(select(pictures(lumas), FrameSettings(**given), log.append))
    assert [frame.decision for frame in frames] == [decision for decision in log if decision.kept]
    return log


def kept_s(log: list[Decision]) -> list[float]:
    return [round(decision.moment.seconds, 3) for decision in log if decision.kept]


def test_every_picture_has_one_reason() -> None:
    log = decisions([scene()] * 30)
    assert [decision.number for decision in log] == list(range(30))


def test_what_moves_is_looked_at_every_tenth_of_a_second_and_no_earlier() -> None:
    log = decisions([scene(shift=3 * step) for step in range(50)])
    assert kept_s(log) == pytest.approx(np.arange(0, 2, 0.12))
    assert {decision.reason for decision in log} == {"first", "motion", "interval"}


def test_what_is_still_is_looked_at_every_other_second() -> None:
    log = decisions([scene()] * 126)
    assert kept_s(log) == pytest.approx([0, 2, 4])
    assert log[50].reason == "check"
    assert log[20].reason == "still"


def test_a_still_stretch_is_left_as_soon_as_something_moves() -> None:
    log = decisions([scene()] * 30 + [scene(shift=3 * step) for step in range(1, 20)])
    assert 1.16 <= kept_s(log)[1] <= 1.28
    assert log[29].reason == "still"


def test_the_dark_is_skipped_and_what_follows_begins_a_shot() -> None:
    dark = (scene() * 0.05).astype(np.uint8)
    log = decisions([dark] * 10 + [scene()] * 10)
    assert [decision.reason for decision in log[:11]] == ["dark"] * 10 + ["first"]


def test_a_lamp_in_the_dark_does_not_light_a_face() -> None:
    night = np.full((180, 320), 8, np.uint8)
    night[:6, :6] = 255
    assert decisions([night] * 3)[1].reason == "dark"


def test_the_picture_after_a_cut_is_looked_at_at_once() -> None:
    log = decisions([scene(1)] * 7 + [scene(2)] * 7)
    assert log[7].reason == "shot"
    assert log[7].kept


def test_a_cut_into_the_dark_still_begins_a_shot_in_the_light() -> None:
    log = decisions([scene(1)] * 7 + [np.zeros((180, 320), np.uint8)] * 5 + [scene(2)] * 5)
    assert [decision.reason for decision in log[7:13]] == ["dark"] * 5 + ["shot"]


def test_no_pictures_make_no_frames() -> None:
    assert decisions([]) == []


@settings(max_examples=30)
@given(
    seeds=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 200), st.booleans()), min_size=1, max_size=60),
    every_s=st.floats(0.05, 1.0),
)
def test_whoever_is_there_in_the_light_longer_than_the_longest_gap_is_looked_at(
    seeds: list[tuple[int, int, bool]], every_s: float
) -> None:
    lumas = [(scene(seed, shift) * (0.04 if dark else 1)).astype(np.uint8) for seed, shift, dark in seeds]
    log = decisions(lumas, every_s=every_s, still_every_s=max(every_s, 0.4))
    gap = 0
    for decision in log:
        gap = 0 if decision.reason in KEPT | {"dark"} else gap + 1
        assert gap / RATE <= max(every_s, 0.4) + 1 / RATE


@pytest.mark.parametrize("name", SELECTORS.names())
def test_selectors_take_single_and_tiny_pictures(name: str) -> None:
    log: list[Decision] = []
    frames = list(select(pictures([np.full((1, 1), 200, np.uint8)]), FrameSettings(selector=name), log.append))
    assert [frame.starts_shot for frame in frames] == [True]
