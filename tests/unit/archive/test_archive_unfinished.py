"""What a command that was cut short has not written is told apart from damage, wherever it was cut short."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from builders import NOON, a_run, a_video, a_watched, an_act, an_appearance, fill
from crossid.archive import ArchiveSettings, open_archive, paint
from crossid.archive.trust import repair, verify
from crossid.cli import app
from crossid.types import Diff

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossid.archive import Store

SETTINGS = ArchiveSettings()
MANIFEST = "manifest-sha256.txt"


class Interrupted(BaseException):
    """As Ctrl-C is, and told from it."""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two people in two videos, painted."""
    store = open_archive(tmp_path / "archive", SETTINGS, create=True)
    fill(store)
    paint(store)
    store.close()
    return tmp_path / "archive"


@pytest.fixture
def paused(tmp_path: Path) -> Path:
    """The first scan of an archive, interrupted after one of its videos."""
    store = open_archive(tmp_path / "paused", SETTINGS, create=True)
    store.begin_run(a_run("run-1"))
    keep_one(store, "run-1")
    store.close()
    return tmp_path / "paused"


def keep_one(store: Store, run_id: str, name: str = "new.mp4") -> None:
    video = a_video(name)
    store.add_video(video, 7, run_id)
    store.keep_span(a_watched(video, an_appearance(video, 1, 2)), 1, "settings-a", run_id)


def said(archive: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["verify", "--archive", str(archive), "--no-originals", *words])


def test_a_first_scan_that_was_paused_is_unfinished_and_not_damaged(paused: Path) -> None:
    found = verify(paused, SETTINGS)
    assert found.unfinished
    assert not found.sound
    assert {one.kind for one in found.differences} == {"outdated"}
    assert MANIFEST in {one.path for one in found.differences}
    repair(paused, SETTINGS, found)
    assert verify(paused, SETTINGS).sound


def test_an_archive_in_which_no_scan_began_is_unfinished(tmp_path: Path) -> None:
    open_archive(tmp_path / "made", SETTINGS, create=True).close()
    assert verify(tmp_path / "made", SETTINGS).unfinished


def test_a_later_scan_that_was_paused_is_unfinished(archive: Path) -> None:
    store = open_archive(archive, SETTINGS, write=True)
    store.begin_run(a_run("run-2", started=NOON.replace(year=2027)))
    keep_one(store, "run-2")
    store.close()
    assert verify(archive, SETTINGS).unfinished
    (archive / MANIFEST).unlink()
    found = verify(archive, SETTINGS)
    assert ("missing", MANIFEST) in {(one.kind, one.path) for one in found.differences}, "there was one"
    assert not found.unfinished


@pytest.mark.parametrize("fault", ["flipped", "deleted", "added"])
def test_damage_beside_unfinished_work_is_damage(archive: Path, fault: str) -> None:
    store = open_archive(archive, SETTINGS, write=True)
    store.begin_run(a_run("run-2", started=NOON.replace(year=2027)))
    keep_one(store, "run-2")
    store.close()
    card = archive / "people/P-000001/person.json"
    if fault == "flipped":
        card.write_bytes(card.read_bytes().replace(b"P", b"Q", 1))
    elif fault == "deleted":
        card.unlink()
    else:
        (archive / "people/strange").write_text("x")
    found = verify(archive, SETTINGS)
    assert not found.unfinished
    assert [one.kind for one in found.differences if one.kind != "outdated"]


def changes(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """How many changes to a folder are let through, one more each time; ends when all of a painting were."""
    replace, unlink, rename = os.replace, os.unlink, os.rename
    for number in range(200):
        left = [number]

        def count(change, left=left):
            def counted(*words, **more):
                if not left[0]:
                    raise Interrupted
                left[0] -= 1
                return change(*words, **more)

            return counted

        with monkeypatch.context() as patch:
            for name, change in (("replace", replace), ("unlink", unlink), ("rename", rename)):
                patch.setattr(os, name, count(change))
            yield number
        if left[0]:
            return


def keep_more(store: Store) -> None:
    """A second scan: a new person, and one of the two is gone."""
    store.begin_run(a_run("run-2", started=NOON.replace(year=2027)))
    keep_one(store, "run-2")
    store.act(an_act("name", "P-000001", name="Jane Doe"))
    store.act(an_act("merge", "P-000001", "P-000002"))
    store.end_run("run-2", Diff(new=()), [], {"seconds": 1.0})


@pytest.mark.parametrize("first", [True, False])
def test_painting_that_is_interrupted_at_any_change_leaves_an_unfinished_archive(
    tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    before = tmp_path / "before"
    if first:
        store = open_archive(before, SETTINGS, create=True)
        fill(store)
    else:
        shutil.copytree(archive, before)
        store = open_archive(before, SETTINGS, write=True)
        keep_more(store)
    store.close()
    open_archive(before, SETTINGS, write=True).close()  # its label is up to date
    seen = set[bool]()
    for number in changes(monkeypatch):
        folder = shutil.copytree(before, tmp_path / "cut" / str(number))
        store = open_archive(folder, SETTINGS, write=True)
        try:
            paint(store)
        except Interrupted:
            store.close()
            found = verify(folder, SETTINGS)
            assert found.unfinished or found.sound, (
                number,
                [one for one in found.differences if one.kind != "outdated"],
            )
            seen.add(found.unfinished)
        else:
            store.close()
            assert verify(folder, SETTINGS).sound
    assert number > 10
    assert True in seen


def test_what_a_scan_found_is_painted_by_the_next_ruling_if_the_scan_did_not(archive: Path) -> None:
    store = open_archive(archive, SETTINGS, write=True)
    keep_more(store)
    store.act(an_act("note", "P-000001", why="seen at the harbour"))
    paint(store, reviewed=True)
    store.close()
    assert verify(archive, SETTINGS).sound


def test_the_command_says_unfinished_in_words_in_json_and_by_its_exit_code(paused: Path) -> None:
    answer = said(paused)
    assert answer.exit_code == 6
    assert "files wait to be written" in answer.stdout
    assert "outdated" not in answer.stdout, "they are counted, not listed"
    assert "Nothing is damaged" in answer.stderr
    assert "Run the same scan again" in answer.stderr
    answer = said(paused, "--json")
    told = json.loads(answer.stdout)
    assert (answer.exit_code, told["sound"], told["unfinished"], told["cut_short"]) == (6, False, True, True)
    assert {one["kind"] for one in told["differences"]} == {"outdated"}
    assert said(paused, "--repair").exit_code == 0


def test_the_command_lists_damage_beside_unfinished_work_and_ends_with_7(paused: Path) -> None:
    (paused / "strange").write_text("x")
    answer = said(paused)
    assert answer.exit_code == 7
    assert "strange" in answer.stdout
    assert "1 difference from what was recorded" in answer.stderr
    assert "wait to be written" in answer.stdout
