"""One scan, with what is seen of it while it runs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from crossid import pipeline
from crossid.pipeline.events import Listener, Silence
from crossid.wizard.console import notices
from crossid.wizard.counting import counted
from crossid.wizard.progress import Board

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from crossid.settings import Settings

PAUSED = "Paused. What is finished is kept; run the same command to go on."


def scan_shown(
    footage: Sequence[Path],
    archive: Path,
    settings: Settings,
    *,
    rescan: bool = False,
    quiet: bool = False,
    verbose: bool = False,
) -> pipeline.Outcome:
    """Scan, with progress on stderr unless `quiet`.

    Raises:
        CrossidError: as `crossid.pipeline.scan` does.
        KeyboardInterrupt: with the sentence that says what became of the work.
    """
    with _audience(quiet=quiet, verbose=verbose) as listener:
        try:
            return pipeline.scan(footage, archive, settings, rescan=rescan, listener=listener)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(PAUSED) from None


def reembed_shown(archive: Path, settings: Settings, *, quiet: bool = False) -> pipeline.Outcome:
    """Describe an archive anew, with progress on stderr unless `quiet`; raises as `scan_shown` does."""
    with counted("Describing portraits anew", quiet=quiet) as tell:
        try:
            return pipeline.reembed(archive, settings, tell)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(PAUSED) from None


@contextmanager
def _audience(*, quiet: bool, verbose: bool) -> Iterator[Listener]:
    if quiet:
        yield Silence()
        return
    with Board(notices(), verbose=verbose).shown() as board:
        yield board
