"""How far a count has come: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from crossid.wizard.console import is_animated, notices
from crossid.wizard.keys import unechoed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STEPS = 10
"""Lines that are written at most where nothing can be drawn over."""


@contextmanager
def counted(what: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Something to tell how many of how many are done, for as long as the block lasts.

    Args:
        what: What is done, such as "Looking at photographs".
        quiet: Show nothing.
    """
    console = notices()
    if quiet:
        yield lambda _done, _total: None
        return
    if not is_animated(console):
        yield _lines(what, console.print)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with unechoed(), Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task(what, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


def _lines(what: str, say: Callable[[str], None]) -> Callable[[int, int], None]:
    told = -1

    def tell(done: int, total: int) -> None:
        nonlocal told
        step = STEPS * done // max(total, 1)
        if step > told:
            told = step
            say(f"{what}: {done:,} of {total:,}")

    return tell
