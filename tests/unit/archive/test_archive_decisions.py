"""Decisions: kept small and quick, added up right."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import get_args

import numpy as np
import pytest

from builders import a_decision, a_video
from crossid.archive.decisions import REASONS, pack, tally, unpack
from crossid.types import Decision, Moment, Reason


def test_every_reason_can_be_kept_and_none_has_moved():
    assert set(REASONS) == set(get_args(Reason))
    assert REASONS[:7] == ("first", "shot", "motion", "check", "interval", "still", "dark")


@pytest.mark.slow
def test_two_hours_of_decisions_are_small_quick_and_exact():
    random = np.random.default_rng(0)
    base = Fraction(1, 90000)
    pts = np.cumsum(random.integers(2900, 3100, 216_000))
    decisions = [
        Decision(
            moment=Moment(video="v", pts=int(at), time_base=base),
            number=number,
            reason=REASONS[number % 7],
            motion=float(motion),
            brightness=0.5,
        )
        for number, (at, motion) in enumerate(zip(pts, random.beta(0.3, 5, pts.size), strict=True))
    ]
    began = time.perf_counter()
    packed = pack(decisions)
    back = list(unpack(packed, "v", base))
    assert time.perf_counter() - began < 20
    assert len(packed) < 1_500_000
    assert [(one.moment, one.number, one.reason) for one in back] == [
        (one.moment, one.number, one.reason) for one in decisions
    ]
    assert max(abs(one.motion - other.motion) for one, other in zip(back, decisions, strict=True)) < 1e-5


def test_nothing_decided_is_nothing_kept():
    assert pack([]) == b""
    assert list(unpack(b"", "v", Fraction(1, 25))) == []
    assert tally([], 5.0).pictures == 0


def test_a_photograph_was_looked_at_and_nobody_could_be_missed_in_it():
    photo = a_video(kind="still", duration_s=0.0)
    sums = tally([a_decision(photo, 0.0, "first")], 0.0)
    assert (sums.pictures, sums.looked_at, sums.looked_at_s, sums.missable_s) == (1, 1, 0.0, 0.0)


@pytest.mark.parametrize(
    ("reasons", "missable_s"),
    [
        (("first", "motion", "motion"), 1.0),
        (("first", "interval", "interval", "motion"), 3.0),
        (("first", "dark", "dark", "motion"), 1.0),
        (("dark", "first", "still"), 2.0),
    ],
)
def test_the_longest_stretch_in_the_light_between_two_looks_could_be_missed(reasons, missable_s):
    decisions = [a_decision(a_video(), float(at), reason) for at, reason in enumerate(reasons)]
    assert tally(decisions, float(len(reasons))).missable_s == missable_s


def test_decoding_that_breaks_off_early_counts_nothing_below_zero():
    sums = tally([a_decision(a_video(), 3.0, "first")], 2.0)
    assert (sums.looked_at_s, sums.missable_s) == (0.0, 0.0)
