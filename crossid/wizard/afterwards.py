"""What can be done once a scan is over: answer, name, find, cut, report."""

from __future__ import annotations

import os
import sys
import webbrowser
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from crossid import pipeline
from crossid.archive import open_archive
from crossid.errors import CrossidError
from crossid.wizard.console import command, on_archive, say
from crossid.wizard.questions import ask_path, choose
from crossid.wizard.reviewing import Review, ask_person, name_somebody
from crossid.wording import count, printable

if TYPE_CHECKING:
    from rich.console import Console

    from crossid.settings import Settings

Step = Literal["leave", "questions", "name", "find", "clips", "report"]


@dataclass(slots=True)
class Afterwards:
    """What somebody does with an archive, one thing after the other; every step is also a command, and named."""

    archive: Path
    settings: Settings
    console: Console
    _review: Review = field(init=False)

    def __post_init__(self) -> None:
        self._review = Review(self.archive, self.settings, self.console)

    def offer(self) -> None:
        """Ask what to do next, and do it, until nothing is wanted any more. Ctrl-C leaves, too: all is kept."""
        try:
            while (step := self._ask()) != "leave":
                try:
                    self._do(step)
                except CrossidError as error:
                    say(self.console, str(error), "bold red")
                    say(self.console, on_archive(error.remedy, self.archive))
        except KeyboardInterrupt:
            self.console.print("Left. Everything is kept.")

    def _ask(self) -> Step:
        left = len(self._review.open())
        asking: list[tuple[str, Step]] = [(f"Answer {count(left, 'question')}", "questions")] if left else []
        self.console.print()
        return choose(
            "What next?",
            [
                ("Leave", "leave"),
                *asking,
                ("Name somebody", "name"),
                ("Find somebody by a photograph", "find"),
                ("Cut somebody's clips out of the videos", "clips"),
                ("Make the report and open it", "report"),
            ],
        )

    def _do(self, step: Step) -> None:
        if step == "questions":
            self._review.hold()
            self._tell("audit")
        elif step == "name":
            name_somebody(self.archive, self.settings, self.console)
        elif step == "find":
            self._find()
        elif step == "clips":
            self._clips()
        elif step == "report":
            self._report()

    def _find(self) -> None:
        photo = ask_path("Photograph (Tab completes):", lambda path: "" if path.exists() else "There is no such file")
        if photo is None:
            return
        from crossid.pipeline.asking import asked_of, of_one_person
        from crossid.pipeline.finding import Finder
        from crossid.pipeline.picturing import Pictures
        from crossid.wizard.found import ask_which, show_answer

        asked = asked_of(str(photo))
        with (
            Pictures(asked, self.settings) as pictures,
            closing(open_archive(self.archive, self.settings.archive)) as store,
        ):
            finder = Finder.of_archive(store, self.settings)
            seen = finder.look_at(pictures)
            sitters = of_one_person(seen, face=0, likest=finder.likest, ask=ask_which)
            found = finder.find(store, sitters, limit=10, above=0.5)
        show_answer(found, self.archive, self.console)
        self._tell("find", str(photo))

    def _clips(self) -> None:
        person = ask_person(self.archive, self.settings, self.console)
        if not person:
            return
        from crossid.pipeline.clipping import ClipSettings, clip
        from crossid.wizard.taken import show_clips

        out = Path(f"clips-{person}")
        with closing(open_archive(self.archive, self.settings.archive)) as store, self.console.status("Cutting…"):
            made = clip(store, [person], out, self.settings, ClipSettings())
        show_clips(made, out, self.console)
        self._tell("clips", person, str(out))

    def _report(self) -> None:
        with self.console.status("Putting the page together…"):
            page = pipeline.report(self.archive, self.settings).page.resolve()
        self.console.print(printable(str(page)), soft_wrap=True)
        if has_window():
            webbrowser.open(page.as_uri())
        self._tell("report")

    def _tell(self, *words: str) -> None:
        """The command that does the same."""
        self.console.print(f"The same as: {command(*words, archive=self.archive)}", style="dim", soft_wrap=True)


def has_window() -> bool:
    """Whether a browser would open in a window of its own, and not in this terminal."""
    return sys.platform in ("win32", "darwin") or any(os.environ.get(key) for key in ("DISPLAY", "WAYLAND_DISPLAY"))
