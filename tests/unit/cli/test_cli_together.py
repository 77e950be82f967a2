"""Together and timeline, told and drawn out of a real archive."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from builders import a_membership, a_ruling, a_run, a_video, a_watched, an_act, an_appearance
from crossid.archive import ArchiveSettings, Store, open_archive
from crossid.cli import app

HOSTILE = "\u202e<script>alert(1)</script>\x1b[2J" + "ن" * 165


def kept(folder: Path, act: Callable[[Store], None]) -> Path:
    store = open_archive(folder, ArchiveSettings(), write=True, create=True)
    try:
        act(store)
    finally:
        store.close()
    return folder


def meet(store: Store) -> None:
    """Two people, together from 2 to 3 s of the first video; the second one is a photograph of one of them."""
    videos = [a_video("day.mp4"), a_video("still.jpg", kind="still", duration_s=0.0, recorded_at=None, clock="none")]
    seen = [an_appearance(videos[0], 1, 3), an_appearance(videos[0], 2, 5, left=300.0), an_appearance(videos[1], 0, 0)]
    store.begin_run(a_run())
    for video in videos:
        store.add_video(video, 7, "run-1")
        store.keep_span(a_watched(video, *[one for one in seen if one.video == video.id]), 1, "settings-a", "run-1")
    first, second = store.new_person_ids(2, "run-1")
    who = list(zip(seen, [first, second, first], strict=True))
    store.rule([a_ruling(*pair) for pair in who], [a_membership(*pair) for pair in who])
    store.act(an_act("name", second, name=HOSTILE))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return kept(tmp_path / "kept", meet)


def said(*words: object, archive: Path, code: int = 0) -> Result:
    done = CliRunner().invoke(app, [*map(str, words), "--archive", str(archive)])
    assert done.exit_code == code, done.stderr
    return done


def test_when_two_are_seen_at_once_is_told_to_people_and_programs(archive: Path) -> None:
    told = json.loads(said("together", "P-000001", "P-000002", "--json", archive=archive).stdout)
    (both,) = told["together"]["at_once"]
    assert (both["video"], both["start_s"], both["end_s"]) == ("day.mp4", 2.0, 3.0)
    shown = said("together", "P-000001", "P-000002", archive=archive).stdout
    assert "Together 1 time in 1 video, 1.0 s in all." in shown
    assert "First: day.mp4 at 0:02 (2024-05-01 12:00)" in shown


def test_the_timeline_is_drawn_with_a_photograph_that_has_no_length(archive: Path) -> None:
    shown = said("timeline", archive=archive).stdout
    lines = {line.split()[0]: line for line in shown.splitlines() if line.startswith("P-0")}
    assert lines["P-000001"].count("█") > lines["P-000001"].count("│") > 0
    assert lines["P-000001"].endswith("███")  # the photograph
    assert lines["P-000002"].endswith("···")
    assert "still.jpg (photograph)" in shown
    told = json.loads(said("timeline", "P-000001", "--json", archive=archive).stdout)["timeline"]
    assert [(one["video"], one["start_s"]) for one in told] == [("day.mp4", 1.0), ("still.jpg", 0.0)]


def test_hostile_and_endless_names_keep_to_their_place(archive: Path) -> None:
    for words in (["timeline"], ["together", "P-000001", "P-000002"]):
        shown = said(*words, archive=archive).stdout
        assert not {"\x1b", "\u202e"} & set(shown)
    lanes = [line for line in said("timeline", archive=archive).stdout.splitlines() if "·" in line]
    assert max(map(len, lanes)) <= 160


def test_a_timeline_of_nobody_and_people_who_are_not_there_are_answered(archive: Path, tmp_path: Path) -> None:
    empty = kept(tmp_path / "empty", lambda store: store.begin_run(a_run()))
    assert "Nobody is in this archive yet" in said("timeline", archive=empty).stdout
    assert said("timeline", "P-000009", archive=archive, code=5).stdout == ""
    assert "two different people" in said("together", "P-000001", "P-000001", archive=archive, code=2).stderr
    assert "two different people" in said("together", archive=archive, code=2).stderr


def test_a_narrow_terminal_counts_the_videos_that_do_not_fit(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "36")
    shown = said("timeline", "P-000001", "P-000002", archive=archive).stdout
    assert "more video" in shown
