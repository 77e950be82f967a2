"""Writes `docs/cli.md` from the command line itself: `python docs/generate_cli.py`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.text import Text

from crossid.cli import app
from crossid.cli.exits import __doc__ as exits

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).with_name("cli.md")
FOREIGN = ("install_completion", "show_completion")
"""Typer's own options, worded anew by each of its versions."""
HEAD = """# The command line

Made by `python docs/generate_cli.py`; a test fails when it is out of date.

Every command answers `--help` with examples. Results go to stdout, progress and errors to stderr.
Whatever answers `--json` says errors in JSON, too: `{"error": …, "remedy": …, "exit_code": …}`
([which fault has which code](exit-codes.md)).
Settings come from, in rising rank: defaults, `crossid.toml` of the current folder (or `--config
FILE`), variables such as `CROSSID_FACES_MIN_FACE_PX`, and `--set faces.min_face_px=30`.
`NO_COLOR` is respected, and without a terminal there are plain lines instead of bars.
`crossid --install-completion` teaches the shell to complete commands and options.
"""


def page() -> str:
    """The whole page."""
    commands = typer.main.get_command(app)
    sections = [text for name, command in _commands("crossid", commands) for text in _section(name, command)]
    return "\n".join([HEAD, *sections, "## Exit codes", "", *_exit_codes()]) + "\n"


def _commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Every command that does something, with its full name; a group only by its members."""
    members = getattr(command, "commands", {})
    if not members or getattr(command, "invoke_without_command", False):
        yield name, command
    for inner, member in members.items():
        yield from _commands(f"{name} {inner}", member)


def _section(name: str, command: Any) -> Iterator[str]:
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    options = [parameter for parameter in command.params if parameter.param_type_name == "option"]
    options = [option for option in options if option.name not in FOREIGN]
    words = [_spelt(one) if one.default is None or one.required else f"[{_spelt(one)}]" for one in arguments]
    yield f"## `{' '.join([name, *words])}`\n"
    yield f"{_plain(command.help)}\n"
    yield from _table("argument", arguments)
    yield from _table("option", options)
    yield f"```text\n{_plain(command.epilog)}\n```\n"


def _table(kind: str, parameters: list[Any]) -> Iterator[str]:
    if not parameters:
        return
    yield f"| {kind} | meaning |\n| --- | --- |"
    for parameter in parameters:
        default = "" if parameter.default in (None, "", False, ()) else f" Default: `{parameter.default}`."
        yield f"| `{_spelt(parameter)}` | {_plain(parameter.help)}{default} |"
    yield ""


def _spelt(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return parameter.metavar.rstrip("…") + ("…" if parameter.nargs == -1 else "")
    return " ".join([", ".join(parameter.opts), *([parameter.metavar] if parameter.metavar else [])])


def _plain(marked_up: str | None) -> str:
    return Text.from_markup(marked_up or "").plain.strip()


def _exit_codes() -> Iterator[str]:
    """The table of `crossid.cli.exits`, as Markdown."""
    rows = [line.split(maxsplit=1) for line in (exits or "").splitlines() if line[:1].isdigit()]
    yield "| code | meaning |\n| --- | --- |"
    for code, meaning in rows:
        yield f"| {code} | {meaning} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
