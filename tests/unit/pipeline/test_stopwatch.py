"""Seconds are counted once, for the stage that spends them; the clock in here ticks when it is told to."""

import time
from collections.abc import Iterator

import pytest

from crossid.pipeline.stopwatch import Stopwatch


class Clock:
    """A clock that stands still until somebody works."""

    def __init__(self) -> None:
        self.now = 0.0

    def work(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "perf_counter", lambda: clock.now)
    return clock


def test_a_stage_does_not_count_what_it_pulls_from(clock: Clock) -> None:
    watch = Stopwatch()

    def inner() -> Iterator[int]:
        for number in range(3):
            clock.work(30)
            yield number

    def outer() -> Iterator[int]:
        for number in watch.pulled("inner", inner()):
            clock.work(10)
            yield number

    assert list(watch.pulled("outer", outer())) == [0, 1, 2]
    assert watch.seconds == {"inner": 90, "outer": 30}


def test_time_between_stages_counts_for_nobody(clock: Clock) -> None:
    watch = Stopwatch()
    with watch.stage("work"):
        clock.work(1)
    clock.work(50)
    with watch.stage("work"):
        clock.work(2)
    assert watch.seconds == {"work": 3}


def test_an_error_ends_the_stage(clock: Clock) -> None:
    watch = Stopwatch()

    def fail() -> None:
        clock.work(1)
        raise ValueError("bad")

    with pytest.raises(ValueError, match="bad"), watch.stage("work"):
        fail()
    with watch.stage("other"):
        clock.work(20)
    assert watch.seconds == {"work": 1, "other": 20}
