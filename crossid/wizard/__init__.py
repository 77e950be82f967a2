"""Wizard: answers to a few questions come in, one scan goes out; and what is drawn on a terminal.

The command line borrows what is drawn here (`progress`, `tables`, `outcome`), so that a scan looks
the same by whichever door it came in.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from crossid.settings import Settings


def is_possible() -> bool:
    """Whether somebody sits at a terminal that can be drawn on."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def converse(settings: Settings, config: Path | None = None) -> bool:
    """Ask, show what will be done, do it and show what was found; see `conversation`.

    Args:
        settings: What is proposed.
        config: The file that they came from, for the command that does the same.

    Returns:
        Whether everything that was asked for could be done; False if some inputs failed.

    Raises:
        CrossidError: as `crossid.pipeline.scan` does.
        KeyboardInterrupt: the user left; its text says what became of the work.
    """
    from crossid.wizard.conversation import Conversation

    return Conversation(settings, config).hold()
