"""Questions on a terminal; Ctrl-C at any of them raises KeyboardInterrupt."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import questionary
from questionary.prompts.path import GreatUXPathCompleter

from crossid.wording import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")


def choose(question: str, answers: Sequence[tuple[str, T]]) -> T:
    """One of several answers, each (what is shown, what it means); the first one is proposed.

    Where there is only one, nothing is asked.
    """
    if len(answers) == 1:
        return answers[0][1]
    choices = [questionary.Choice(printable(shown), value=str(place)) for place, (shown, _) in enumerate(answers)]
    place = questionary.select(question, choices=choices, instruction="(arrows, then Enter)").unsafe_ask()
    return answers[int(place)][1]


def ask_path(question: str, judge: Callable[[Path], str], *, folders_only: bool = False) -> Path | None:
    """A path, completed with Tab, of which `judge` does not complain; None if nothing was typed.

    Paths may be typed or dropped onto the terminal: quotes, backslashes and ~ are understood.
    """

    def verdict(text: str) -> bool | str:
        return not text.strip() or judge(as_path(text)) or True

    completer = GreatUXPathCompleter(only_directories=folders_only, expanduser=True)
    # questionary.path would take Enter for "close the list of completions" while one is shown.
    answer = questionary.text(question, validate=verdict, completer=completer, complete_while_typing=False).unsafe_ask()
    return as_path(answer) if answer.strip() else None


def ask_text(question: str, judge: Callable[[str], str]) -> str:
    """A line of text of which `judge` does not complain, without spaces around it; "" if nothing was typed."""

    def verdict(text: str) -> bool | str:
        return judge(text.strip()) or True

    return str(questionary.text(question, validate=verdict).unsafe_ask()).strip()


def as_path(text: str) -> Path:
    """The path that somebody meant: as it stands if that is there, else as a shell would read it."""
    typed = Path(text.strip()).expanduser()
    if typed.exists():
        return typed
    try:
        words = shlex.split(text)
    except ValueError:  # an apostrophe in a name is no quote
        return typed
    return Path(words[0]).expanduser() if len(words) == 1 else typed
