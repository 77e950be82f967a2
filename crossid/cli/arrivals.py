"""What is seen of a download: a bar on a terminal, a line per file elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from crossid.wizard.console import is_animated, notices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crossid.inference import downloading


@contextmanager
def shown(*, quiet: bool = False) -> Iterator[Callable[[downloading.Progress], None]]:
    """Something to tell how much has come, for as long as the block lasts."""
    console = notices()
    if quiet:
        yield lambda _: None
    elif not is_animated(console):
        yield _Lines(console.print)
    else:
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bars:
            yield _Bars(bars)


class _Lines:
    """Says of each file that it is coming."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._named: set[str] = set()

    def __call__(self, progress: downloading.Progress) -> None:
        if progress.name not in self._named:
            self._named.add(progress.name)
            self._say(f"Fetching {progress.name}")


class _Bars:
    """A bar for each file."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks = dict[str, TaskID]()

    def __call__(self, progress: downloading.Progress) -> None:
        total = progress.total_bytes or None
        if progress.name not in self._tasks:
            self._tasks[progress.name] = self._bars.add_task(progress.name, total=total)
        self._bars.update(self._tasks[progress.name], completed=progress.done_bytes, total=total)
