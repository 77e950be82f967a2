"""A command ends with one clear sentence, a remedy, and the exit code that the architecture names."""

import json
import os
import signal
import subprocess
import sys
import textwrap

import pytest
import typer
from typer.testing import CliRunner

from crossid import errors
from crossid.cli.exits import answering

BARE = "libGL.so.1: cannot open shared object file: No such file or directory"


def ended(body: str, *, json_wanted: bool = False) -> subprocess.CompletedProcess[str]:
    """A tiny program with one command, ended by the real doorway in a process of its own."""
    program = f"""
import typer
from crossid.cli.exits import answering
from crossid import errors
app = typer.Typer(pretty_exceptions_enable=False)
@app.command()
@answering
def command(as_json: bool = False) -> None:
{textwrap.indent(textwrap.dedent(body), "    ")}
app()
"""
    words = [sys.executable, "-c", program, *(["--as-json"] if json_wanted else [])]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("CrossidError", 1),
        ("SettingsError", 2),
        ("FootageError", 3),
        ("ModelError", 4),
        ("ArchiveError", 5),
        ("PartialError", 6),
        ("VerifyError", 7),
    ],
)
def test_an_error_is_a_sentence_and_a_remedy_and_its_own_code(error: str, code: int) -> None:
    program = typer.Typer()

    @program.command()
    @answering
    def command() -> None:
        raise getattr(errors, error)("It broke.", remedy="Mend it.")

    done = CliRunner().invoke(program)
    assert (done.exit_code, done.stdout, done.stderr) == (code, "", "It broke.\nMend it.\n")


def test_programs_get_the_error_as_an_object_on_stdout() -> None:
    done = ended("raise errors.FootageError('Nothing there.', remedy='Look elsewhere.')", json_wanted=True)
    assert json.loads(done.stdout) == {"error": "Nothing there.", "remedy": "Look elsewhere.", "exit_code": 3}
    assert done.returncode == 3


def test_a_bug_keeps_its_traceback_and_exits_70() -> None:
    done = ended("raise ZeroDivisionError('a bug')")
    assert done.returncode == 70
    assert "Traceback" in done.stderr
    assert "ZeroDivisionError: a bug" in done.stderr


def test_opencv_without_its_system_libraries_is_one_apt_line() -> None:
    done = ended(f"raise ImportError({BARE!r})")
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1] == "Run: apt-get install -y libgl1 libglib2.0-0"


def test_any_other_failed_import_is_a_bug() -> None:
    assert ended("import crossid.nothing_of_this_name").returncode == 70


def test_ctrl_c_says_what_became_of_the_work_and_exits_130() -> None:
    done = ended("raise KeyboardInterrupt('Paused. Go on later.')")
    assert (done.returncode, done.stderr) == (130, "Paused. Go on later.\n")


def test_ctrl_c_that_a_library_swallowed_while_it_was_imported_is_ctrl_c() -> None:
    done = ended("""
        import os, signal
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt:
            raise ImportError("import numpy failed") from None
    """)
    assert (done.returncode, done.stderr) == (130, "Stopped.\n")


def test_a_background_job_goes_on_ignoring_ctrl_c() -> None:
    listening = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        done = ended("import os, signal; os.kill(os.getpid(), signal.SIGINT); print('went on')")
    finally:
        signal.signal(signal.SIGINT, listening)
    assert (done.returncode, done.stdout) == (0, "went on\n")


def test_ctrl_c_at_a_question_is_ctrl_c() -> None:
    done = ended("raise typer.Abort")
    assert (done.returncode, done.stderr) == (130, "Stopped.\n")


@pytest.mark.parametrize("body", ["raise KeyboardInterrupt('Paused.')", "raise ZeroDivisionError('a bug')"])
def test_programs_are_told_of_an_interruption_and_of_a_bug(body: str) -> None:
    done = ended(body, json_wanted=True)
    told = json.loads(done.stdout)
    assert told["exit_code"] == done.returncode
    assert told["error"] in {"Paused.", "ZeroDivisionError: a bug"}


def test_sigterm_is_taken_as_ctrl_c() -> None:
    done = ended(f"import os; os.kill(os.getpid(), {int(signal.SIGTERM)})")
    assert (done.returncode, done.stderr) == (130, "Stopped.\n")


def test_a_reader_who_goes_away_is_met_with_silence() -> None:
    program = "from crossid.cli import app; app(['models', 'list', '--json'])"
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-c", program], stdout=write, stderr=subprocess.PIPE, check=False, timeout=60
        )
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_an_error_cannot_speak_to_the_terminal() -> None:
    done = ended(r"raise errors.FootageError('bad \x1b[2Jname\n[red]x[/red].mp4', remedy='See \x9b1m.')")
    assert done.stderr == "bad \\x1b[2Jname\\n[red]x[/red].mp4\nSee \\u009b1m.\n"
