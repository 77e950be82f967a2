"""The terminal: where words go, and the one way in which other people's words reach it.

A file or a person may have any name. Consoles made here take strings literally (no markup, no
emoji codes), and `printable` makes control characters visible instead of obeyed.
"""

import os
import re
import shlex
import sys
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.text import Text

from crossid.wording import printable

ON_ARCHIVES = (
    "adopt audit clips confirm evaluate export find forget ignore log merge move name not-a-face note open people "
    "redact redo reject report scan seal share show split timeline together undo unignore verify"
)
"""Commands that take --archive."""
COMMANDS = re.compile(rf"\bcrossid (export [a-z]+|{'|'.join(ON_ARCHIVES.split())})(?![a-z-])(?! --archive)")
PIPE_WIDTH = 160
"""Columns where nobody's terminal says how many there are: rows stay on one line for grep."""


class _LiteralConsole(Console):
    """Takes strings as they are, and leaves a closed pipe to whoever runs the command."""

    def on_broken_pipe(self) -> None:
        """Let the error through: rich would end the program with a code of its own."""
        raise BrokenPipeError


def results() -> Console:
    """A console on stdout, for what was asked for."""
    return _console(sys.stdout)


def notices() -> Console:
    """A console on stderr, for progress, notes and errors."""
    return _console(sys.stderr)


def is_animated(console: Console) -> bool:
    """Whether lines can be drawn over: a real terminal, whatever FORCE_COLOR pretends."""
    return console.file.isatty() and not console.is_dumb_terminal


def say(console: Console, sentence: str, style: str = "") -> None:
    """Write a sentence: broken between words where a terminal ends, on one line elsewhere."""
    console.print(Text(printable(sentence), style=style), soft_wrap=not console.is_terminal)


def quoted(argument: str) -> str:
    r"""An argument as a shell takes it; `$'…'` where plain quotes would print control characters."""
    if printable(argument) == argument:
        return shlex.quote(argument)
    return "$'" + "".join("\\" + c if c in "\\'" else printable(c) for c in argument) + "'"


def command(*words: str, archive: Path) -> str:
    """A crossid command on an archive, ready to be pasted into a shell."""
    return " ".join(quoted(word) for word in ("crossid", *words, *_place(archive)))


def on_archive(remedy: str, archive: Path) -> str:
    """A remedy whose crossid commands name the archive that it is about, so that they can be pasted into a shell."""
    place = "".join(f" {quoted(word)}" for word in _place(archive))
    return COMMANDS.sub(lambda found: f"{found[0]}{place}", remedy)


def _place(archive: Path) -> list[str]:
    """The option that names an archive, unless commands take that one by themselves."""
    return [] if str(archive) == "archive" else ["--archive", str(archive)]


def _console(file: TextIO) -> Console:
    console = _LiteralConsole(file=file, markup=False, emoji=False, highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPE_WIDTH
    return console
