"""What was taken away out of an archive, told on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from crossid.wizard.console import say
from crossid.wizard.outcome import show_mishaps
from crossid.wizard.tables import plain_table
from crossid.wording import clock, count, duration, printable

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from crossid.pipeline.clipping import Clips
    from crossid.pipeline.redacting import Redacted
    from crossid.pipeline.sharing import Shared

HOW = {
    "fast": "Copied without encoding: they begin at the last key picture before the stretch, so some begin early.",
    "still": "Photographs are not cut: they are whole.",
}


def show_clips(made: Clips, out: Path, console: Console) -> None:
    """The clips, what is special about them, and what could not be cut."""
    table = plain_table("Clip", "From", "At", "Length", numbers=("At", "Length"))
    for one in made.clips:
        length = "" if one["how"] == "still" else f"{one['length_s']:.1f} s"
        cells = [printable(one["file"]), printable(one["video"]), clock(one["start_s"]), length]
        table.add_row(*map(Text, cells))
    console.print(table)
    for how in sorted({one["how"] for one in made.clips} & HOW.keys()):
        say(console, HOW[how])
    reel = f", joined in reel.mp4 ({duration(made.reel_s)})" if made.reel_s else ""
    say(console, f"{count(len(made.clips), 'clip')} in {out}{reel}; metadata.json says where each comes from.")
    show_mishaps(made.mishaps, console)


def show_redacted(made: Redacted, console: Console) -> None:
    """What was covered, and what nobody promises."""
    looked = f"{count(made.faces, 'face')} found in {count(made.looked_at, 'picture')}"
    left = f", {made.left} of them left as they are" if made.left else ""
    say(
        console,
        f"{looked}, followed as {made.followed}{left}; {count(made.pictures, 'picture')} in {made.out}.",
        "bold",
    )
    if made.out.lower().endswith(".png"):
        say(console, "No detector finds every face: look at the copy before you publish it.")
        return
    kept = "Sound is kept: voices may be known." if made.sound else "Without sound."
    say(console, f"{kept} No detector finds every face: watch the copy before you publish it.")


def show_shared(made: Shared, console: Console) -> None:
    """What the twin holds, and what it does not."""
    seen = f"{count(made.people, 'person', 'people')}, {count(made.appearances, 'appearance')}"
    say(console, f"{seen} in {count(made.videos, 'video')}: {made.out}", "bold")
    faces = f"The faces of {', '.join(made.with_faces)} are in it." if made.with_faces else "Nobody's face is in it."
    say(console, f"Without names, paths and embeddings. {faces} Times, and hashes of the videos, are.")
