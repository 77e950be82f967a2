"""When people are seen, told and drawn on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from crossid.exports.presences import videos_in_order
from crossid.wizard.console import say
from crossid.wizard.tables import plain_table, when
from crossid.wording import clock, count, duration, printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console
    from rich.table import Table

    from crossid.exports.presences import Presence, Together
    from crossid.types import Video

LABEL_CELLS = 28
LEAST_CELLS = 3
"""Width of the shortest video in the picture."""
SEEN, UNSEEN, CUT = "█", "·", "│"


def show_together(people: Mapping[str, str], found: Together, console: Console) -> None:
    """When they are seen at once, or how near they come to it."""
    names = [f"{one} {name}".strip() for one, name in people.items()]
    say(console, " and ".join(names), "bold")
    if found.at_once:
        console.print(_table(found.at_once, people=False))
        times = count(len(found.at_once), "time")
        videos = len({one.video_sha256 for one in found.at_once})
        say(console, f"Together {times} in {count(videos, 'video')}, {duration(found.length_s)} in all.")
        say(console, f"First: {_where(found.at_once[0])}. Last: {_where(found.at_once[-1])}.")
    elif found.nearest is not None:
        apart = duration(max(0.0, found.nearest.length_s))
        say(console, f"Never seen at once; nearest in {_where(found.nearest)}, {apart} apart.")
    else:
        say(console, "Never seen in one video.")
    if found.videos and not found.at_once:
        say(console, f"All are seen in: {', '.join(found.videos)}.")
    for one, other in found.elsewhere[:5]:
        say(console, f"At one time by the clocks of two recordings: {_whose(one)}; {_whose(other)}.")
    if len(found.elsewhere) > 5:
        more = count(len(found.elsewhere) - 5, "more time")
        say(console, f"… and {more}. Clocks of cameras go wrong: compare what is seen.")


def show_timeline(
    people: Mapping[str, str], presences: Sequence[Presence], videos: Sequence[Video], console: Console
) -> None:
    """A line per person over the videos in which any of them is seen, then every appearance."""
    if not presences:
        say(console, "Nobody is in this archive yet: crossid scan FOOTAGE brings them in.")
        return
    seen = {one.video_sha256 for one in presences}
    ordered = videos_in_order(video for video in videos if video.id in seen)
    for line in picture(people, presences, ordered, console.width):
        console.print(line, soft_wrap=True)
    console.print(_table(presences, people=True))


def picture(
    people: Mapping[str, str], presences: Sequence[Presence], videos: Sequence[Video], width: int
) -> list[Text]:
    """Lanes and what stands below them; videos that do not fit are counted.

    Args:
        people: Id -> name, "" for none.
        presences: Appearances of one person each.
        videos: In order of time.
        width: Cells of a line.
    """
    label = min(LABEL_CELLS, max(cell_len(_label(one, name)) for one, name in people.items()))
    room = max(width - label - 2, LEAST_CELLS)
    shown = videos[: max(1, room // (LEAST_CELLS + 1))]
    widths = _widths([video.duration_s for video in shown], room - len(shown))
    heads = [str(place)[:wide].ljust(wide) for place, wide in enumerate(widths, start=1)]
    lines = [Text(f"{set_cell_size('', label)} {CUT.join(heads)}")]
    for one, name in people.items():
        lanes = [
            _lane([row for row in presences if one in row.people and row.video_sha256 == video.id], video, wide)
            for video, wide in zip(shown, widths, strict=True)
        ]
        lines.append(Text(set_cell_size(_label(one, name), label) + " " + CUT.join(lanes)))
    for place, video in enumerate(shown, start=1):
        recorded = f", recorded {when(video.recorded_at.isoformat())}" if video.recorded_at else ""
        length = "photograph" if video.kind == "still" else clock(video.duration_s)
        lines.append(Text(f"{place}: {printable(video.name)} ({length}{recorded})", style="dim"))
    if len(videos) > len(shown):
        lines.append(Text(f"and {count(len(videos) - len(shown), 'more video')}, which are in the table", style="dim"))
    return lines


def _widths(lengths_s: Sequence[float], room: int) -> list[int]:
    """Cells of each video: as many as its share of the time, and a few at least."""
    whole = sum(lengths_s)
    spare = max(0, room - LEAST_CELLS * len(lengths_s))
    return [LEAST_CELLS + int(spare * (one / whole if whole > 0 else 1 / len(lengths_s))) for one in lengths_s]


def _lane(presences: Sequence[Presence], video: Video, width: int) -> str:
    if presences and not video.duration_s:
        return SEEN * width  # a photograph
    cells = [UNSEEN] * width
    for one in presences:
        length_s = video.duration_s
        first = min(width - 1, max(0, int(one.start_s / length_s * width)))
        last = min(width - 1, max(first, int(one.end_s / length_s * width - 1e-9)))
        cells[first : last + 1] = SEEN * (last + 1 - first)
    return "".join(cells)


def _label(person: str, name: str) -> str:
    return f"{person} {printable(name)}".strip()


def _table(presences: Sequence[Presence], *, people: bool) -> Table:
    dated = any(one.recorded_at for one in presences)
    headers = ["Recorded"] * dated + ["Person"] * people + ["Video", "From", "To", "Gap"]
    table = plain_table(*headers, numbers=("From", "To", "Gap"))
    for one in presences:
        cells = [when(one.recorded_at)] * dated + [" ".join(one.people)] * people
        gap = "" if one.gap_s is None else _gap(one.gap_s)
        table.add_row(*map(Text, [*cells, printable(one.video), clock(one.start_s), clock(one.end_s), gap]))
    return table


def _gap(seconds: float) -> str:
    days = seconds / 86_400
    return count(round(days), "day") if days >= 2 else duration(seconds)


def _where(one: Presence) -> str:
    recorded = f" ({when(one.recorded_at)})" if one.recorded_at else ""
    return f"{one.video} at {clock(one.start_s)}{recorded}"


def _whose(one: Presence) -> str:
    return f"{one.people[0]} in {_where(one)}"
