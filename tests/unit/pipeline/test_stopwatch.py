"""Seconds are counted once, for the stage that spends them."""

import time
from collections.abc import Iterator

import pytest

from crossid.pipeline.stopwatch import Stopwatch


def slow(count: int, seconds: float) -> Iterator[int]:
    for number in range(count):
        time.sleep(seconds)
        yield number


def test_a_stage_does_not_count_what_it_pulls_from() -> None:
    clock = Stopwatch()

    def outer() -> Iterator[int]:
        for number in clock.pulled("inner", slow(3, 0.03)):
            time.sleep(0.01)
            yield number

    assert list(clock.pulled("outer", outer())) == [0, 1, 2]
    assert clock.seconds["inner"] == pytest.approx(0.09, abs=0.04)
    assert clock.seconds["outer"] == pytest.approx(0.03, abs=0.025)


def test_time_between_stages_counts_for_nobody() -> None:
    clock = Stopwatch()
    with clock.stage("work"):
        pass
    time.sleep(0.05)
    with clock.stage("work"):
        pass
    assert clock.seconds["work"] < 0.04


def test_an_error_ends_the_stage() -> None:
    clock = Stopwatch()
    with pytest.raises(ValueError, match="bad"), clock.stage("work"):
        raise ValueError("bad")
    with clock.stage("other"):
        time.sleep(0.02)
    assert clock.seconds["other"] >= 0.02
    assert clock.seconds["work"] < 0.02
