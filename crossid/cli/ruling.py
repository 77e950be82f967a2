"""What all rulings on the command line share: who says so, what is done with it, and how it is told."""

from __future__ import annotations

import functools
import inspect
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crossid.cli import options
from crossid.cli.exits import answering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from crossid.archive.acts import Act, ActKind
    from crossid.pipeline.reviewing import Ruled


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """Who rules, why, where, and how the answer is wanted."""

    archive: Path
    by: str
    why: str
    dry_run: bool
    as_json: bool

    def act(self, kind: ActKind, **content: Any) -> Act:
        """What they do, now."""
        from crossid.archive.acts import Act

        return Act(**{"kind": kind, "by": self.by or _login(), "at": datetime.now(UTC), "why": self.why, **content})


OPTIONS: dict[str, tuple[Any, object]] = {
    "archive": (options.Archive, options.DEFAULT_ARCHIVE),
    "by": (options.By, ""),
    "why": (options.Why, ""),
    "dry_run": (options.DryRun, False),
    "as_json": (options.AsJson, False),
}
"""Option of every ruling -> type and default."""


def reviewers(command: Callable[..., None]) -> Callable[..., None]:
    """Decorates a command so that it takes the options of every ruling, and gets them as `manner`."""

    @functools.wraps(command)
    def run(**given: Any) -> None:
        command(**{name: given.pop(name) for name in [*given] if name not in OPTIONS}, manner=Manner(**given))

    own = inspect.signature(command, eval_str=True)
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in OPTIONS.items()
    ]
    parameters = [*(one for one in own.parameters.values() if one.name != "manner"), *shared]
    signature = own.replace(parameters=parameters)
    answered = answering(run)
    answered.__annotations__ = {one.name: one.annotation for one in parameters}
    answered.__signature__ = signature  # type: ignore[attr-defined]
    return answered


def rule(act: Act, manner: Manner, *, exact: bool = False) -> None:
    """Do what a reviewer says, and tell what came of it; see `crossid.pipeline.reviewing.review`.

    Raises:
        RulingError: it makes no sense as things stand.
        ArchiveError: there is no such archive, person or appearance, or somebody else is writing.
    """
    tell(carried_out(act, manner, exact=exact), manner)


def carried_out(act: Act, manner: Manner, *, dry_run: bool = False, exact: bool = False) -> Ruled:
    """The same without a word."""
    from crossid.cli.chosen import settings_from
    from crossid.pipeline.reviewing import review

    dry_run = dry_run or manner.dry_run
    return review(manner.archive, act, dry_run=dry_run, exact=exact, settings=settings_from().archive)


def tell(ruled: Ruled, manner: Manner, *, depending: bool = True) -> None:
    """Say what a ruling did; people are told of rulings that depend on it unless they were before."""
    from crossid.cli.answers import print_json
    from crossid.wizard.console import results
    from crossid.wizard.ruling import show_ruled

    if manner.as_json:
        print_json(ruled)
    else:
        show_ruled(ruled, results(), manner.archive, depending=depending)


def sorted_out(named: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Ids of people and of appearances, each on its own."""
    given = list(named)
    return {
        "people": tuple(one for one in given if one.startswith("P-")),
        "appearances": tuple(one for one in given if not one.startswith("P-")),
    }


def examples(*lines: str) -> str:
    """Examples as help shows them."""
    return "\n\n".join(["[b]Examples[/b]", "\n".join(f"[dim]$[/] crossid {line}" for line in lines)])


def _login() -> str:
    """Whoever is logged in; "" where the system does not know."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
