"""Keys that are typed while bars are drawn stay out of them, and the terminal is as it was, whatever ends the work."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pexpect
import pytest

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning"),
    pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal"),
]
PROGRAM = """
import os, signal, sys, termios
from crossid.wizard.console import notices
from crossid.wizard.counting import counted
from crossid.wizard.progress import Board
from crossid.cli.bars import byte_bar
def echoes():
    return bool(termios.tcgetattr(0)[3] & termios.ECHO)
drawn = {"counted": lambda: counted("x"), "board": lambda: Board(notices()).shown(), "bytes": lambda: byte_bar("x")}
which, end = sys.argv[1:]
print("before", echoes())
try:
    with drawn[which]() as tell:
        if which == "bytes":
            print("asking", echoes())
            tell(1, 2)
            tell(2, 2)
        print("during", echoes())
        if end == "interrupted":
            os.kill(os.getpid(), signal.SIGINT)
        if end == "crashed":
            raise ZeroDivisionError
except (KeyboardInterrupt, ZeroDivisionError):
    pass
print("after", echoes())
"""


@pytest.mark.parametrize(
    ("which", "end"),
    [("counted", "done"), ("bytes", "done"), ("board", "done"), ("board", "interrupted"), ("board", "crashed")],
)
def test_nothing_is_echoed_while_bars_are_drawn_and_everything_afterwards(which: str, end: str) -> None:
    talk = pexpect.spawn(
        sys.executable,
        ["-c", PROGRAM, which, end],
        env=os.environ | {"TERM": "xterm"},
        encoding="utf-8",
        timeout=60,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.default_int_handler),
    )
    for words in ("before True", *(["asking True"] if which == "bytes" else []), "during False", "after True"):
        talk.expect_exact(words)
    talk.expect(pexpect.EOF)


def test_a_program_whose_input_is_no_terminal_is_left_alone(tmp_path: Path) -> None:
    program = "from crossid.wizard.keys import unechoed\nwith unechoed():\n    print('as ever')"
    for given in (subprocess.DEVNULL, subprocess.PIPE):
        done = subprocess.run([sys.executable, "-c", program], stdin=given, capture_output=True, text=True, check=True)
        assert (done.stdout, done.stderr) == ("as ever\n", "")
