"""Rulings on the command line: said to people and programs, tried before they are made, taken back."""

import inspect
import json
from contextlib import closing
from pathlib import Path

import pytest

from builders import a_kept_archive, a_membership, a_ruling, a_video, a_watched, an_act, an_appearance
from crossid.archive import ArchiveSettings, open_archive
from crossid.archive.sqlite import SqliteStore
from crossid.cli import rulings, undoing
from crossid.cli.ruling import OPTIONS
from crossid.types import Question
from running import said

TURNED = an_appearance(a_video("day one/clip.mp4"), 1, 2, quality=0.7).id
NOBODYS = an_appearance(a_video("day two/clip.mp4"), 7, 8, quality=0.1, direction=2).id


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two people in two videos, and somebody unidentified."""
    return a_kept_archive(tmp_path / "kept")


def told(archive: Path, *words: str) -> dict:
    """What a ruling answers to programs."""
    done = said(archive, *words, "--by", "ann", "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


EACH = {
    "name": ("P-000001", "Jane Doe", "--source", "passport"),
    "merge": ("P-000001", "P-000002"),
    "split": ("P-000001", TURNED),
    "move": (NOBODYS, "P-000001"),
    "confirm": ("P-000001",),
    "reject": ("P-000001", TURNED),
    "not-a-face": (NOBODYS,),
    "ignore": ("P-000002",),
    "unignore": ("P-000002",),
    "note": ("P-000001", "seen on TV"),
}


@pytest.mark.parametrize("kind", EACH)
def test_every_ruling_is_tried_made_logged_and_taken_back(archive, kind):
    before = [told(archive, "ignore", *EACH[kind])] if kind == "unignore" else []
    tried = told(archive, kind, *EACH[kind], "--dry-run", "--why", "because")
    made = told(archive, kind, *EACH[kind], "--why", "because")
    assert tried == {**made, "dry_run": True}
    assert (made["kind"], made["number"]) == (kind, len(before) + 1)
    *_, entry = json.loads(said(archive, "log", "--json").stdout)
    assert (entry["by"], entry["kind"], entry["stands"], entry["spaces"]) == (
        "ann",
        kind,
        True,
        ["toy/4/0123456789abcdef"],
    )
    assert entry["act"]["why"] == ("seen on TV" if kind == "note" else "because")
    assert told(archive, "undo")["kind"] == "undo"
    assert [one["stands"] for one in json.loads(said(archive, "log", "--json").stdout)][-2:] == [False, True]


def test_every_ruling_has_a_command_with_the_same_options():
    assert set(EACH) == set(rulings.EXAMPLES)
    for command in (*(getattr(rulings, kind.replace("-", "_")) for kind in EACH), undoing.undo, undoing.redo):
        assert set(OPTIONS) <= set(inspect.signature(command).parameters)
        assert "manner" not in inspect.signature(command).parameters


def test_a_ruling_is_told_in_words(archive):
    done = said(archive, "name", "P-000001", "Jane Doe", "--by", "ann")
    assert "Ruling 1 (name)" in done.stdout
    assert "P-000001 Jane Doe: 2 appearances in 2 videos (had no name)" in done.stdout
    assert "crossid undo 1" in done.stdout
    done = said(archive, "merge", "P-000001", "P-000002", "--dry-run")
    assert "This would be ruling 2 (merge). Nothing was changed." in done.stdout
    assert "P-000001 Jane Doe: 2 appearances in 2 videos" in done.stdout
    assert "P-000002 is P-000001 from now on" in done.stdout
    done = said(archive, "move", NOBODYS, "P-000001", "--dry-run")
    assert "P-000001 Jane Doe: 3 appearances in 2 videos (was 2 in 2; 1 confirmed, was 0)" in done.stdout
    done = said(archive, "move", NOBODYS, "new")
    assert "P-000003 is new: 1 appearance in 1 video" in done.stdout
    assert f"1 track changed: {NOBODYS}" in done.stdout
    said(archive, "confirm", "P-000001")
    done = said(archive, "ignore", "P-000001")
    assert "P-000001 Jane Doe: 2 appearances in 2 videos (ignored)" in done.stdout


def test_the_log_tells_everything_in_words(archive):
    said(archive, "name", "P-000001", "Jane", "--by", "ann", "--source", "passport", "--why", "[bold]sure")
    said(archive, "name", "P-000001", "JD", "--alias", "--by", "ann")
    said(archive, "name", "P-000001", "--none", "--by", "ann")
    said(archive, "reject", "P-000001", "P-000002", TURNED, "--by", "bob\x1b[2J")
    said(archive, "split", "P-000001", TURNED, "--by", "ann")
    said(archive, "move", NOBODYS, "P-000001", "--by", "ann")
    said(archive, "merge", "P-000001", "P-000002", "--by", "ann")
    said(archive, "undo", "1", "--by", "ann", "--yes")
    shown = said(archive, "log").stdout
    for words in (
        "P-000001 is called Jane (source: passport) [undone]",
        "[bold]sure",
        "P-000001 is also called JD",
        "P-000001 has no name",
        "P-000002, 2 appearances not P-000001",
        "move 1 appearance to P-000001",
        "merge P-000002 into P-000001",
        "undo 1",
        "toy/4/0123456789abcdef",
    ):
        assert words in shown
    assert "\x1b" not in shown


def test_a_merge_says_beforehand_what_speaks_against_it(archive):
    told(archive, "reject", "P-000001", "P-000002")
    tried = told(archive, "merge", "P-000001", "P-000002", "--dry-run")
    assert (tried["outranks"], [one["kind"] for one in tried["outranked"]]) == ([1], ["reject"])
    (clash,) = tried["clashes"]
    assert (clash["person"], clash["video"], clash["at_s"]) == ("P-000001", "day two/clip.mp4", 2.0)
    shown = said(archive, "merge", "P-000001", "P-000002", "--dry-run").stdout
    assert "It would count more than 1 earlier ruling that says otherwise:" in shown
    assert "ann: P-000002 not P-000001" in shown
    assert "Warning: P-000001 would be in two places of one picture: day two/clip.mp4 at 0:02." in shown
    done = said(archive, "merge", "P-000001", "P-000002").stdout
    assert "It counts more than 1 earlier ruling" in done
    assert "P-000001 is in two places of one picture" in done
    shown = said(archive, "undo", "--yes").stdout
    assert "P-000002 is a person of their own again: 1 appearance in 1 video" in shown


def test_a_redo_that_changes_nothing_says_so(archive):
    for words in (("merge", "P-000001", "P-000002"), ("undo",), ("reject", "P-000001", "P-000002")):
        told(archive, *words)
    assert "Nobody's appearances or name change by it." in said(archive, "redo", "1", "--yes").stdout


def test_how_to_take_an_undo_back_is_told_with_the_number(archive):
    for number in (1, 2, 3):
        told(archive, "note", "P-000001", f"note {number}")
    told(archive, "undo", "3")
    assert f"To take it back: crossid redo 1 --archive {archive}\n" in said(archive, "undo", "1").stdout
    assert told(archive, "redo", "--dry-run")["targets"] == [1], (
        "what was undone last, and not the last that was undone"
    )
    assert f"To take it back: crossid undo 1 --archive {archive}\n" in said(archive, "redo").stdout
    assert told(archive, "redo")["targets"] == [3]
    assert "nothing to redo" in said(archive, "redo").stderr


def test_how_to_say_it_is_told_in_words_of_ours(archive):
    assert "that is no number." in said(archive, "undo", "twelve").stderr
    assert "the least is 1." in said(archive, "undo", "0").stderr
    assert "stands after --" in said(archive, "name", "P-000001", "-rf").stderr
    assert "Did you mean P-000001?" in said(archive, "name", "p-1", "Jane").stderr
    said(archive, "note", "P-000001", "x", "--by", "ann")
    assert "--source" not in said(archive, "note", "P-000001", "x", "--by", "ann").stderr
    assert "\nRuling 1: crossid" in said(archive, "log").stdout


def test_a_name_of_somebody_without_appearances_is_told(archive):
    said(
        archive,
        "move",
        *[
            row["appearance_id"]
            for row in json.loads(said(archive, "show", "P-000002", "--json").stdout)["appearances"]
        ],
        "P-000001",
    )
    assert (
        "P-000002 Ghost: 0 appearances in 0 videos (had no name)" in said(archive, "name", "P-000002", "Ghost").stdout
    )


def test_another_name_is_told(archive):
    assert (
        "P-000001: 2 appearances in 2 videos (also called JD)"
        in said(archive, "name", "P-000001", "JD", "--alias").stdout
    )
    assert "(no longer called JD)" in said(archive, "undo").stdout


def test_what_stands_is_not_said_again(archive):
    told(archive, "reject", "P-000001", "P-000002")
    done = said(archive, "reject", "P-000001", "P-000002", "--by", "ann")
    assert (done.exit_code, "Ruling 1 (reject) says so already" in done.stderr) == (2, True)
    assert len(json.loads(said(archive, "log", "--json").stdout)) == 1


def test_what_was_noted_is_read_back(archive):
    assert "Note: seen on TV\n" in said(archive, "note", "P-000001", "seen on TV", "--dry-run").stdout
    done = said(archive, "note", "P-000001", "seen on \x1b[2JTV", "--by", "ann")
    assert "Ruling 1 (note)\nNote: seen on \\x1b[2JTV\n" in done.stdout
    assert "Note" not in said(archive, "confirm", "P-000001", "--why", "because").stdout


def test_an_empty_log_says_so(archive):
    assert "No reviewer has ruled" in said(archive, "log").stdout


def test_undo_shows_what_depends_on_it_and_asks(archive, monkeypatch):
    said(archive, "merge", "P-000001", "P-000002", "--by", "ann")
    said(archive, "confirm", "P-000001", "--by", "bob")
    refused = said(archive, "undo", "1")
    assert refused.exit_code == 2
    assert "bob: confirm P-000001" in refused.stderr
    assert "--yes" in refused.stderr
    assert "bob: confirm P-000001" in said(archive, "undo", "1", "--dry-run").stdout
    monkeypatch.setattr(undoing, "is_somebody_there", lambda: True)
    for answer, numbers in ((False, [1, 2]), (True, [1, 2, 3])):
        monkeypatch.setattr(undoing.typer, "confirm", lambda *_, answer=answer, **__: answer)
        assert said(archive, "undo", "1").output.count("bob: confirm P-000001") == 1
        assert [one["number"] for one in json.loads(said(archive, "log", "--json").stdout)] == numbers
    assert said(archive, "redo", "1").exit_code == 0


def test_a_split_can_be_as_the_last_scan_proposes(archive):
    question = Question(
        kind="mixed", people=("P-000001",), appearances=(TURNED,), probability=0.6, settles=2, why="unlike"
    )
    with closing(open_archive(archive, ArchiveSettings(), write=True)) as store:
        store.ask([question], "run-1")
    made = told(archive, "split", "P-000001", "--proposed")
    assert [one["appearance"] for one in made["shifts"]] == [TURNED]
    assert said(archive, "split", "P-000002", "--proposed").exit_code == 2


def test_people_and_show_say_what_reviewers_said(archive):
    said(archive, "name", "P-000001", "Joan", "--by", "ann")
    said(archive, "name", "P-000001", "Jane", "--source", "passport", "--by", "ann")
    said(archive, "name", "P-000001", "JD", "--alias", "--by", "ann")
    said(archive, "note", "P-000001", "seen on TV", "--by", "bob")
    said(archive, "confirm", "P-000001", "--by", "ann")
    said(archive, "ignore", "P-000002", "--by", "ann")
    shown = said(archive, "people").stdout
    assert "Jane / JD" in shown
    assert "confirmed" in shown
    assert "ignored" in shown
    shown = said(archive, "show", "P-000001").stdout
    for words in ("Named by ann, source: passport", "Also called JD", "Earlier called Joan", "Note by bob: seen on TV"):
        assert words in shown
    assert TURNED in shown, "ids are there to be ruled on"
    assert "P-000002 (ignored)" in said(archive, "show", "P-000002").stdout
    said(archive, "merge", "P-000001", "P-000002", "--by", "ann")
    assert "Also P-000002" in said(archive, "show", "P-000001").stdout
    answer = json.loads(said(archive, "show", "P-000001", "--json").stdout)
    assert (answer["aliases"], answer["names"][1]["name"]) == (["P-000002"], "Jane")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("name", "P-000001"), 2),
        (("name", "P-000001", "Jane", "--none"), 2),
        (("name", "P-000001", "x" * 10_000), 2),
        (("name", "P-000009", "Jane"), 5),
        (("name", "../etc", "Jane"), 5),
        (("merge", "P-000001", "P-000001"), 2),
        (("merge", "P-000001"), 2),
        (("split", "P-000002", an_appearance(a_video("day two/clip.mp4"), 2, 3, left=300.0, direction=1).id), 2),
        (("undo",), 2),
        (("redo",), 2),
        (("undo", "12"), 5),
        (("undo", "twelve"), 2),
        (("name", "P-000001", ".."), 2),
        (("name", "P-000001", "P-000002"), 2),
        (("log", "P-000009"), 5),
        (("note", "P-000001", "  "), 2),
        (("confirm", "P-000001", "--by", " "), 2),
    ],
)
def test_what_makes_no_sense_ends_with_a_remedy_and_changes_nothing(archive, words, code):
    done = said(archive, *words)
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    assert json.loads(said(archive, "log", "--json").stdout) == []


def test_who_rules_is_who_is_logged_in(archive, monkeypatch):
    monkeypatch.setenv("LOGNAME", "carol")
    said(archive, "confirm", "P-000001")
    assert json.loads(said(archive, "log", "--json").stdout)[0]["by"] == "carol"


def test_adopt_tells_what_it_read_off_the_folders(archive):
    assert "The folders are as crossid painted them." in said(archive, "adopt").stdout
    (archive / "people/P-000001").rename(archive / "people/P-000001 Jane Doe")
    next((archive / "people/P-000002/faces").iterdir()).unlink()
    (archive / "people/P-000009").mkdir()
    tried = said(archive, "adopt", "--dry-run").stdout
    assert "P-000001 Jane Doe: 2 appearances in 2 videos (had no name)" in tried
    assert "Not clear: 'P-000009' names somebody who is not in this archive." in tried
    assert "1 deleted picture would be painted again" in tried
    answer = told(archive, "adopt", "--why", "sorted by hand")
    assert [one["kind"] for one in answer["rulings"]] == ["name"]
    assert (answer["missing"], len(answer["conflicts"])) == (1, 1)
    (entry,) = json.loads(said(archive, "log", "--json").stdout)
    assert (entry["by"], entry["act"]["why"]) == ("ann", "sorted by hand")


def test_long_lists_are_cut_short_and_counted(tmp_path):
    video = a_video(duration_s=1000.0)
    seen = [an_appearance(video, 10.0 * at, 10.0 * at + 1, direction=at) for at in range(30)]
    with closing(open_archive(tmp_path / "kept", ArchiveSettings(), write=True, create=True)) as store:
        store.add_video(video, 7, "run-1")
        store.keep_span(a_watched(video, *seen), 1, "settings", "run-1")
        people = store.new_person_ids(10, "run-1")
        who = [(one, people[at % 10]) for at, one in enumerate(seen)]
        store.rule([a_ruling(*pair) for pair in who], [a_membership(*pair) for pair in who])
    archive = tmp_path / "kept"
    shown = said(archive, "merge", *people, "--by", "ann").stdout
    assert "Warning" not in shown
    assert "27 tracks changed: " in shown
    assert "and 15 more" in shown
    with closing(open_archive(archive, ArchiveSettings(), write=True)) as store:
        for number in range(25):
            store.act(an_act("note", people[0], why=str(number)))
    shown = said(archive, "undo", "1", "--dry-run").stdout
    assert "25 later rulings may depend on it" in shown
    assert "and 5 more" in shown
    assert "and 3 more into P-000001" in said(archive, "log", "--last", "0").stdout


def test_the_log_says_what_was_erased_and_what_is_not_seen_any_more(archive):
    said(archive, "confirm", "P-000001", "--by", "ann")
    said(archive, "note", "P-000001", "private", "--by", "ann")
    said(archive, "split", "P-000001", TURNED, "--by", "ann")
    video = a_video("day one/clip.mp4")
    with closing(SqliteStore.open(archive, write=True)) as store:
        store.database.execute("UPDATE acts SET content = NULL, salt = NULL WHERE number = 2")
        store.drop_spans(video.id)
        store.keep_span(a_watched(video), 1, "settings-b", "run-2")
    shown = said(archive, "log").stdout
    assert "note (what it said was erased)" in shown
    assert "private" not in shown
    assert "confirm P-000001 [2 appearances of it not seen any more]" in shown
    assert "split 2 appearances off P-000001: P-000003" in shown
    assert said(archive, "show", "P-000001").exit_code == 0


def test_somebody_without_appearances_is_shown_as_such(archive):
    said(archive, "merge", "P-000001", "P-000002", "--by", "ann")
    shown = said(archive, "show", "P-000002").stdout
    assert "P-000002 was merged into P-000001." in shown
    with closing(open_archive(archive, ArchiveSettings(), write=True)) as store:
        store.new_person_ids(1, "run-2")
    assert "P-000003" in said(archive, "show", "P-000003").stdout


def test_where_nobody_is_logged_in_a_name_must_be_given(archive, monkeypatch):
    def nobody() -> str:
        raise KeyError("uid")

    monkeypatch.setattr("getpass.getuser", nobody)
    done = said(archive, "confirm", "P-000001")
    assert done.exit_code == 2
    assert "--by NAME" in done.stderr
