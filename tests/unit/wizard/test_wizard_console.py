"""Other people's words reach the terminal harmless, and whole."""

import io
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from crossid.wizard.console import _console, is_animated, quoted, say
from crossid.wording import printable


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain name.mp4", "plain name.mp4"),
        ("Müller 王 👩‍🚀.mp4", "Müller 王 👩‍🚀.mp4"),
        ("two\nlines\r\t", "two\\nlines\\r\\t"),
        ("red\x1b[31m", "red\\x1b[31m"),
        ("c1\x9b31m", "c1\\u009b31m"),
        ("fdp.\u202e4pm", "fdp.\\u202e4pm"),
        ("isolate\u2066", "isolate\\u2066"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("latin\udcff", "latin\\xff"),
        ("[bold]x[/bold] :smile:", "[bold]x[/bold] :smile:"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_instead(name: str, shown: str) -> None:
    assert printable(name) == shown


@given(st.text())
def test_what_is_printable_stays_on_one_line_and_is_stable(text: str) -> None:
    once = printable(text)
    assert len(once.splitlines()) <= 1
    assert printable(once) == once


def test_a_console_takes_markup_and_emoji_codes_literally() -> None:
    page = io.StringIO()
    _console(page).print("[red]x[/red] :smile: 12.5")
    assert page.getvalue() == "[red]x[/red] :smile: 12.5\n"


def test_a_sentence_is_broken_between_words_on_a_terminal_only() -> None:
    sentence = "watched with other settings and kept as they are: --rescan watches them again, all of them \x1b"
    for terminal, lines in ((True, 2), (False, 1)):
        page = io.StringIO()
        say(Console(file=page, width=80, force_terminal=terminal, color_system=None), sentence)
        assert " ".join(page.getvalue().split()) == sentence.replace("\x1b", "\\x1b")
        assert len(page.getvalue().splitlines()) == lines


def test_without_a_terminal_rows_are_wide_and_nothing_is_animated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    console = _console(io.StringIO())
    assert console.width == 160
    assert not is_animated(console)


@pytest.mark.parametrize("name", ["plain", "it's", "a b", "new\nline", "esc\x1b'\\", "über", "\u202eevil", "b\udcff"])
def test_a_shell_reads_a_quoted_argument_as_it_was(name: str) -> None:
    said = subprocess.run(
        ["bash", "-c", f"printf %s {quoted(name)}"], check=True, capture_output=True, env={"LC_ALL": "C.UTF-8"}
    )
    assert said.stdout.decode(errors="surrogateescape") == name
