"""One person's appearances, told on a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossid.wizard.console import say
from crossid.wizard.roster import other_names
from crossid.wizard.tables import WIDE, log_table
from crossid.wording import count

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from crossid.archive import Store
    from crossid.archive.acts import Entry
    from crossid.types import LogRow, NameClaim


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """All that is told of somebody.

    `asked` is the id that was asked for, `person_id` the one that it resolves to, `aliases` all that
    do. `forgotten_at`: when all that was known of them was erased. `names` are claims, the one that
    holds last. `notes` are reviewers' that stand. `pictures`: the best face's file of each
    appearance, relative to the archive.
    """

    asked: str
    person_id: str
    forgotten_at: datetime | None
    names: tuple[NameClaim, ...]
    aliases: tuple[str, ...]
    ignored: bool
    notes: tuple[Entry, ...]
    rows: tuple[LogRow, ...]
    pictures: tuple[str, ...]


def look_up(store: Store, asked: str) -> Shown:
    """All that an archive knows of somebody; raises ArchiveError for an id that was never given."""
    from crossid.archive.folders import picture_paths

    found = store.resolve(asked)
    rows = store.log(found)
    paths = picture_paths(rows)
    return Shown(
        asked=asked,
        person_id=found,
        forgotten_at=store.forgotten().get(found),
        names=tuple(store.names().get(found, ())),
        aliases=tuple(gone for gone, stays in store.aliases().items() if stays == found),
        ignored=found in store.ignored(),
        notes=tuple(one for one in store.ledger(found) if one.kind == "note" and one.stands),
        rows=tuple(rows),
        pictures=tuple(paths[row.appearance_id] for row in rows),
    )


def show_person(shown: Shown, console: Console) -> None:
    """Say who somebody is, as far as reviewers said, and where they are seen."""
    found, rows = shown.person_id, [row for row in shown.rows if row.status != "rejected"]
    if shown.asked != found:
        say(console, f"{shown.asked} was merged into {found}.")
    if shown.forgotten_at is not None:
        say(console, f"{found} was forgotten on {shown.forgotten_at:%Y-%m-%d}: all known of them was erased.", "bold")
        return
    name = next((row.name for row in shown.rows if row.name), "")
    say(console, f"{found} {name}".strip() + (" (ignored)" if shown.ignored else ""), "bold")
    for line in _said(shown, name):
        say(console, line)
    videos = len({row.video_sha256 for row in rows})
    confirmed = sum(row.status == "confirmed" for row in rows)
    seen = f"{count(len({row.source_id for row in rows}), 'appearance')} in {count(videos, 'video')}"
    say(console, f"{seen}, proposed by crossid; {confirmed or 'none'} confirmed by a reviewer")
    if shown.rows:
        console.print(log_table(shown.rows, shown.pictures if console.width >= WIDE else ()))


def _said(shown: Shown, name: str) -> list[str]:
    """Other names and ids, where the name comes from, and notes."""
    also = other_names(shown.names)
    earlier = [one.name for one in shown.names if not one.alias and one.name and one.name != name]
    sources = [one for one in shown.names if one.name == name and name]
    lines = [f"Named by {one.by}" + (f", source: {one.source}" if one.source else "") for one in sources[-1:]]
    lines += [f"Also called {', '.join(also)}"] if also else []
    lines += [f"Earlier called {', '.join(dict.fromkeys(earlier))}"] if earlier else []
    lines += [f"Also {', '.join(shown.aliases)}"] if shown.aliases else []
    return lines + [f"Note by {one.by}: {one.act.why}" for one in shown.notes if one.act is not None]
