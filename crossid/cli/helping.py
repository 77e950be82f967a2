"""What `--help` shows, drawn with as little of rich as it takes: whoever asks is answered at once.

Typer's own drawing loads Markdown, a highlighter and tracebacks; reading a group's options before the command's
help loads a validation library. Both cost more than all else together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console
    from rich.text import Text

Handler = TypeVar("Handler", bound=Callable[..., Any])
PANEL = "rich_help_panel"
"""Attribute in which typer keeps the heading under which a command is listed."""


class App(typer.Typer):
    """Commands that answer `--help` at once."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**{"cls": HelpingGroup, "rich_markup_mode": "rich", **given})

    def command(self, name: str | None = None, **given: Any) -> Callable[[Handler], Handler]:
        """See `typer.Typer.command`."""
        return super().command(name, cls=HelpingCommand, **given)


class HelpingCommand(TyperCommand):
    """A command that answers `--help` at once."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Draw it."""
        _draw(self, ctx)


class HelpingGroup(TyperGroup):
    """A group of commands that answers `--help` at once, and lets its commands do so."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Draw it."""
        _draw(self, ctx)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the group's options, unless a command of it was only asked for help."""
        command = self.get_command(ctx, args[0]) if args else None
        if command is not None and not ctx.resilient_parsing and set(args[1:]) & set(ctx.help_option_names):
            command.make_context(args[0], args[1:], parent=ctx)  # answers and leaves
        return super().parse_args(ctx, args)


def _draw(command: Any, ctx: Any) -> None:
    """Usage, what it does, arguments, options, commands, examples."""
    from crossid.wizard.console import results

    console = results()
    console.print()
    _paragraph(console, ctx.command.get_usage(ctx), "bold")
    _paragraph(console, _marked_up(" ".join(line.strip() for line in (command.help or "").splitlines())))
    parameters = [(one, record) for one in command.get_params(ctx) if (record := one.get_help_record(ctx))]
    for kind, title in (("argument", "Arguments"), ("option", "Options")):
        rows = [_row(one, *record) for one, record in parameters if one.param_type_name == kind]
        _panel(console, title, rows)
    groups: dict[str, list[tuple[str, Text]]] = {}
    for name, member in _members(command, ctx):
        heading = getattr(member, PANEL, None)
        brief = (member.help or "").split("\n\n")[0].strip()
        groups.setdefault(heading if isinstance(heading, str) else "Commands", []).append((name, _marked_up(brief)))
    for heading, rows in groups.items():
        _panel(console, heading, rows, of_names=max(len(name) for name, _ in _members(command, ctx)))
    console.print()
    _paragraph(console, _marked_up(command.epilog or ""))


def _members(command: Any, ctx: Any) -> Iterator[tuple[str, Any]]:
    """A group's commands, by name, in the order in which they are listed."""
    for name in command.list_commands(ctx) if isinstance(command, TyperGroup) else ():
        member = command.get_command(ctx, name)
        if member is not None and not member.hidden:
            yield name, member


def _row(parameter: Any, names: str, record: str) -> tuple[str, Text]:
    """How a parameter is written, and what it is for; defaults and ranges, which follow its help, are no markup."""
    said = parameter.help or ""
    if parameter.param_type_name == "argument":
        names = parameter.metavar or names
    text = _marked_up(said)
    text.append(record.removeprefix(said).replace("  [", " [", 1), "dim")
    return names, text


def _marked_up(text: str) -> Text:
    from rich.text import Text

    return Text.from_markup(text)


def _paragraph(console: Console, text: str | Text, style: str = "") -> None:
    from rich.padding import Padding
    from rich.text import Text

    if str(text):
        console.print(Padding(Text(text, style) if isinstance(text, str) else text, (0, 1, 1, 1)))


def _panel(console: Console, title: str, rows: list[tuple[str, Text]], of_names: int = 0) -> None:
    """A framed table; `of_names`: columns that names take at least, so that panels stand in line."""
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    if not rows:
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold cyan", min_width=of_names, max_width=max(of_names, console.width // 3))
    table.add_column(ratio=1)
    for name, text in rows:
        table.add_row(Text(name), text)
    table.expand = True
    console.print(Panel(table, title=title, title_align="left", border_style="dim"))
