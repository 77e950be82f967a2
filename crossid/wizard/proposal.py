"""What a scan would do, told before it is begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from crossid.archive import exists, open_archive
from crossid.settings import SPEEDS
from crossid.wizard.models import models_line
from crossid.wizard.progress import mishap_line
from crossid.wording import count, duration, printable, roughly, size

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crossid.pipeline import Preview
    from crossid.settings import Settings

MAX_MISHAPS = 3
"""Files that cannot be read and are named one by one."""


def proposal(footage: Sequence[Path], archive: Path, preview: Preview, held: str, settings: Settings) -> Table:
    """What will be read, how long that takes, and where it goes."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("Footage", Text("\n".join(printable(str(place)) for place in footage)))
    table.add_row("Found", found(preview))
    if preview.mishaps:
        table.add_row("Unreadable", Text(unreadable(preview), style="yellow"))
    table.add_row("To watch", to_watch(preview))
    table.add_row("Speed", f"{settings.speed}: may miss {SPEEDS[settings.speed].may_miss}")
    table.add_row("Models", Text(models_line(settings)))
    table.add_row("Archive", Text(f"{printable(str(archive))}\n{held}"))
    return table


def found(preview: Preview) -> str:
    """How many files there are, and how many of them are new."""
    files = count(preview.files, "file")
    if not preview.known:
        return files
    return (
        f"{files}, {'all' if preview.known == preview.files else f'{preview.known:,} of them'} in the archive already"
    )


def to_watch(preview: Preview) -> str:
    """How much footage that is, and how long it will take."""
    if not preview.seconds:
        return "nothing new; what an earlier scan left unfinished will be finished"
    takes = roughly(preview.estimate_s)
    return f"{duration(preview.seconds)} of footage ({size(preview.size_bytes)}), {takes} on this machine"


def unreadable(preview: Preview) -> str:
    """The first few files that cannot be used, a line each."""
    lines = [printable(mishap_line(mishap)) for mishap in preview.mishaps[:MAX_MISHAPS]]
    more = len(preview.mishaps) - MAX_MISHAPS
    return "\n".join([*lines, f"and {more:,} more"] if more > 0 else lines)


def holdings(archive: Path, settings: Settings) -> str:
    """What is in an archive already, in words.

    Raises:
        ArchiveError: it cannot be read.
    """
    if not exists(archive):
        return "new, will be made"
    store = open_archive(archive, settings.archive)
    try:
        people, videos = len(store.people()), len(store.videos())
    finally:
        store.close()
    return f"holds {count(people, 'person', 'people')} in {count(videos, 'video')}, will be extended"
