"""Numbers in words are short and never finer than they are known."""

import pytest

from crossid import wording


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 s"),
        (0.84, "0.8 s"),
        (9.96, "10 s"),
        (59.6, "1 min"),
        (200, "3 min 20 s"),
        (3599.7, "1 h 00 min"),
        (7500, "2 h 05 min"),
    ],
)
def test_a_duration_carries_over_to_the_next_unit(seconds: float, words: str) -> None:
    assert wording.duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3, "under 10 s"),
        (38, "about 40 s"),
        (57, "about 1 min"),
        (200, "about 3 min"),
        (3590, "about 1 h"),
        (4800, "about 1 h 20 min"),
    ],
)
def test_an_estimate_is_rounded(seconds: float, words: str) -> None:
    assert wording.roughly(seconds) == words


@pytest.mark.parametrize(("seconds", "words"), [(-3, "0:00"), (7.9, "0:07"), (760, "12:40"), (3723, "1:02:03")])
def test_a_place_in_a_video_reads_like_a_players_clock(seconds: float, words: str) -> None:
    assert wording.clock(seconds) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [(812, "812 B"), (4_200_000, "4.2 MB"), (118e9, "118 GB"), (999_900, "1.0 MB"), (2.5e12, "2.5 TB")],
)
def test_a_size_has_at_most_three_digits(number: float, words: str) -> None:
    assert wording.size(number) == words


def test_a_count_knows_one_from_many() -> None:
    assert wording.count(1, "video") == "1 video"
    assert wording.count(1204, "video") == "1,204 videos"
    assert wording.count(0, "person", "people") == "0 people"


def test_of_strangers_nothing_is_said_where_there_is_no_pair() -> None:
    assert wording.by_chance(1, 0.0) == ""
    assert "all 3 pairs of tracks strangers, less than one" in wording.by_chance(3, 0.2)
    assert "not known" in wording.by_chance(3, None)
