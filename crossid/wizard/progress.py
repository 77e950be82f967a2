"""What is seen of a scan while it runs: bars on a terminal, lines elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from crossid.pipeline import events
from crossid.wizard.console import is_animated, say
from crossid.wizard.keys import unechoed
from crossid.wizard.pictures import can_show, row_of
from crossid.wizard.tally import WATCHING, Tally
from crossid.wording import count, duration, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType

    from crossid.types import Mishap

MAX_VIDEO_LINES = 8
"""Videos drawn at a time: more than these are counted, so that the picture fits a small window."""
MAX_WIDTH = 100
"""On a wider screen the eye would have too far to go from a name to its bar."""
MIN_LINES_FOR_PICTURES = 22
"""In a lower window the bars need all the room."""
HEARTBEAT_S = 30.0
"""Where nothing can be drawn over, a line at most this often says how far it has come."""


class Board:
    """Hears a scan's events and shows them on a console.

    Args:
        console: Where to draw.
        verbose: Say of each file and video what became of it.
        tally: What to count in.
    """

    def __init__(self, console: Console, *, verbose: bool = False, tally: Tally | None = None) -> None:
        self.tally = tally or Tally()
        self._console = console
        self._animated = is_animated(console)
        self._pictures = can_show(console) and console.height >= MIN_LINES_FOR_PICTURES
        self._verbose = verbose
        self._spoke = self.tally.now()
        self._spinner = Spinner("dots")

    @contextmanager
    def shown(self) -> Iterator[Board]:
        """Draw for as long as the block lasts; leave a clean terminal behind, whatever ends it."""
        if not self._animated:
            yield self
            return
        moving = Live(console=self._console, get_renderable=self._picture, refresh_per_second=8, transient=True)
        with unechoed(), moving:
            yield self

    def hear(self, event: events.Event) -> None:
        """Count an event, and say what cannot be drawn."""
        self.tally.hear(event)
        for line, style in self._lines(event):
            say(self._console, line, style)

    def _picture(self) -> RenderableType:
        if self.tally.phase == WATCHING:
            moving = bars(self.tally, self._console.width)
            if not (self._pictures and self.tally.portraits):
                return moving
            return Group(moving, Text(), row_of(list(self.tally.portraits), min(self._console.width, MAX_WIDTH)))
        self._spinner.update(text=Text(self.tally.stage()))
        return self._spinner

    def _lines(self, event: events.Event) -> Iterator[tuple[str, str]]:
        """Lines that stay on the screen, each with its style."""
        match event:
            case events.Noted():
                yield event.text, ""
            case events.Skipped():
                yield f"Skipped: {mishap_line(event.mishap)}", "yellow"
            case events.WorkPlanned():
                yield from self._plan()
            case events.CopyFound() if self._verbose:
                yield f"{event.name} is a copy of {event.copy_of}", "dim"
            case events.VideoWatched() if self._verbose or not self._animated:
                found = count(event.appearances, "track")
                progress = f"[{self.tally.watched}/{self.tally.videos}]"
                yield f"{progress} {event.video.name}: {found}", "" if self._verbose else "dim"
            case events.Recognising() | events.Painting() if not self._animated:
                yield self.tally.stage(), ""
            case events.Advanced() if not self._animated:
                yield from self._heartbeat()
            case _:
                pass

    def _plan(self) -> Iterator[tuple[str, str]]:
        tally = self.tally
        if tally.copies:
            are = "file is a copy" if tally.copies == 1 else "files are copies"
            yield f"{tally.copies:,} {are} of another one and not watched twice.", ""
        if tally.videos and not self._animated:
            workers = count(tally.workers, "worker")
            yield f"Watching {count(tally.videos, 'video')}, {duration(tally.total_s)}, with {workers}", ""

    def _heartbeat(self) -> Iterator[tuple[str, str]]:
        now = self.tally.now()
        if now - self._spoke >= HEARTBEAT_S:
            self._spoke = now
            yield f"{self.tally.share:.0%} watched, {self.tally.pace()}; {self.tally.counts()}", "dim"


def mishap_line(mishap: Mishap) -> str:
    """What went wrong with which input, one sentence; a reason that names the file is not told twice."""
    at = "" if mishap.moment_s is None else f" (at {mishap.moment_s:.1f} s)"
    name, reason = PurePosixPath(mishap.video).name, mishap.reason
    told = reason.removeprefix(name) if reason.startswith(f"{name} ") else f": {reason}"
    return f"{mishap.video}{at}{told}"


def bars(tally: Tally, width: int) -> RenderableType:
    """The moving part of the screen while videos are watched, on `width` columns."""
    grid = Table.grid(padding=(0, 2), expand=True)
    grid.width = min(width, MAX_WIDTH)
    grid.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    grid.add_column(width=24)
    grid.add_column(width=4, justify="right", no_wrap=True)
    grid.add_row(Text(WATCHING, style="bold"), ProgressBar(total=1.0, completed=tally.share), f"{tally.share:.0%}")
    videos = list(tally.open.values())  # a copy: events come in while another thread draws
    for video, seen_s in videos[:MAX_VIDEO_LINES]:
        share = min(1.0, seen_s / video.duration_s) if video.duration_s else 1.0
        name = printable(PurePosixPath(video.name).name)
        grid.add_row(Text(f"  {name}"), ProgressBar(total=1.0, completed=share), f"{share:.0%}")
    if len(videos) > MAX_VIDEO_LINES:
        grid.add_row(Text(f"  and {len(videos) - MAX_VIDEO_LINES} more", style="dim"), "", "")
    counts = Text(tally.counts(), style="dim", no_wrap=True, overflow="ellipsis")
    return Group(grid, Text(tally.pace(), no_wrap=True, overflow="ellipsis"), counts)
