"""A ruling from any front door: what it says beforehand is what it does, and only what changed is painted."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from builders import NOON, a_kept_archive, a_video, an_act, an_appearance, asked_of
from crossid.archive import ArchiveSettings, open_archive, paint
from crossid.archive.trust import verify
from crossid.errors import ArchiveError, RulingError
from crossid.pipeline import reviewing
from crossid.pipeline.reviewing import act_for, answer, proposed_split, review
from crossid.types import Question

if TYPE_CHECKING:
    from pathlib import Path

    from crossid.archive.acts import Act

SETTINGS = ArchiveSettings()
JANE, JOHN = "P-000001", "P-000002"
TURNED = an_appearance(a_video("day one/clip.mp4"), 1, 2, quality=0.7).id
"""The first of two tracks that are one appearance in logs."""
BACK = an_appearance(a_video("day one/clip.mp4"), 3, 4, quality=0.9).id
OTHERS = an_appearance(a_video("day two/clip.mp4"), 2, 3, left=300.0, direction=1).id
NOBODYS = an_appearance(a_video("day two/clip.mp4"), 7, 8, quality=0.1, direction=2).id

ACTS = {
    "name": an_act("name", JANE, name="Jane Doe"),
    "merge": an_act("merge", JANE, JOHN),
    "split": an_act("split", JANE, appearances=(TURNED,)),
    "move": an_act("move", JANE, appearances=(NOBODYS,)),
    "move to somebody new": an_act("move", appearances=(NOBODYS,)),
    "confirm": an_act("confirm", JANE),
    "reject": an_act("reject", JANE, appearances=(TURNED,)),
    "reject all": an_act("reject", JOHN, appearances=(OTHERS,)),
    "not a face": an_act("not-a-face", appearances=(NOBODYS,)),
    "ignore": an_act("ignore", JOHN),
    "note": an_act("note", JOHN, why="seen"),
}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """The archive of `builders.fill`, painted."""
    return a_kept_archive(tmp_path / "kept")


def files(archive: Path) -> dict[str, tuple[int, bytes]]:
    """All that is painted, with times."""
    apart = {"crossid.db", "crossid.lock", "manifest-sha256.txt", "archive.json"}
    there = (path for path in archive.rglob("*") if path.is_file() and not path.name.startswith("crossid."))
    return {
        path.relative_to(archive).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in there
        if path.name not in apart
    }


def content(archive: Path) -> dict[str, bytes]:
    return {path: data for path, (_, data) in files(archive).items()}


@pytest.mark.parametrize("act", ACTS)
def test_a_dry_run_says_what_happens_and_changes_nothing(archive, act):
    before = files(archive), (archive / "crossid.db").read_bytes()
    tried = review(archive, ACTS[act], dry_run=True)
    assert (files(archive), (archive / "crossid.db").read_bytes()) == before
    assert verify(archive, SETTINGS, originals=False).sound
    assert replace(tried, dry_run=False) == review(archive, ACTS[act])


@pytest.mark.parametrize("act", ACTS)
def test_painting_what_changed_is_as_good_as_painting_all_anew(archive, act):
    review(archive, ACTS[act])
    painted = files(archive)
    assert verify(archive, SETTINGS, originals=False).sound
    with closing(open_archive(archive, SETTINGS, write=True)) as store:
        assert store.unpainted() == set()
        paint(store)
    assert files(archive) == painted


@pytest.mark.parametrize("act", ACTS)
def test_undo_brings_every_file_back(archive, act):
    before = content(archive)
    review(archive, ACTS[act])
    review(archive, an_act("undo"))
    assert content(archive) == before


def test_only_what_a_ruling_changed_is_painted(archive):
    before = files(archive)
    review(archive, an_act("confirm", JOHN))
    changed = {path for path, one in files(archive).items() if before[path] != one}
    day_two = a_video("day two/clip.mp4").id[:8]
    assert changed == {
        f"people/{JOHN}/appearances.csv",
        f"people/{JOHN}/appearances.json",
        f"people/{JOHN}/person.json",
        f"videos/clip_{day_two}.csv",
    }


def test_what_a_painter_that_died_left_undone_is_painted_with_the_next_ruling(archive, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(reviewing.archive, "paint", lambda *_, **__: None)
        review(archive, an_act("name", JANE, name="Jane Doe"))
    assert not (archive / "people/P-000001 Jane Doe").exists()
    review(archive, an_act("note", JOHN, why="seen"))
    assert (archive / "people/P-000001 Jane Doe/person.json").is_file()
    assert verify(archive, SETTINGS, originals=False).sound


def test_an_appearance_stands_for_all_tracks_that_logs_join(archive):
    ruled = review(archive, an_act("move", JOHN, appearances=(TURNED,)))
    assert {shift.appearance for shift in ruled.shifts} == {TURNED, BACK}
    review(archive, an_act("undo"))
    ruled = review(archive, an_act("move", JOHN, appearances=(BACK,)))
    assert {shift.appearance for shift in ruled.shifts} == {BACK}, "one of the others stands for itself"
    review(archive, an_act("undo"))
    ruled = review(archive, an_act("move", JOHN, appearances=(TURNED,)), exact=True)
    assert {shift.appearance for shift in ruled.shifts} == {TURNED}


def test_counts_are_those_of_the_logs(archive):
    (jane,) = review(archive, an_act("move", JANE, appearances=(NOBODYS,))).changes
    assert (jane.before.appearances, jane.after.appearances, jane.after.videos) == (2, 3, 2)
    jane, john = review(archive, an_act("merge", JANE, JOHN)).changes
    assert (john.before.appearances, john.after, john.into) == (1, None, JANE)
    assert jane.after.appearances == 3, "whoever is in two places of one picture is there once"


def test_names_are_made_one_line_of_visible_characters(archive):
    review(archive, an_act("name", JANE, name=" Jane\n\u202eDoe\x1b ", by="ann\t"))
    (person, _) = asked_of(archive, lambda store: store.people())
    (entry,) = asked_of(archive, lambda store: store.ledger())
    assert (person.name, entry.by) == ("Jane Doe", "ann")


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\con", "=HYPERLINK(1)", "-1", "@x", "a" * 200, "名前" * 60])
def test_a_name_may_be_anything_and_harms_nothing(archive, name):
    review(archive, an_act("name", JANE, name=name))
    (person, _) = asked_of(archive, lambda store: store.people())
    assert person.name == name
    (folder,) = (archive / "people").glob(f"{JANE}*")
    assert folder.parent == archive / "people"
    lines = (folder / "appearances.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert not any(line.split(",")[1].strip('"').startswith(tuple("=+-@\t")) for line in lines)
    assert verify(archive, SETTINGS, originals=False).sound


def test_a_name_that_is_no_text_is_refused(archive):
    with pytest.raises(RulingError, match="is no text"):
        review(archive, an_act("name", JANE, name="\udcff"))


def test_two_reviewers_at_once_wait_for_each_other(archive):
    with (
        closing(open_archive(archive, SETTINGS, write=True)),
        pytest.raises(ArchiveError, match="is using the archive") as caught,
    ):
        review(archive, an_act("name", JANE, name="Jane"))
    assert caught.value.remedy


def test_what_is_not_there_is_told_with_a_remedy(archive):
    for act in (an_act("name", "P-000009", name="x"), an_act("move", JANE, appearances=("0" * 16,))):
        with pytest.raises(ArchiveError, match="There is no") as caught:
            review(archive, act)
        assert caught.value.remedy


def test_what_depends_on_a_ruling_is_told(archive):
    review(archive, an_act("merge", JANE, JOHN))
    review(archive, an_act("confirm", JANE))
    tried = review(archive, an_act("undo", acts=(1,)), dry_run=True)
    assert tried.depends == (2,)
    assert [entry.kind for entry in tried.depending] == ["confirm"]


def test_who_would_be_in_two_places_at_once_is_told_with_the_moment(archive):
    (clash,) = review(archive, ACTS["merge"], dry_run=True).clashes
    again = an_appearance(a_video("day two/clip.mp4"), 2, 5).id
    assert (clash.person, clash.video, clash.at_s) == (JANE, "day two/clip.mp4", 2.0)
    assert set(clash.appearances) == {again, OTHERS}
    assert review(archive, an_act("move", JANE, appearances=(OTHERS,)), dry_run=True).clashes == (clash,)
    assert review(archive, an_act("move", JANE, appearances=(NOBODYS,)), dry_run=True).clashes == ()
    review(archive, ACTS["merge"])
    assert review(archive, an_act("move", JANE, appearances=(NOBODYS,))).clashes == (), "what was so before is not news"
    assert review(archive, an_act("confirm", JANE)).clashes == ()


def test_two_who_were_nobodys_and_one_who_was_rejected_before_are_told_of_too(archive):
    again = an_appearance(a_video("day two/clip.mp4"), 2, 5).id
    review(archive, an_act("reject", JANE, appearances=(again,)))
    (clash,) = review(archive, an_act("move", JANE, appearances=(again, OTHERS)), dry_run=True).clashes
    assert set(clash.appearances) == {again, OTHERS}
    review(archive, an_act("not-a-face", appearances=(OTHERS,)))
    (clash,) = review(archive, an_act("move", appearances=(again, OTHERS)), dry_run=True).clashes
    assert clash.person == "P-000003", "both were nobody's"
    review(archive, an_act("move", JANE, appearances=(OTHERS,)))
    (clash,) = review(archive, an_act("move", JANE, appearances=(again,)), dry_run=True).clashes
    assert clash.person == JANE, "it was rejected from whom it goes back to"


SAME = Question(kind="same", people=(JANE, JOHN), appearances=(), probability=0.5, settles=3, why="alike")
MIXED = Question(kind="mixed", people=(JANE,), appearances=(TURNED,), probability=0.6, settles=2, why="unlike")
MEMBER = Question(kind="member", people=(JOHN,), appearances=(OTHERS,), probability=0.7, settles=1, why="poor")


@pytest.mark.parametrize(
    ("question", "yes", "kind"),
    [
        (SAME, True, "merge"),
        (SAME, False, "reject"),
        (MIXED, True, "split"),
        (MIXED, False, "confirm"),
        (MEMBER, True, "confirm"),
        (MEMBER, False, "reject"),
    ],
)
def test_an_answer_is_a_ruling_and_the_question_is_not_open_any_more(archive, question, yes, kind):
    with closing(open_archive(archive, SETTINGS, write=True)) as store:
        store.ask([question], "run-1")
    ruled = answer(archive, question, yes=yes, by="ann", at=NOON)
    assert ruled.kind == kind
    assert asked_of(archive, lambda store: store.questions()) == []


def test_what_a_run_proposes_to_split_is_found(archive):
    with closing(open_archive(archive, SETTINGS, write=True)) as store:
        store.ask([SAME, MIXED], "run-1")
        assert proposed_split(store, JANE) == MIXED
        with pytest.raises(RulingError, match="did not propose"):
            proposed_split(store, JOHN)
    act: Act = act_for(MIXED, yes=True, by="ann", at=NOON)
    assert act.appearances == (TURNED,)
