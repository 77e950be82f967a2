"""Names of files: whatever a video or a person is called, every system can take what is painted."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossid.archive.naming import hash_name, safe_name, video_stem
from crossid.archive.times import clock_time, file_time

anything = st.text(st.characters(), max_size=300)  # lone surrogates included: bytes of names that are no text


@given(anything)
def test_any_text_becomes_one_visible_path_segment(text):
    name = safe_name(text)
    assert name
    assert len(name.encode()) <= 80 + len("_")
    assert not set(name) & set('<>:"/\\|?*')
    assert not [one for one in name if unicodedata.category(one) in {"Cc", "Cs", "Zl", "Zp"}]
    assert not name.startswith((".", " "))
    assert not name.endswith((".", " "))


@given(anything)
def test_a_safe_name_stays_as_it_is(text):
    assert safe_name(safe_name(text)) == safe_name(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Jane Doe", "Jane Doe"),
        ("مظاهرة ١", "مظاهرة ١"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("e\u0301", "é"),
        ("a/b\\c", "a_b_c"),
        ("a\nb\tc", "a b c"),
        ("evil\u202egpj", "evilgpj"),
        ("..", "_"),
        (".hidden", "hidden"),
        ("", "_"),
        ("dots...", "dots"),
        ("CON", "_CON"),
        ("lpt1.txt", "_lpt1.txt"),
        ("console", "console"),
        ("x" * 200, "x" * 80),
        ("é" * 50, "é" * 40),
    ],
)
def test_names_are_made_safe_and_stay_recognisable(text, name):
    assert safe_name(text) == name


def test_a_video_is_named_by_its_stem_and_hash():
    assert hash_name("day one/clip.final.mp4", "abcdef0123456789") == "clip.final_abcdef01"
    assert video_stem("day one/.mp4") == "mp4"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "00:00:00.000"),
        (59.9996, "00:01:00.000"),
        (3661.0015, "01:01:01.002"),
        (360000.5, "100:00:00.500"),
        (-0.2, "00:00:00.000"),
    ],
)
def test_times_are_rounded_once_and_never_show_sixty_seconds(seconds, shown):
    assert clock_time(seconds) == shown


def test_times_in_names_of_files_have_no_colons():
    assert file_time(3661.25) == "01h01m01.250s"
