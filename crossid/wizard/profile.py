"""Where the time of a scan went, video by video."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from crossid.wizard.console import say
from crossid.wording import duration, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from crossid.pipeline import VideoTimes

STAGES = {"read": "reading", "select": "selecting", "find": "finding", "follow": "following", "describe": "describing"}
"""What the corridor calls a stage -> what people are told."""


def show_profile(times: Sequence[VideoTimes], console: Console) -> None:
    """A table with a line for each video: its length, × real time of one worker, and the share of each stage."""
    if not times:
        say(console, "Nothing was watched, so there is nothing to tell about where the time went.")
        return
    table = Table(title="Where the time went", title_justify="left", box=None, pad_edge=False)
    table.add_column("video", overflow="fold")
    for heading in ("length", "took", "× real time", *STAGES.values()):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in times:
        shares = (_share(one.stages.get(stage, 0.0), one.seconds) for stage in STAGES)
        rate = f"{one.duration_s / one.seconds:.1f}" if one.seconds and one.duration_s else ""
        table.add_row(Text(printable(one.video)), duration(one.duration_s), duration(one.seconds), rate, *shares)
    console.print(table)
    say(
        console,
        "Wall-clock time of one worker; several work at once, and other programs count where they get in the way.",
    )


def _share(seconds: float, of: float) -> str:
    return f"{seconds / of:.0%}" if of else ""
