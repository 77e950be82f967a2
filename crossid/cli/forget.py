"""`crossid forget`: erases a person from an archive, for good."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crossid.cli import options
from crossid.cli.exits import answering
from crossid.errors import CrossidError, SettingsError

if TYPE_CHECKING:
    from crossid.archive.forgetting import Erasure, Forgotten

EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid forget P-000004 --dry-run
[dim]$[/] crossid forget P-000004 --archive protest
[dim]$[/] crossid forget P-000004 --yes --receipt receipt.json

It cannot be undone."""

BEFOREHAND = (
    "What lies outside of the archive is not reached: exports, packages, sealed and other copies, the footage itself.",
    "A later scan of the same footage with --rescan, or with other models, may find the face again, as a new person.",
    "Faces that crossid did not recognise as theirs stay: look through unidentified/ and crossid audit.",
)


@answering
def forget(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="A person's id, such as P-000004.")],
    *,
    archive: options.Archive = options.DEFAULT_ARCHIVE,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be erased, and change nothing.")] = False,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so; without it your login.")] = "",
    receipt: Annotated[
        Path | None,
        typer.Option(
            "--receipt", metavar="FILE", parser=options.path, help="Write what was erased, without saying who."
        ),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Erase a person: faces, vectors, name, rulings, logs, reports and backups; the id stays and says so."""
    from datetime import UTC, datetime

    from crossid.archive import trust
    from crossid.cli.answers import print_json
    from crossid.cli.chosen import settings_from

    settings, who = settings_from().archive, by or _login()
    if receipt is not None:
        _check(receipt)
    plan = trust.forget(archive, person, who, datetime.now(UTC), settings, dry_run=True)
    if not as_json:
        _tell_plan(person, plan.forgotten)
    if dry_run:
        if as_json:
            print_json(_plain(plan.forgotten))
        return
    _make_sure(yes=yes)
    done = trust.forget(archive, person, who, datetime.now(UTC), settings)
    if receipt is not None:
        _write(receipt, done.forgotten)
    if as_json:
        print_json({**(_plain(done.forgotten) or {}), "strangers": done.strangers, "still_named": done.still_named})
    else:
        _tell(person, done)


def _tell_plan(person: str, planned: Forgotten | None) -> None:
    """What will be erased, and what will not."""
    from crossid.wizard.console import results, say

    console = results()
    if planned is None:
        say(console, f"{person} is forgotten already; what a first try left in folders is erased now.")
        return
    say(console, f"What is erased of {_ids(planned)}:", "bold")
    for what, number in planned.erased.items():
        say(console, f"  {counted(what, number)}")
    for sentence in BEFOREHAND:
        say(console, sentence)


def counted(what: str, number: int) -> str:
    """How much of one thing is erased: "1 video", "2 rulings of reviewers"."""
    from crossid.wording import count

    noun, _, of = what.partition("_")
    return f"{count(number, noun.removesuffix('s'))} {of.replace('_', ' ')}".rstrip()


def _make_sure(*, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise SettingsError("There is nobody to ask, and it cannot be undone.", remedy="Add --yes.")
    if not typer.confirm("Erase it, for good?", err=True):
        raise CrossidError("Nothing was erased.")


def _tell(person: str, done: Erasure) -> None:
    from crossid.wizard.console import notices, say

    console = notices()
    say(console, f"{_ids(done.forgotten) if done.forgotten else person} is forgotten.", "bold")
    for path in done.strangers:
        say(console, f"not crossid's, and left where it is: {path}")
    for path in done.still_named:
        say(console, f"a name of theirs still stands in {path}: a video or somebody else is called so, or it was noted")


def _ids(forgotten: Forgotten) -> str:
    """Every id that led to them."""
    return forgotten.person_id + (f" (and {', '.join(forgotten.aliases)})" if forgotten.aliases else "")


def _plain(forgotten: Forgotten | None) -> dict[str, object] | None:
    return asdict(forgotten) if forgotten else None


def _check(receipt: Path) -> None:
    from crossid.pipeline.outside import check_outside

    if os.path.lexists(receipt):
        raise SettingsError(f"{receipt} is there already.", remedy="Name a new file for the receipt.")
    if not receipt.parent.is_dir():
        raise SettingsError(f"There is no folder {receipt.parent}.", remedy="Make it first: nothing was erased.")
    check_outside(receipt, "Name a file elsewhere.")


def _write(receipt: Path, forgotten: Forgotten | None) -> None:
    """Ids, counts, and the line of the ledger: nothing that says who it was."""
    import json

    from crossid import __version__

    content = {"what": "receipt of an erasure", "crossid_version": __version__, **(_plain(forgotten) or {})}
    try:
        receipt.write_text(json.dumps(content, indent=2, default=str) + "\n", encoding="utf-8")
    except OSError as error:
        raise CrossidError(
            f"They are forgotten, but {receipt} cannot be written: {error.strerror}.",
            remedy="crossid log shows the line of the ledger that says so.",
        ) from error


def _login() -> str:
    """Whoever is logged in."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "somebody"
