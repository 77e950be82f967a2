"""What is seen of long work on files: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def byte_bar(title: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None] | None]:
    """Something to tell how many bytes are done, and of how many: a bar on a terminal, None elsewhere."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    from crossid.wizard.console import is_animated, notices
    from crossid.wizard.keys import unechoed

    console = notices()
    if quiet or not is_animated(console):
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    bars = Progress(*columns, console=console, transient=True)
    task = bars.add_task(title)
    with ExitStack() as drawing:

        def tell(done: int, whole: int) -> None:
            if not bars.live.is_started:  # until there is something to tell the terminal may be needed for a question
                drawing.enter_context(unechoed())
                drawing.enter_context(bars)
            bars.update(task, completed=done, total=whole)

        yield tell
