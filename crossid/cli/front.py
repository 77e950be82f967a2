"""The front of the command line: what is misspelt, or interrupted before a command began, ends as all else does."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import typer

from crossid.cli.exits import ending
from crossid.cli.helping import HelpingGroup

if TYPE_CHECKING:
    from collections.abc import Sequence


class Front(HelpingGroup):
    """All commands; see `crossid.cli.exits` for how they end."""

    def main(self, args: Sequence[str] | None = None, *, standalone_mode: bool = True, **more: Any) -> Any:  # type: ignore[override]
        """Parse, run, and leave with a code; without `standalone_mode` errors are whoever's who calls."""
        if not standalone_mode:
            return super().main(args, standalone_mode=False, **more)
        words = sys.argv[1:] if args is None else args
        try:
            with ending(as_json="--json" in words):
                code = super().main(args, standalone_mode=False, **more)
        except typer.Exit as end:
            code = end.exit_code
        sys.exit(code)
