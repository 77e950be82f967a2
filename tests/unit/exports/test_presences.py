"""When people are seen: worked out from rows of the log alone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import NOON
from crossid.exports.presences import timeline, together
from crossid.types import LogRow

ROW = LogRow(
    person_id="P-000001",
    name="",
    video="a.mp4",
    video_sha256="a",
    appearance_id="0",
    start_s=0.0,
    end_s=1.0,
    recorded_at="",
    clock="none",
    faces=1,
    face="f",
    box=(0.0, 0.0, 1.0, 1.0),
    probability=0.9,
    evidence="",
    status="proposed",
    quality=0.9,
    tracks=("0",),
    face_s=0.0,
    source_id="0",
)


def row(
    start_s: float, end_s: float, video: str = "a", *, person: str = "P-000001", made_s: float | None = None
) -> LogRow:
    """`made_s`: when the recording began, in seconds after noon."""
    recorded_at = "" if made_s is None else (NOON + timedelta(seconds=made_s + start_s)).isoformat()
    return replace(
        ROW,
        person_id=person,
        video=f"{video}.mp4",
        video_sha256=video,
        start_s=start_s,
        end_s=end_s,
        recorded_at=recorded_at,
    )


def spans(rows: dict[str, list[LogRow]]) -> list[tuple[str, float, float]]:
    return [(one.video_sha256, one.start_s, one.end_s) for one in together(rows).at_once]


def test_people_are_together_while_all_are_seen() -> None:
    rows = {"x": [row(0, 10), row(20, 30)], "y": [row(5, 22)], "z": [row(8, 21), row(0, 99, "b")]}
    assert spans({key: rows[key] for key in "xy"}) == [("a", 5, 10), ("a", 20, 22)]
    assert spans(rows) == [("a", 8, 10), ("a", 20, 21)]
    found = together(rows)
    assert found.length_s == 3
    assert [one.gap_s for one in found.at_once] == [None, 10.0]
    assert found.videos == ("a.mp4",)


def test_who_share_a_photograph_are_together_for_no_time() -> None:
    found = together({"x": [row(0, 0)], "y": [row(0, 0)]})
    assert (len(found.at_once), found.length_s) == (1, 0.0)


def test_who_miss_each_other_are_told_by_how_much() -> None:
    found = together({"x": [row(0, 10), row(50, 60)], "y": [row(12, 15), row(40, 41)]})
    assert found.at_once == ()
    assert found.nearest is not None
    assert (found.nearest.start_s, found.nearest.end_s) == (10, 12)


def test_who_are_in_different_videos_are_never_together() -> None:
    found = together({"x": [row(0, 10)], "y": [row(0, 10, "b")]})
    assert (found.at_once, found.videos, found.nearest, found.elsewhere) == ((), (), None, ())


def test_two_cameras_at_one_time_are_a_lead() -> None:
    ours, theirs = row(0, 10, made_s=0), row(5, 6, "b", made_s=3)
    (lead,) = together({"x": [ours], "y": [theirs, row(5, 6, "c", made_s=60)]}).elsewhere
    assert [one.video_sha256 for one in lead] == ["a", "b"]
    assert [one.people for one in lead] == [("x",), ("y",)]


def test_the_clock_on_the_wall_moves_with_the_moment_at_which_they_meet() -> None:
    (both,) = together({"x": [row(0, 10, made_s=0)], "y": [row(4, 10, made_s=0)]}).at_once
    assert both.recorded_at == "2024-05-01T12:00:04.000Z"


def test_a_timeline_follows_the_clock_and_then_the_names() -> None:
    rows = [row(0, 1, "z", made_s=0), row(0, 1, "b"), row(3, 4, "a"), row(0, 2, "a"), row(0, 1, "y", made_s=-3600)]
    found = timeline(rows)
    assert [(one.video_sha256, one.start_s) for one in found] == [("y", 0), ("z", 0), ("a", 0), ("a", 3), ("b", 0)]
    assert [one.gap_s for one in found] == [None, 3599.0, None, 1.0, None]
    assert timeline([]) == []


@pytest.mark.parametrize("zoned", ["2024-05-01T12:00:00.000Z", "2024-05-01T12:00:00"])
def test_clocks_with_and_without_a_zone_can_be_compared(zoned: str) -> None:
    found = timeline([replace(ROW, recorded_at=zoned), row(0, 1, "b", made_s=60)])
    assert found[1].gap_s == 59.0


times = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 8)), min_size=1, max_size=6)


@given(x=times, y=times)
def test_every_moment_that_both_are_seen_is_told_and_no_other(x, y) -> None:
    """Against looking at each half second."""
    rows = {who: [row(start, start + length) for start, length in some] for who, some in (("x", x), ("y", y))}
    told = together(rows).at_once
    for half in range(100):
        at_s = half / 2
        both = all(any(one.start_s <= at_s <= one.end_s for one in some) for some in rows.values())
        assert any(one.start_s <= at_s <= one.end_s for one in told) == both
