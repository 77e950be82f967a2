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
import re
import signal
import sys
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, cast

import typer

from crossid.errors import CrossidError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

BUG = 70
INTERRUPTED = 130
PIPE_CLOSED = 141
IT_IS_A_BUG = "This is a bug in crossid, not a mistake of yours"

PLAINLY = {
    r"Input should be a valid (integer|number), unable to parse string as .*": "that is no number",
    r"Input should be greater than or equal to (.*)": r"the least is \1",
    r"Input should be less than or equal to (.*)": r"the most is \1",
}
"""What the parser's library says -> what people say."""

UsageError = typer.BadParameter.__bases__[0]
"""What the parser of the command line raises; typer has no name of its own for it."""

MISSING = "Missing argument"

P = ParamSpec("P")


def answering(command: Callable[P, None]) -> Callable[P, None]:
    """Decorates a command so that it ends as this module says; its `as_json` says who is listening."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with ending(as_json=bool(kwargs.get("as_json")), archive=cast("Path | None", kwargs.get("archive"))):
            command(*args, **kwargs)

    return run


@contextmanager
def ending(*, as_json: bool = False, archive: Path | None = None) -> Iterator[None]:
    """Turn whatever leaves the block into words and a `typer.Exit`.

    Args:
        as_json: Say on stdout as a JSON object, too, why there is no answer.
        archive: What commands in a remedy are about.
    """
    stopped = _Stopped()
    try:
        yield
        if not sys.stdout.closed:  # a command whose reader went away has closed it, and left with its own code
            sys.stdout.flush()
    except typer.Exit:
        raise
    except BrokenPipeError:
        _drop_buffered()
        raise typer.Exit(PIPE_CLOSED) from None
    except (KeyboardInterrupt, typer.Abort) as interrupt:  # a question that is answered with Ctrl-C is aborted
        _fail(CrossidError(str(interrupt) or "Stopped."), as_json=as_json, code=INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the last stop: a bug keeps the traceback and gets a code of its own
        if stopped.asked and isinstance(error, ImportError):
            _fail(CrossidError("Stopped."), as_json=as_json, code=INTERRUPTED)
        known = _known(error)
        if known is None:
            _report_bug(error, as_json=as_json)
        _fail(_placed(known, archive), as_json=as_json and not isinstance(error, OSError))
    finally:
        stopped.listen_no_more()


def _placed(error: CrossidError, archive: Path | None) -> CrossidError:
    """The same with a remedy that can be copied as it stands."""
    if archive is not None and error.remedy:
        from crossid.wizard.console import on_archive

        error.remedy = on_archive(error.remedy, archive)
    return error


def _known(error: Exception) -> CrossidError | None:
    """What a user can mend, in our words; None for a bug."""
    if isinstance(error, CrossidError):
        return error
    if isinstance(error, UsageError):
        return _misused(cast("typer.BadParameter", error))
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        _drop_buffered()  # all other disks have rooms that know them: this is the one that our output goes to
        return CrossidError("The disk on which the answer is written is full.", remedy="Free some space on it.")
    if isinstance(error, ImportError):
        from crossid.pipeline.diagnosis import missing_libraries

        return missing_libraries(error)
    return None


def _drop_buffered() -> None:
    """What was not written to stdout yet goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Stopped:
    """Whether somebody asked to stop, by Ctrl-C or SIGTERM: a compiled library that is just being imported loses that.

    Where Ctrl-C was ignored, as in the background of a shell, it stays so.
    """

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGTERM, self._stop)
        self._before = signal.getsignal(signal.SIGINT)
        if self._before is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._stop)

    def listen_no_more(self) -> None:
        """Leave Ctrl-C to whom it was left before."""
        signal.signal(signal.SIGINT, self._before)

    def _stop(self, _number: int, _frame: object) -> NoReturn:
        self.asked = True
        raise KeyboardInterrupt


def _misused(error: typer.BadParameter) -> SettingsError:
    """What is said to whoever misspelt a command: the sentence of the parser, and where to read on."""
    if not error.format_message():  # a group without a command, whose help was shown
        raise typer.Exit(SettingsError.exit_code)
    command, sentence = error.ctx.command_path if error.ctx else "crossid", error.format_message().strip()
    if sentence.startswith(MISSING) and error.ctx:
        sentence = _missing(sentence, error.ctx.command.params)
    for words, plain in PLAINLY.items():
        sentence = re.sub(words, plain, sentence)
    dash = " A text that begins with a dash stands after --." if sentence.startswith("No such option") else ""
    return SettingsError(sentence.rstrip(".") + ".", remedy=f"See {command} --help.{dash}")


def _missing(sentence: str, parameters: Iterable[Any]) -> str:
    """What is missing, said so that it is right: of `ID... TEXT` the parser takes a single word for TEXT."""
    wanted = [one for one in parameters if one.param_type_name == "argument" and one.required]
    if [one.nargs for one in wanted].count(-1) and wanted[-1].nargs == 1:
        words = " ".join(f"{one.metavar}{'...' * (one.nargs == -1)}" for one in wanted)
        return f"{MISSING}: this takes {words}"
    return sentence


def _fail(error: CrossidError, *, as_json: bool = False, code: int | None = None) -> NoReturn:
    exit_code = error.exit_code if code is None else code
    if as_json:
        _answer(str(error), error.remedy, exit_code)
    _say(str(error), error.remedy)
    raise typer.Exit(exit_code) from None


def _answer(error: str, remedy: str, exit_code: int) -> None:
    from crossid.cli.answers import print_json

    print_json({"error": error, "remedy": remedy, "exit_code": exit_code})


def _say(sentence: str, remedy: str = "") -> None:
    from crossid.wizard.console import notices, say

    say(notices(), sentence, "bold red" if remedy else "bold")
    if remedy:
        say(notices(), remedy)


def _report_bug(error: Exception, *, as_json: bool) -> NoReturn:
    traceback.print_exc()
    sys.stderr.write(f"{IT_IS_A_BUG}: please report it with the lines above.\n")
    if as_json:
        _answer(f"{type(error).__name__}: {error}", f"{IT_IS_A_BUG}: please report what stderr says.", BUG)
    raise typer.Exit(BUG) from None
