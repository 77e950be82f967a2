"""Spans cover a video without overlap, and are the same wherever they are cut."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossid.footage import FootageSettings, spanning, spans
from crossid.footage.spanning import MOST_SPANS, threads_for
from crossid.types import Video

VIDEO = Video(
    id="a" * 64,
    path=Path("/nowhere/a.mp4"),
    name="a.mp4",
    kind="video",
    size_bytes=1,
    width=2,
    height=2,
    duration_s=1000.0,
    rate=Fraction(25),
    codec="h264",
    recorded_at=None,
    clock="none",
    device=None,
    place=None,
    tags=(("container", "mp4"),),
)


@given(duration_s=st.floats(0, 1e12), span_s=st.floats(0.5, 1e4))
def test_spans_cover_without_overlap_and_none_is_tiny_or_too_many(duration_s: float, span_s: float) -> None:
    cut = spans(replace(VIDEO, duration_s=duration_s), FootageSettings(span_s=span_s))
    assert cut[0].start_s == 0
    assert cut[-1].end_s is None
    assert [one.end_s for one in cut[:-1]] == [one.start_s for one in cut[1:]]
    assert [one.index for one in cut] == list(range(len(cut)))
    assert len(cut) <= MOST_SPANS
    if len(cut) > 1:
        assert 0.49 * span_s <= duration_s - cut[-1].start_s


@pytest.mark.parametrize(
    ("duration_s", "count"), [(180.0, 1), (180.1, 2), (299.0, 2), (301.0, 4), (609.0, 6), (1200.0, 10)]
)
def test_a_video_is_cut_when_it_is_longer_than_one_span_and_a_half(duration_s: float, count: int) -> None:
    assert len(spans(replace(VIDEO, duration_s=duration_s), FootageSettings())) == count


@pytest.mark.parametrize("container", ["avi", "mpeg-ts", "gif", "mpeg-ps"])
def test_where_jumps_do_not_land_nothing_is_cut(container: str) -> None:
    assert len(spans(replace(VIDEO, tags=(("container", container),)), FootageSettings())) == 1


def test_a_photograph_is_one_span() -> None:
    assert len(spans(replace(VIDEO, kind="still"), FootageSettings())) == 1


@pytest.mark.parametrize(
    ("cores", "duration_s", "threads"),
    [(1, 60, 1), (2, 60, 2), (2, 300, 1), (2, 3600, 1), (8, 60, 8), (8, 609, 1), (8, 300, 4)],
)
def test_spans_that_are_watched_side_by_side_share_the_cores(
    monkeypatch: pytest.MonkeyPatch, cores: int, duration_s: float, threads: int
) -> None:
    monkeypatch.setattr(spanning, "cores", lambda: cores)
    assert threads_for(replace(VIDEO, duration_s=duration_s), FootageSettings()) == threads
