"""Tables and lists for people to read, none wider than 80 columns need be."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from rich import box
from rich.table import Table
from rich.text import Text

from crossid.wording import by_chance, clock, count, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crossid.archive.verification import Difference
    from crossid.types import Diff, LogRow, OperatingPoint
    from crossid.wizard.roster import RosterLine, Sighting

MAX_MATRIX_VIDEOS = 12
"""More columns than these do not fit a terminal."""
WIDE = 120
"""Columns from which on paths and addresses fit beside the rest."""


def plain_table(*headers: str, numbers: Sequence[str] = (), whole: Sequence[str] = ()) -> Table:
    """An empty table in the house's style.

    Args:
        headers: Its columns.
        numbers: Columns that are set right.
        whole: Columns whose cells are not broken to make room for others.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True, header_style="bold")
    for header in headers:
        justify: Literal["left", "right"] = "right" if header in numbers else "left"
        table.add_column(header, justify=justify, overflow="fold", no_wrap=header in whole)
    return table


def people_table(lines: Sequence[RosterLine]) -> Table:
    """One row per person, in the order given; columns in which nothing would stand are left out."""
    named, ruled = any(line.name or line.also for line in lines), any(line.confirmed or line.ignored for line in lines)
    sure = any(line.certainty is not None for line in lines)
    headers = ["Person", *(["Name"] if named else []), "Videos", "Appearances", *(["Certain"] if sure else [])]
    headers += ["First seen", "Last seen", *(["Reviewed"] if ruled else [])]
    table = plain_table(*headers, numbers=("Videos", "Appearances", "Certain"))
    for line in lines:
        names = [Text(printable(" / ".join(one for one in (line.name, *line.also) if one)))] if named else []
        numbers = [f"{len(line.videos):,}", f"{line.appearances:,}"]
        if sure:
            numbers.append("" if line.certainty is None else f"{line.certainty:.2f}")
        said = [Text(_reviewed(line))] if ruled else []
        table.add_row(line.id, *names, *numbers, sighted(line.first), sighted(line.last), *said)
    return table


def _reviewed(line: RosterLine) -> str:
    """What reviewers said of somebody, in a word or two."""
    some = f"{line.confirmed:,} confirmed" if line.confirmed else ""
    words = ["ignored" if line.ignored else "", "confirmed" if line.confirmed == line.appearances else some]
    return ", ".join(word for word in words if word)


def matrix(lines: Sequence[RosterLine], rows: Iterable[LogRow]) -> Table:
    """People down, videos across, in how many appearances each is seen there."""
    counted: dict[tuple[str, str], int] = {}
    for row in rows:
        counted[row.person_id, row.video] = counted.get((row.person_id, row.video), 0) + 1
    videos = sorted({video for line in lines for video in line.videos})
    stems = [Text(printable(PurePosixPath(video).stem)) for video in videos[:MAX_MATRIX_VIDEOS]]
    table = plain_table("Person")
    for stem in stems:
        table.add_column(stem, justify="center", overflow="fold")
    for line in lines:
        cells = [counted.get((line.id, video), 0) for video in videos[:MAX_MATRIX_VIDEOS]]
        table.add_row(line.id, *(Text(str(cell)) if cell else Text("·", style="dim") for cell in cells))
    return table


def log_table(rows: Sequence[LogRow], pictures: Sequence[str]) -> Table:
    """One person's appearances; columns in which nothing would stand are left out.

    Args:
        rows: Appearances.
        pictures: The best face's file of each row, or nothing at all.
    """
    columns: dict[str, list[str]] = {
        "Video": [printable(row.video) for row in rows],
        "From": [clock(row.start_s) for row in rows],
        "To": [clock(row.end_s) for row in rows],
        "Recorded (UTC)": [when(row.recorded_at) for row in rows],
        "Faces": [f"{row.faces:,}" for row in rows],
        "Probability": ["" if row.probability is None else f"{row.probability:.3f}" for row in rows],
        "Evidence": [printable(row.evidence) for row in rows],
        "Id": [row.appearance_id for row in rows],
        "Status": [row.status for row in rows] if any(row.status != "proposed" for row in rows) else [],
        "Picture": [printable(picture) for picture in pictures],
    }
    filled = {header: cells for header, cells in columns.items() if any(cells)}
    table = plain_table(*filled, numbers=("From", "To", "Faces", "Probability"))
    for cells in zip(*filled.values(), strict=True):
        table.add_row(*map(Text, cells))
    return table


def sighted(sighting: Sighting) -> Text:
    """In which video somebody was seen, at which place of it, and when, if its clock is known."""
    at = f" ({when(sighting.recorded_at)})" if sighting.recorded_at else ""
    return Text(f"{printable(PurePosixPath(sighting.video).name)} {clock(sighting.start_s)}{at}")


def when(recorded_at: str) -> str:
    """A time of ISO 8601 to the minute: "2021-01-06 14:02"; "" stays ""."""
    return recorded_at[:16].replace("T", " ")


def diff_lines(diff: Diff) -> list[str]:
    """What a run changed, in words, one sentence a line; empty if nothing."""
    lines = []
    if diff.new:
        lines.append(f"New: {_listed(diff.new)}")
    if diff.seen_again:
        lines.append(f"Seen again: {_listed(diff.seen_again)}")
    lines += [f"Merged: {gone} is {stays} from now on" for gone, stays in diff.merged]
    lines += [f"Split: {new} was a part of {stays}" for stays, new in diff.split]
    if diff.bar:
        was, now = diff.bar
        lines.append(
            f"The bar {'rose' if now > was else 'fell'} from {was:.1f} to {now:.1f}, as the archive is of another size "
            "now: everybody was looked at again."
        )
    return lines


def bar_lines(point: OperatingPoint) -> list[str]:
    """From when on two are taken for one, and how many strangers that may let through, one sentence a line."""
    sizes = f"{point.least:,} to {point.most:,}" if point.least else f"up to {point.most:,}"
    lines = [f"The bar: evidence of {point.evidence:.1f}, as for all archives of {sizes} tracks."]
    strangers = by_chance(point.appearances, point.false_matches)
    return [*lines, strangers] if strangers else lines


def _listed(people: Sequence[str], shown: int = 6) -> str:
    """Ids of people, the first few by name: "P-000001, P-000002 and 38 more"."""
    if len(people) <= shown:
        return ", ".join(people)
    return f"{', '.join(people[:shown])} and {count(len(people) - shown, 'more', 'more')}"


def differences_table(differences: Iterable[Difference]) -> Table:
    """What `verify` found, one row each."""
    table = plain_table("What", "Where", "How", whole=("What",))
    for one in differences:
        table.add_row(one.kind, Text(_place(one.path)), Text(printable(one.what)))
    return table


def _place(path: str) -> str:
    """A path; in quotes where a part of it begins or ends with a blank, which nobody would see."""
    blank = any(part != part.strip() for part in path.split("/"))
    return f"'{printable(path)}'" if blank else printable(path)
