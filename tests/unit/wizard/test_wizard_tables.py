"""What was found is told in tables that fit, and in sentences."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from builders import fill
from crossid.archive import ArchiveSettings, open_archive
from crossid.pipeline import Outcome, Preview, VideoTimes
from crossid.settings import Settings
from crossid.types import Coverage, Diff, Mishap, OperatingPoint
from crossid.wizard.console import command
from crossid.wizard.outcome import MAX_PEOPLE, coverage_line, show_outcome, unwatched_line
from crossid.wizard.profile import show_profile
from crossid.wizard.proposal import holdings, proposal
from crossid.wizard.roster import RosterLine, Sighting, most_seen_first, roster
from crossid.wizard.tables import bar_lines, diff_lines, matrix, people_table, sighted

NOWHERE = Sighting(recorded_at="", video="deep/clip [red].mp4", start_s=75.0)
BROKEN = Mishap(video="broken.mp4", moment_s=1.25, room="footage", reason="It breaks off.", remedy="Copy it again.")
NOTHING = Diff()


def line(
    number: int,
    appearances: int = 1,
    videos: tuple[str, ...] = ("clip.mp4",),
    name: str = "",
    *,
    confirmed: int = 0,
    ignored: bool = False,
) -> RosterLine:
    return RosterLine(
        id=f"P-{number:06}",
        name=name,
        also=(),
        aliases=(),
        confirmed=confirmed,
        ignored=ignored,
        videos=videos,
        appearances=appearances,
        certainty=None,
        first=NOWHERE,
        last=NOWHERE,
    )


def drawn(*things: RenderableType, width: int = 80) -> list[str]:
    page = Console(file=io.StringIO(), width=width, color_system=None, markup=False)
    with page.capture() as captured:
        for thing in things:
            page.print(thing)
    return captured.get().splitlines()


def an_outcome(diff: Diff = NOTHING, mishaps: tuple[Mishap, ...] = ()) -> Outcome:
    return Outcome(
        run_id="run-1", diff=diff, videos=2, watched=1, people=2, appearances=4, mishaps=mishaps, seconds=75.0
    )


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    store = open_archive(tmp_path / "kept", ArchiveSettings(), write=True, create=True)
    fill(store)
    store.close()
    return tmp_path / "kept"


def test_those_seen_in_most_videos_come_first() -> None:
    lines = [line(1, 9), line(2, 2, ("a", "b")), line(3, 9)]
    assert [one.id for one in most_seen_first(lines)] == ["P-000002", "P-000001", "P-000003"]


def test_the_column_of_names_is_there_only_if_somebody_has_one() -> None:
    assert "Name" not in drawn(people_table([line(1)]))[1]
    assert "Jane Doe" in "\n".join(drawn(people_table([line(1), line(2, name="Jane Doe")])))


def test_without_a_clock_it_is_told_where_somebody_was_seen() -> None:
    assert "clip [red].mp4 1:15" in "\n".join(drawn(people_table([line(1)])))


def test_people_fit_eighty_columns_whatever_they_are_called() -> None:
    crowded = [line(1, 123456, tuple(map(str, range(2000))), name="A very long name [bold]" * 9)]
    assert all(cell_len(row) <= 80 for row in drawn(people_table(crowded)))


def test_a_matrix_says_who_is_seen_in_which_video(kept: Path) -> None:
    store = open_archive(kept, ArchiveSettings())
    rows = drawn(matrix(roster(store), store.log()))
    store.close()
    assert [row.split() for row in rows if row.strip().startswith("P-")] == [
        ["P-000001", "1", "1"],
        ["P-000002", "·", "1"],
    ]


def test_a_diff_is_told_in_sentences() -> None:
    diff = Diff(
        new=tuple(f"P-{number:06}" for number in range(10, 20)),
        seen_again=("P-000001",),
        merged=(("P-000003", "P-000002"),),
        split=(("P-000004", "P-000021"),),
        bar=(4.5, 5.0),
    )
    assert diff_lines(diff) == [
        "New: P-000010, P-000011, P-000012, P-000013, P-000014, P-000015 and 4 more",
        "Seen again: P-000001",
        "Merged: P-000003 is P-000002 from now on",
        "Split: P-000021 was a part of P-000004",
        "The bar rose from 4.5 to 5.0, as the archive is of another size now: everybody was looked at again.",
    ]


def test_the_bar_is_shown_as_the_strangers_that_it_lets_through() -> None:
    point = OperatingPoint(
        appearances=2001, evidence=5.0, least=1001, most=10000, false_match_rate=1e-4, false_matches=200.1
    )
    assert bar_lines(point) == [
        "The bar: evidence of 5.0, as for all archives of 1,001 to 10,000 tracks.",
        (
            "Were all 2,001,000 pairs of tracks strangers, 200 would be expected to reach it by chance; "
            "people are one only if they reach it all together."
        ),
    ]
    assert "less than one" in bar_lines(replace(point, false_matches=0.4))[1]
    assert "not known" in bar_lines(replace(point, false_match_rate=None, false_matches=None))[1]


def test_an_outcome_names_people_changes_mishaps_and_the_next_command(kept: Path) -> None:
    page = io.StringIO()
    outcome = an_outcome(Diff(new=("P-000001", "P-000002")), (BROKEN,))
    show_outcome(outcome, kept, Settings(), Console(file=page, width=80, markup=False))
    told = page.getvalue()
    assert told.startswith("2 people in 2 videos, 4 appearances; 1 video watched now, in 1 min 15 s.\n")
    assert "New: P-000001, P-000002" in told
    assert "- broken.mp4 (at 1.2 s): It breaks off. Copy it again." in told
    assert f"crossid show P-000001 --archive {kept}" in told


def test_a_run_that_changed_nothing_says_so(kept: Path) -> None:
    page = io.StringIO()
    show_outcome(an_outcome(), kept, Settings(), Console(file=page, width=80, markup=False))
    assert "Nothing changed" in page.getvalue()


def test_a_crowd_is_cut_short(tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = io.StringIO()
    monkeypatch.setattr("crossid.wizard.outcome.MAX_PEOPLE", 1)
    show_outcome(an_outcome(), kept, Settings(), Console(file=page, width=80, markup=False))
    assert f"and 1 more: crossid people --archive {kept}" in page.getvalue()
    assert MAX_PEOPLE > 1


@pytest.mark.parametrize(("height", "people"), [(24, 7), (18, 3), (10, 3), (60, 20)])
def test_as_many_people_are_shown_as_a_terminal_holds_with_what_follows(
    kept: Path, monkeypatch: pytest.MonkeyPatch, height: int, people: int
) -> None:
    monkeypatch.setattr("crossid.wizard.outcome.roster", lambda _: [line(number) for number in range(1, 41)])
    page = io.StringIO()
    terminal = Console(file=page, width=80, height=height, force_terminal=True, highlight=False, markup=False)
    show_outcome(an_outcome(Diff(new=("P-000001",))), kept, Settings(), terminal)
    told = page.getvalue()
    assert told.count("P-0000") - told.count("New: P-0000") - told.count("show P-0000") == people
    assert f"and {40 - people} more: crossid people" in told
    assert told.index("New: ") < told.index("Person") < told.index("Archive: ")


def test_a_command_can_be_pasted() -> None:
    assert command("scan", "my footage", archive=Path("archive")) == "crossid scan 'my footage'"
    assert command("people", archive=Path("/a b")) == "crossid people --archive '/a b'"


def test_a_proposal_says_what_is_new_what_fails_and_how_long_it_takes(kept: Path) -> None:
    preview = Preview(files=9, known=2, seconds=3700.0, size_bytes=5 * 10**9, mishaps=(BROKEN,) * 5, estimate_s=1800.0)
    told = "\n".join(
        drawn(proposal([Path("/footage/day [1]\n")], kept, preview, holdings(kept, Settings()), Settings()), width=120)
    )
    for words in (
        "/footage/day [1]\\n",
        "9 files, 2 of them in the archive already",
        "and 2 more",
        "1 h 01 min of footage (5.0 GB), about 30 min on this machine",
        "holds 2 people in 2 videos, will be extended",
        "builtin: mtcnn, dlib_resnet (MIT; CC0-1.0)",
    ):
        assert words in told


def test_an_archive_that_is_not_there_will_be_made(tmp_path: Path) -> None:
    assert holdings(tmp_path / "none", Settings()) == "new, will be made"


def test_coverage_is_told_with_what_could_not_be_seen() -> None:
    one = Coverage(
        video="a.mp4",
        video_sha256="0" * 64,
        duration_s=100.0,
        pictures=2500,
        looked_at=400,
        looked_at_s=80.0,
        still_s=8.0,
        dark_s=12.0,
        unreadable_s=0.2,
        missable_s=2.04,
        unwatched_s=0.0,
    )
    assert coverage_line([one]) == (
        "Looked at 1 min 20 s of 1 min 40 s; the rest: 8.0 s in which nothing moved, 12 s dark. "
        "The shortest appearance that could have been missed: 2.0 s."
    )
    rest = replace(one, duration_s=126.0, unwatched_s=26.0)
    assert coverage_line([rest]).endswith(
        "26 s not watched yet. In what was watched, the shortest appearance that could have been missed: 2.0 s."
    )
    assert unwatched_line([one]) == ""
    assert unwatched_line([one, rest]).startswith("26 s of the footage is not watched yet: crossid scan")
    assert coverage_line([]).startswith("Looked at 0.0 s of 0.0 s. The")


def test_when_somebody_was_seen_is_told_with_the_video() -> None:
    at = Sighting(recorded_at="2024-05-01T12:00:07.500Z", video="day one/clip.mp4", start_s=7.5)
    assert sighted(at).plain == "clip.mp4 0:07 (2024-05-01 12:00)"


def test_a_profile_says_where_the_time_of_each_video_went() -> None:
    page = io.StringIO()
    console = Console(file=page, width=120, markup=False)
    stages = {"read": 1.0, "find": 3.0}
    show_profile([VideoTimes(video="day [1].mp4", duration_s=60.0, stages=stages)], console)
    told = page.getvalue()
    for words in ("day [1].mp4", "1 min", "4.0 s", "15.0", "25%", "75%"):
        assert words in told


def test_a_profile_of_nothing_says_so() -> None:
    page = io.StringIO()
    show_profile([], Console(file=page, width=80, markup=False))
    assert "Nothing was watched" in page.getvalue()
