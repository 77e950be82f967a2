"""The wizard's course: footage, archive, what will be done, doing it, what was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.padding import Padding

from crossid import pipeline
from crossid.archive.integrity import OlderFormatError
from crossid.errors import ArchiveError, FootageError
from crossid.settings import Settings, with_speed
from crossid.wizard import places
from crossid.wizard.afterwards import Afterwards
from crossid.wizard.asking import ask_archive, ask_footage, ask_speed
from crossid.wizard.console import command, on_archive, results, say
from crossid.wizard.models import ask_pack
from crossid.wizard.outcome import show_outcome
from crossid.wizard.proposal import holdings, proposal
from crossid.wizard.questions import choose
from crossid.wizard.scanning import scan_shown

if TYPE_CHECKING:
    from rich.console import Console

Step = Literal["footage", "archive", "speed", "models", "start", "leave"]
GREETING = "crossid finds the same people across your videos, all on this machine."
KEYS = "Ctrl-C leaves at any point; nothing that is finished is lost."


@dataclass(slots=True)
class Conversation:
    """One conversation; holds what was answered so far. `configured`: the settings before anybody was asked."""

    settings: Settings
    config: Path | None = None
    console: Console = field(default_factory=results)
    footage: list[Path] = field(default_factory=list)
    archive: Path | None = None
    configured: Settings = field(init=False)

    def __post_init__(self) -> None:
        self.configured = self.settings

    def hold(self) -> bool:
        """Ask, agree, scan, show.

        Returns:
            Whether everything that was asked for could be done; False if some inputs failed.
        """
        say(self.console, GREETING, "bold")
        say(self.console, KEYS, "dim")
        self.console.print()
        try:
            agreed = self._agree()
        except KeyboardInterrupt:
            raise KeyboardInterrupt("Left. Nothing was begun.") from None
        if not agreed:
            self.console.print("Nothing was begun.")
            return True
        return self._scan()

    def _agree(self) -> bool:
        """Ask until the user says start or leave."""
        step: Step = "footage"
        while step not in ("start", "leave"):
            if step == "footage":
                self.footage = ask_footage(places.recall().footage)
            if self.archive is None or step == "archive":
                self.archive = ask_archive(places.recall().archives)
            if step == "speed":
                self.settings = with_speed(self.settings, ask_speed(self.settings.speed))
            if step == "models":
                self.settings = ask_pack(self.settings, self.console)
            step = self._propose(self.archive)
        return step == "start"

    def _propose(self, archive: Path) -> Step:
        """Show what will be done, and ask; what cannot be done is asked anew."""
        try:
            with self.console.status("Looking at what is there…"):
                preview = pipeline.preview(self.footage, archive, self.settings)
                held = holdings(archive, self.settings)
        except OlderFormatError as error:
            return self._bring_up_to_date(archive, error)
        except (FootageError, ArchiveError) as error:
            say(self.console, str(error), "bold red")
            say(self.console, on_archive(error.remedy, archive))
            self.console.print()
            return "footage" if isinstance(error, FootageError) else "archive"
        self.console.print(Padding(proposal(self.footage, archive, preview, held, self.settings), (1, 0)))
        return choose(
            "Start?",
            [
                ("Start", "start"),
                ("Look faster or more closely", "speed"),
                ("Use other models", "models"),
                ("Choose other footage", "footage"),
                ("Choose another archive", "archive"),
                ("Leave", "leave"),
            ],
        )

    def _bring_up_to_date(self, archive: Path, older: OlderFormatError) -> Step:
        """Offer to translate an archive of an earlier version."""
        say(self.console, str(older), "bold yellow")
        say(self.console, "It can be brought up to date now; a copy of its database as it is stays beside it.")
        step: Step | Literal["translate"] = choose(
            "Bring it up to date?",
            [("Yes", "translate"), ("Choose another archive", "archive"), ("Leave", "leave")],
        )
        if step != "translate":
            return step
        try:
            with self.console.status("Bringing it up to date…"):
                pipeline.bring_up_to_date(archive, self.settings)
        except ArchiveError as error:
            say(self.console, str(error), "bold red")
            say(self.console, on_archive(error.remedy, archive))
            return "archive"
        say(self.console, "Done.")
        return self._propose(archive)

    def _scan(self) -> bool:
        assert self.archive is not None
        again = command("scan", *map(str, self.footage), *self._flags(), archive=self.archive)
        places.remember(self.footage, self.archive)
        try:
            outcome = scan_shown(self.footage, self.archive, self.settings)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"Paused. What is finished is kept; go on with: {again}") from None
        show_outcome(outcome, self.archive, self.settings, self.console)
        self.console.print(f"The same again: {again}", soft_wrap=True)
        Afterwards(self.archive, self.settings, self.console).offer()
        return not outcome.mishaps

    def _flags(self) -> list[str]:
        """Flags that say what was answered, beside footage and archive."""
        said = {"pack": self.settings.pack, "speed": self.settings.speed}
        usual = {"pack": self.configured.pack, "speed": self.configured.speed}
        flags = [] if self.config is None else ["--config", str(self.config)]
        return flags + [word for key in said if said[key] != usual[key] for word in (f"--{key}", said[key])]
