"""Times are exact ticks from the start of the video, and they rise."""

from fractions import Fraction

import av
from hypothesis import given
from hypothesis import strategies as st

from crossid.footage.timing import LAST_S, Clock

TICK = Fraction(1, 1000)


def frame(pts: int | None, dts: int | None = None, duration: int = 40) -> av.VideoFrame:
    made = av.VideoFrame(2, 2, "gray")
    made.pts, made.dts, made.duration = pts, dts, duration
    return made


def told(*frames: av.VideoFrame, start: int | None = 0, restarts: bool = False) -> list[int | None]:
    clock = Clock(start, TICK, Fraction(25), restarts=restarts)
    return [clock.pts(one) for one in frames]


def test_the_streams_start_is_zero() -> None:
    assert told(frame(5000), frame(5040), start=5000) == [0, 40]


def test_without_a_stated_start_the_first_frame_is_zero() -> None:
    assert told(frame(5000), frame(5040), start=None) == [0, 40]


def test_without_a_time_of_showing_that_of_decoding_counts() -> None:
    assert told(frame(None, 80), frame(None, 120)) == [80, 120]


def test_without_any_stamp_a_frame_follows_the_one_before() -> None:
    assert told(frame(0, duration=100), frame(None), frame(None, duration=0), frame(None)) == [0, 100, 140, 180]


def test_what_goes_back_or_stands_still_is_dropped() -> None:
    assert told(frame(0), frame(80), frame(40), frame(80), frame(120)) == [0, 80, None, None, 120]


def test_what_comes_before_the_start_is_dropped() -> None:
    assert told(frame(4960), frame(5000), start=5000) == [None, 0]


def test_a_clock_that_starts_anew_is_followed_in_streams_alone() -> None:
    joined = frame(8000), frame(8040), frame(0), frame(40)
    assert told(*joined, start=8000, restarts=True) == [0, 40, 80, 120]
    assert told(*joined, start=None, restarts=True) == [0, 40, 80, 120]
    assert told(*joined, start=8000) == [0, 40, None, None]


def test_a_stamp_beyond_all_sense_is_dropped() -> None:
    assert told(frame(0), frame(2**62), frame(40)) == [0, None, 40]


@given(
    stamps=st.lists(st.none() | st.integers(-(2**40), 2**62), max_size=30),
    start=st.none() | st.integers(-(2**40), 2**40),
    restarts=st.booleans(),
)
def test_times_rise_and_fit_whatever_a_container_says(
    stamps: list[int | None], start: int | None, restarts: bool
) -> None:
    given_times = [pts for pts in told(*map(frame, stamps), start=start, restarts=restarts) if pts is not None]
    assert given_times == sorted(set(given_times))
    assert all(0 <= pts * TICK <= LAST_S for pts in given_times)
