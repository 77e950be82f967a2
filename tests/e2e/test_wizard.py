"""The wizard in a real terminal: asks, scans, tells; and Ctrl-C is safe wherever it comes."""

import os
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pexpect
import pytest

from crossid.archive import DATABASE
from crossid.archive.database import Database
from crossid.archive.migrations import STEPS, migrate
from running import run

pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")
CTRL_C, ENTER, UP = "\x03", "\r", "\x1b[A"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder to work in; what the wizard remembers lies there, too."""
    folder = tmp_path / "a desk"
    folder.mkdir()
    return folder


@pytest.fixture
def clips(footage: Path, desk: Path) -> Path:
    """A small part of the staged footage, under a name that a shell would take apart."""
    folder = desk / "my footage"
    folder.mkdir()
    for name in ("portrait.jpg", "square.mp4"):
        (folder / name).symlink_to(footage / name)
    return folder


def conversation(desk: Path, rows: int = 24, columns: int = 80, words: Sequence[str] = ()) -> pexpect.spawn:
    """The wizard, begun; colours are off so that words stay whole."""
    environment = os.environ | {
        "HOME": str(desk),
        "XDG_STATE_HOME": str(desk / "state"),
        "NO_COLOR": "1",
        "TERM": "xterm",
        "PROMPT_TOOLKIT_NO_CPR": "1",
    }
    environment.pop("COLUMNS", None)
    return pexpect.spawn(
        sys.executable,
        ["-m", "crossid", *words],
        cwd=str(desk),
        env=environment,
        dimensions=(rows, columns),
        encoding="utf-8",
        timeout=60,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # background jobs of a shell ignore it
    )


def answer(talk: pexpect.spawn, question: str, *keys: str) -> None:
    """Wait for a question, then press keys."""
    talk.expect_exact(question)
    for key in keys:
        talk.send(key)


def ended(talk: pexpect.spawn) -> int:
    """Wait for the end; the exit code."""
    talk.expect(pexpect.EOF)
    talk.close()
    assert talk.signalstatus is None
    return int(talk.exitstatus)


@pytest.mark.parametrize(("rows", "columns"), [(24, 80), pytest.param(40, 120, marks=pytest.mark.slow)])
def test_a_conversation_ends_with_people_and_the_command_that_does_the_same(
    desk: Path, clips: Path, rows: int, columns: int
) -> None:
    talk = conversation(desk, rows, columns)
    answer(talk, "Folder or file", "my footage", ENTER)
    answer(talk, "More footage?", ENTER)
    answer(talk, "Which archive", ENTER)
    talk.expect_exact("2 files")
    talk.expect_exact("new, will be made")
    answer(talk, "Start?", ENTER)
    talk.expect(r"\d+ (people|person) in 2 videos")
    talk.expect_exact("P-000001")
    talk.expect_exact("The same again: ")
    again = talk.readline().strip()
    assert again == "crossid scan 'my footage'"
    answer(talk, "What next?", ENTER)
    assert ended(talk) == 0
    assert (desk / "archive" / "people" / "P-000001" / "person.json").is_file()


@pytest.mark.slow
def test_the_second_time_places_are_remembered_and_nothing_is_new(desk: Path, clips: Path) -> None:
    run("scan", clips, "--archive", desk / "archive")
    for remembered in (False, True):
        talk = conversation(desk)
        if remembered:
            answer(talk, "Where is the footage?", ENTER)
        else:
            answer(talk, "Folder or file", str(clips), ENTER)
        answer(talk, "More footage?", ENTER)
        answer(talk, "Which archive", ENTER)
        talk.expect_exact("2 files, all in the archive already")
        answer(talk, "Start?", ENTER)
        talk.expect_exact("nothing watched now")
        talk.expect_exact("Nothing changed")
        answer(talk, "What next?", CTRL_C)
        talk.expect_exact("Everything is kept")
        assert ended(talk) == 0


def test_a_folder_without_footage_is_asked_for_anew(desk: Path, clips: Path) -> None:
    (desk / "empty").mkdir()
    talk = conversation(desk)
    answer(talk, "Folder or file", "nowhere", ENTER)
    answer(talk, "There is nothing of that name", "\x15", "empty", ENTER)
    answer(talk, "More footage?", ENTER)
    answer(talk, "Which archive", ENTER)
    talk.expect_exact("No video or photograph")
    answer(talk, "Folder or file", "my footage", ENTER)
    answer(talk, "More footage?", ENTER)
    answer(talk, "Start?", UP, ENTER)
    talk.expect_exact("Nothing was begun.")
    assert ended(talk) == 0
    assert not (desk / "archive").exists()


def test_an_archive_of_an_earlier_version_is_brought_up_to_date_when_asked(desk: Path, clips: Path) -> None:
    (desk / "archive").mkdir()
    (desk / "archive" / DATABASE).touch()
    kept = Database(desk / "archive", write=True)
    migrate(kept, STEPS[:1])
    kept.close()
    talk = conversation(desk)
    answer(talk, "Folder or file", "my footage", ENTER)
    answer(talk, "More footage?", ENTER)
    answer(talk, "Which archive", ENTER)
    talk.expect_exact("has format 1, older than")
    answer(talk, "Bring it up to date?", ENTER)
    talk.expect_exact("holds 0 people in 0 videos, will be extended")
    answer(talk, "Start?", UP, ENTER)
    assert ended(talk) == 0
    assert (desk / "archive" / f"{DATABASE}.format-1").is_file()
    assert run("people", "--archive", desk / "archive").returncode == 0


@pytest.mark.parametrize("questions", [0, *(pytest.param(one, marks=pytest.mark.slow) for one in (1, 2)), 3])
def test_ctrl_c_at_any_question_leaves_without_a_trace(desk: Path, clips: Path, questions: int) -> None:
    talk = conversation(desk)
    steps = [("Folder or file", ("my footage", ENTER)), ("More footage?", (ENTER,)), ("Which archive", (ENTER,))]
    for question, keys in steps[:questions]:
        answer(talk, question, *keys)
    answer(talk, [*(question for question, _ in steps), "Start?"][questions], CTRL_C)
    talk.expect_exact("Nothing was begun.")
    assert ended(talk) == 130
    assert not (desk / "archive").exists()


def test_ctrl_c_while_running_pauses_and_names_the_command_that_goes_on(desk: Path, clips: Path) -> None:
    talk = conversation(desk)
    answer(talk, "Folder or file", "my footage", ENTER)
    answer(talk, "More footage?", ENTER)
    answer(talk, "Which archive", ENTER)
    answer(talk, "Start?", ENTER)
    talk.expect(r"[1-9]\d* faces")  # the workers are at work
    talk.send(CTRL_C)
    talk.expect_exact("Paused. What is finished is kept; go on with: crossid scan 'my footage'")
    assert ended(talk) == 130
    assert run("scan", clips, "--archive", desk / "archive").returncode == 0


def test_what_a_file_of_settings_says_is_proposed(desk: Path, clips: Path) -> None:
    (desk / "quick.toml").write_text('speed = "quick"', encoding="utf-8")
    talk = conversation(desk, words=["--config", "quick.toml"])
    answer(talk, "Folder or file", "my footage", ENTER)
    answer(talk, "More footage?", ENTER)
    answer(talk, "Which archive", ENTER)
    talk.expect_exact("quick: may miss")
    talk.expect_exact("builtin: mtcnn, dlib_resnet (MIT; CC0-1.0)")
    answer(talk, "Start?", UP, ENTER)
    assert ended(talk) == 0
