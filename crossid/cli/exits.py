"""How a command ends: one sentence and one remedy for what a user can mend, a traceback for a bug.

====  =====================================================================
code  meaning
====  =====================================================================
0     done
1     could not be done, for a reason that none of the next ones covers
2     the command or a setting is misspelt or makes no sense
3     there is nothing to read, or nothing could be read
4     a model or a library is missing or damaged
5     the archive is locked, damaged, missing, or cannot be written
6     done, but some inputs failed; they are listed
7     the archive differs from what was recorded
70    a bug (EX_SOFTWARE of sysexits.h)
130   Ctrl-C, or SIGTERM
141   whoever read our output went away (128 + SIGPIPE)
====  =====================================================================
"""

from __future__ import annotations

import errno
import functools
import os
import signal
import sys
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn, ParamSpec

import typer

from crossid.errors import CrossidError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BUG = 70
INTERRUPTED = 130
PIPE_CLOSED = 141

P = ParamSpec("P")


def answering(command: Callable[P, None]) -> Callable[P, None]:
    """Decorates a command so that it ends as this module says; its `as_json` says who is listening."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with ending(as_json=bool(kwargs.get("as_json"))):
            command(*args, **kwargs)

    return run


@contextmanager
def ending(*, as_json: bool = False) -> Iterator[None]:
    """Turn whatever leaves the block into words and a `typer.Exit`.

    Args:
        as_json: Say errors that a user can mend as a JSON object on stdout, too.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
        sys.stdout.flush()
    except typer.Exit:
        raise
    except BrokenPipeError:
        _drop_buffered()
        raise typer.Exit(PIPE_CLOSED) from None
    except KeyboardInterrupt as interrupt:
        _say(str(interrupt) or "Stopped.")
        raise typer.Exit(INTERRUPTED) from None
    except CrossidError as error:
        _fail(error, as_json=as_json)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            _report_bug()
        _drop_buffered()  # all other disks have rooms that know them: this is the one that our output goes to
        _fail(CrossidError("The disk on which the answer is written is full.", remedy="Free some space on it."))
    except ImportError as error:
        from crossid.pipeline.diagnosis import missing_libraries

        known = missing_libraries(error)
        if known is None:
            _report_bug()
        _fail(known, as_json=as_json)
    except Exception:  # noqa: BLE001 - the last stop: it keeps the traceback and sets the exit code
        _report_bug()


def _drop_buffered() -> None:
    """What was not written to stdout yet goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _fail(error: CrossidError, *, as_json: bool = False) -> NoReturn:
    if as_json:
        from crossid.cli.answers import print_json

        print_json({"error": str(error), "remedy": error.remedy, "exit_code": error.exit_code})
    _say(str(error), error.remedy)
    raise typer.Exit(error.exit_code) from None


def _say(sentence: str, remedy: str = "") -> None:
    from crossid.wizard.console import notices, say

    say(notices(), sentence, "bold red" if remedy else "bold")
    if remedy:
        say(notices(), remedy)


def _report_bug() -> NoReturn:
    traceback.print_exc()
    sys.stderr.write("This is a bug in crossid, not a mistake of yours: please report it with the lines above.\n")
    raise typer.Exit(BUG) from None
