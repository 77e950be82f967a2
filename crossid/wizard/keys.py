"""Keys that are typed while bars are drawn are not echoed into them."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def unechoed() -> Iterator[None]:
    """A terminal that echoes nothing for as long as the block lasts; what is typed is there to be read afterwards.

    Nothing happens where stdin is no terminal, or is another program's at the moment.
    """
    with suppress(ImportError):  # Windows echoes what is read, and nothing is
        import termios

        if _is_ours():
            as_it_was = termios.tcgetattr(sys.stdin.fileno())
            silent = [*as_it_was[:3], as_it_was[3] & ~termios.ECHO, *as_it_was[4:]]
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, silent)
            try:
                yield
            finally:
                if _is_ours():
                    termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, as_it_was)
            return
    yield


def _is_ours() -> bool:
    """Whether stdin is a terminal that we may change: who does that in the background is stopped."""
    try:
        return sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):  # closed, or a terminal that controls no processes
        return False
