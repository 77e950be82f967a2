"""What limited workers can be asked to do with a file, other than to probe or to watch it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crossid.footage import FoundFile
from crossid.types import Video


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand(FoundFile):
    """A function of a module, and its arguments; of one that yields, each piece is handed over as it comes.

    Attributes:
        function: What is called.
        arguments: What it is called with.
        video: What the file is known to hold, where it is read for long: limits are those of watching it.
        copies: The function writes a file that may be as large as this one.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    video: Video | None = None
    copies: bool = False
