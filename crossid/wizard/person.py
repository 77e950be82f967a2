"""One person's appearances, told on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossid.wizard.console import say
from crossid.wizard.tables import WIDE, log_table
from crossid.wording import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from crossid.types import LogRow


def show_person(asked: str, found: str, rows: Sequence[LogRow], pictures: Sequence[str], console: Console) -> None:
    """Where somebody is seen.

    Args:
        asked: The id that was asked for.
        found: The id that it resolves to.
        rows: Appearances.
        pictures: The best face's file of each row, relative to the archive.
        console: Where to write.
    """
    if asked != found:
        say(console, f"{asked} was merged into {found}.")
    name = next((row.name for row in rows if row.name), "")
    say(console, f"{found} {name}".strip(), "bold")
    videos = len({row.video_sha256 for row in rows})
    confirmed = sum(row.status == "confirmed" for row in rows)
    seen = f"{count(len(rows), 'appearance')} in {count(videos, 'video')}"
    say(console, f"{seen}, proposed by crossid; {confirmed or 'none'} confirmed by a reviewer")
    if rows:
        console.print(log_table(rows, pictures if console.width >= WIDE else ()))
