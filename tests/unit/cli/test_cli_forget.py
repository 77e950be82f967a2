"""`crossid forget` says beforehand what it will and will not erase, asks, and leaves a receipt that names nobody."""

import json
import sys
from contextlib import closing
from pathlib import Path

import pexpect
import pytest

from builders import a_kept_archive, a_membership, a_ruling, a_video, a_watched, an_act, an_appearance, asked_of
from crossid.archive import ArchiveSettings, open_archive
from running import said


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Jane Doe is P-000001 and, merged, P-000002."""
    named, merged = an_act("name", "P-000001", name="Jane Doe"), an_act("merge", "P-000001", "P-000002")
    return a_kept_archive(tmp_path / "archive", named, merged)


def test_a_dry_run_says_what_would_go_and_what_cannot(archive: Path) -> None:
    answer = said(archive, "forget", "P-000002", "--dry-run")
    assert answer.exit_code == 0, answer.stderr
    lines = " ".join(answer.stdout.split())
    assert "What is erased of P-000001 (and P-000002):" in lines
    assert "2 appearances 4 tracks 2 videos" in lines
    assert "1 name " in lines
    assert "may find the face again, as a new person" in lines
    assert "exports, packages, sealed and other copies" in lines
    assert json.loads(said(archive, "forget", "P-000001", "--dry-run", "--json").stdout)["erased"]["vectors"] == 4
    assert "Jane Doe" in said(archive, "show", "P-000001").stdout


def test_without_anybody_to_ask_nothing_is_erased(archive: Path) -> None:
    answer = said(archive, "forget", "P-000001")
    assert (answer.exit_code, "Add --yes" in answer.stderr) == (2, True)
    assert "Jane Doe" in said(archive, "show", "P-000001").stdout


@pytest.mark.parametrize("reply", ["n", "y"])
@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_on_a_terminal_it_asks_first(archive: Path, reply: str) -> None:
    words = ["-m", "crossid", "forget", "P-000001", "--archive", str(archive)]
    with pexpect.spawn(sys.executable, words, encoding="utf-8", timeout=60) as terminal:
        terminal.expect("may find the face again")
        terminal.expect("for good")
        terminal.sendline(reply)
        terminal.expect(pexpect.EOF)
    assert terminal.exitstatus == (0 if reply == "y" else 1)
    assert ("forgotten" in said(archive, "show", "P-000001").stdout) == (reply == "y")


def test_the_receipt_holds_counts_and_no_name_and_the_id_leads_to_a_tombstone(archive: Path, tmp_path: Path) -> None:
    receipt = tmp_path / "receipt.json"
    answer = said(archive, "forget", "P-000001", "--yes", "--by", "ann", "--receipt", str(receipt))
    assert answer.exit_code == 0, answer.stderr
    assert "P-000001 (and P-000002) is forgotten." in answer.stderr
    content = json.loads(receipt.read_text())
    assert (content["person_id"], content["aliases"], content["by"]) == ("P-000001", ["P-000002"], "ann")
    assert content["erased"]["names"] == 1
    assert "Jane" not in receipt.read_text()
    for one in ("P-000001", "P-000002"):
        shown = said(archive, "show", one)
        assert (shown.exit_code, "was forgotten on" in shown.stdout) == (0, True)
    assert json.loads(said(archive, "show", "P-000002", "--json").stdout)["forgotten_at"]
    assert said(archive, "verify").exit_code == 0
    assert json.loads(said(archive, "people", "--json").stdout) == []


def test_doing_it_again_finishes_and_says_so(archive: Path) -> None:
    assert said(archive, "forget", "P-000001", "--yes", "--json").exit_code == 0
    answer = said(archive, "forget", "P-000001", "--yes")
    assert (answer.exit_code, "forgotten already" in answer.stdout) == (0, True)
    assert said(archive, "forget", "P-000001", "--dry-run", "--json").stdout.strip() == "null"


def test_what_stays_is_told(archive: Path) -> None:
    (archive / "people/P-000001 Jane Doe/notes.txt").write_text("Jane Doe, seen on TV")
    answer = said(archive, "forget", "P-000001", "--yes")
    assert "left where it is: people/P-000001/notes.txt" in answer.stderr
    assert "still stands in people/P-000001/notes.txt" in answer.stderr


@pytest.mark.parametrize("place", ["there", "archive/receipt.json"])
def test_a_receipt_goes_where_nothing_is_yet_and_not_into_the_archive(
    archive: Path, tmp_path: Path, place: str
) -> None:
    (tmp_path / "there").touch()
    answer = said(archive, "forget", "P-000001", "--yes", "--receipt", str(tmp_path / place))
    assert answer.exit_code == 2
    assert "Jane Doe" in said(archive, "show", "P-000001").stdout


def test_a_receipt_without_a_folder_is_refused_before_anybody_is_erased(archive: Path, tmp_path: Path) -> None:
    answer = said(archive, "forget", "P-000001", "--yes", "--receipt", str(tmp_path / "no/where"))
    assert (answer.exit_code, "There is no folder" in answer.stderr) == (2, True)
    assert said(archive, "show", "P-000001").exit_code == 0


def test_somebody_unknown_is_refused(archive: Path) -> None:
    assert said(archive, "forget", "P-000099", "--yes").exit_code == 5


@pytest.mark.parametrize("forgotten", [False, True])
@pytest.mark.parametrize("apart", [False, True])
def test_a_merge_that_is_redone_yields_to_a_later_rejection_also_where_that_was_erased(
    tmp_path: Path, *, apart: bool, forgotten: bool
) -> None:
    """A rejection of two at once loses its content when one of them is forgotten; what it said of the other stays."""
    folder, video = tmp_path / "archive", a_video(duration_s=100.0)
    seen = [an_appearance(video, 10.0 * at, 10.0 * at + 1, direction=at) for at in range(5)]
    with closing(open_archive(folder, ArchiveSettings(), write=True, create=True)) as store:
        store.add_video(video, 7, "run-1")
        store.keep_span(a_watched(video, *seen), 1, "settings", "run-1")
        first, second, *others, last = store.new_person_ids(5, "run-1")
        who = list(zip(seen, (first, second, *others, last), strict=True))
        store.rule([a_ruling(*pair) for pair in who], [a_membership(*pair) for pair in who])
        store.act(an_act("merge", first, second))
        store.act(an_act("undo", acts=(1,)))
        for act in (*((first, one) for one in others), (first, *([second] if apart else []), last)):
            store.act(an_act("reject", *act))
    if forgotten:
        assert said(folder, "forget", last, "--yes").exit_code == 0
    done = said(folder, "redo", "1", "--yes")
    assert done.exit_code == 0, done.stderr
    assert ("Nobody's appearances or name change by it." in done.stdout) == apart
    assert asked_of(folder, lambda store: store.resolve(second)) == (second if apart else first)
