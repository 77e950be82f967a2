"""What the wizard offers once a scan is over, in a real terminal: questions, names, finding, clips, the report."""

import os
import shutil
import sys
from contextlib import closing
from pathlib import Path

import pexpect
import pytest

from crossid.archive import REPORT, ArchiveSettings, open_archive
from crossid.types import Question

pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")
CTRL_C, DOWN, ENTER, UP = "\x03", "\x1b[B", "\r", "\x1b[A"
HALF_BLOCK = "▀"
MENU = "What next?"
LATER = """
from pathlib import Path
from crossid.settings import Settings
from crossid.wizard.afterwards import Afterwards
from crossid.wizard.console import results
Afterwards(Path("archive"), Settings(), results()).offer()
"""


@pytest.fixture
def desk(archive: Path, tmp_path: Path) -> Path:
    """A folder with an archive of the staged footage, in which one question is open."""
    shutil.copytree(archive, tmp_path / "archive")
    with closing(open_archive(tmp_path / "archive", ArchiveSettings(), write=True)) as store:
        one, other, *_ = (person.id for person in store.people())
        asked = Question(kind="same", people=(one, other), appearances=(), probability=0.6, settles=9, why="alike")
        store.ask([asked], store.runs()[-1].run.id)
    return tmp_path


def offered(desk: Path, *, colours: bool = True, rows: int = 24, columns: int = 80) -> pexpect.spawn:
    """The menu after a scan, in a terminal that draws colours or not."""
    environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PROMPT_TOOLKIT_NO_CPR": "1"}
    for gone in ("COLUMNS", "NO_COLOR", "DISPLAY", "WAYLAND_DISPLAY"):
        environment.pop(gone, None)
    return pexpect.spawn(
        sys.executable,
        ["-c", LATER],
        cwd=str(desk),
        env=environment | ({} if colours else {"NO_COLOR": "1"}),
        dimensions=(rows, columns),
        encoding="utf-8",
        timeout=60,
    )


def leave(talk: pexpect.spawn) -> None:
    """Choose the first thing of the menu, and see that it ends well."""
    talk.expect_exact(MENU)
    talk.send(ENTER)
    talk.expect(pexpect.EOF)
    talk.close()
    assert talk.exitstatus == 0


@pytest.mark.parametrize(("rows", "columns"), [(24, 80), (40, 120)])
def test_an_answer_to_a_question_is_a_ruling(desk: Path, rows: int, columns: int) -> None:
    talk = offered(desk, rows=rows, columns=columns)
    talk.expect(r"Answer \d+ question")
    talk.send(DOWN + ENTER)
    talk.expect_exact(HALF_BLOCK)
    talk.expect_exact("Pictures: archive/people/P-000001/faces")
    talk.expect_exact("Are P-000001 and P-000002 one person?")
    talk.send(DOWN + DOWN + ENTER)
    talk.expect_exact("Ruling 1 (reject)")
    talk.expect_exact("crossid undo 1")
    index = talk.expect(["Enough for now", "There is nothing left to ask"])
    if index == 0:
        talk.send(UP + ENTER)
    leave(talk)
    with closing(open_archive(desk / "archive", ArchiveSettings())) as store:
        (entry,) = store.ledger()
        assert (entry.kind, entry.act.why) == ("reject", "answered in the wizard")
        assert not store.questions()


def test_without_colours_pictures_are_named_as_files(desk: Path) -> None:
    talk = offered(desk, colours=False)
    talk.expect(r"Answer \d+ question")
    talk.send(DOWN + ENTER)
    talk.expect_exact("Pictures: archive/people/P-000001/faces")
    talk.expect_exact("Enough for now")
    assert HALF_BLOCK not in talk.before
    talk.send(UP + ENTER)
    leave(talk)


def test_a_name_comes_with_a_source_and_stands_in_the_folder(desk: Path) -> None:
    talk = offered(desk)
    talk.expect_exact("Name somebody")
    talk.send(DOWN + DOWN + ENTER)
    talk.expect_exact("Who?")
    talk.send("P-000099" + ENTER)
    talk.expect_exact("Nobody has that id")
    talk.send("\x15P-000001" + ENTER)
    talk.expect_exact(HALF_BLOCK)
    talk.expect_exact("What are they called?")
    talk.send("Jane [red]" + ENTER)
    talk.expect_exact("How do you know?")
    talk.send(ENTER)
    talk.expect_exact("Say how")
    talk.send("press card" + ENTER)
    talk.expect_exact("(name)")
    leave(talk)
    assert (desk / "archive" / "people" / "P-000001 Jane [red]").is_dir()


def test_the_report_is_made_and_its_place_named(desk: Path) -> None:
    talk = offered(desk)
    talk.expect_exact("Make the report")
    talk.send(UP + ENTER)
    talk.expect_exact("report.html")
    talk.expect_exact("The same as: crossid report")
    leave(talk)
    assert (desk / "archive" / REPORT).is_file()


def test_somebody_is_found_by_a_photograph_and_what_fails_is_said_and_goes_on(desk: Path, footage: Path) -> None:
    (desk / "no face.txt").write_text("nothing", encoding="utf-8")
    talk = offered(desk)
    for photo, answer in ((desk / "no face.txt", "no face.txt"), (footage / "portrait.jpg", "looks alike")):
        talk.expect_exact("Find somebody")
        talk.send(DOWN + DOWN + DOWN + ENTER)
        talk.expect_exact("Photograph")
        talk.send(str(photo) + ENTER)
        talk.expect_exact(answer)
    leave(talk)


def test_clips_are_cut_into_a_folder_of_their_own(desk: Path) -> None:
    talk = offered(desk)
    talk.expect_exact("Cut somebody")
    talk.send(UP + UP + ENTER)
    talk.expect_exact("Who?")
    talk.send("P-000001" + ENTER)
    talk.expect_exact("The same as: crossid clips P-000001 clips-P-000001")
    leave(talk)
    assert (desk / "clips-P-000001" / "metadata.json").is_file()


def test_ctrl_c_in_the_middle_of_a_question_leaves_with_everything_kept(desk: Path) -> None:
    talk = offered(desk)
    talk.expect_exact("Name somebody")
    talk.send(DOWN + DOWN + ENTER)
    talk.expect_exact("Who?")
    talk.send(CTRL_C)
    talk.expect_exact("Everything is kept")
    talk.expect(pexpect.EOF)
    talk.close()
    assert talk.exitstatus == 0
