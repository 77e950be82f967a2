"""`crossid name`, `merge`, `split`, `move`, `confirm`, `reject`, …: what a reviewer says, for good and undoable."""

from typing import Annotated

import typer

from crossid.cli.ruling import Manner, examples, reviewers, rule, sorted_out

EXAMPLES = {
    "name": examples(
        'name P-000001 "Jane Doe" --source "press card in clip 3"',
        'name P-000001 "JD" --alias',
        "name P-000001 --none                 [dim]take the name back[/]",
    ),
    "merge": examples("merge P-000001 P-000007", "merge P-000001 P-000007 P-000012 --dry-run"),
    "split": examples(
        "split P-000001 1507932050e1c778      [dim]this appearance is somebody else[/]",
        "split P-000001 --proposed            [dim]as the last scan proposes[/]",
    ),
    "move": examples(
        "move 1507932050e1c778 P-000002",
        "move 1507932050e1c778 new            [dim]somebody who is not in the archive yet[/]",
    ),
    "confirm": examples("confirm P-000001", "confirm P-000001 1507932050e1c778"),
    "reject": examples(
        "reject P-000001 1507932050e1c778     [dim]this is not them[/]",
        "reject P-000001 P-000007             [dim]these two are not the same[/]",
    ),
    "not-a-face": examples('not-a-face 1507932050e1c778 --why "a poster"'),
    "ignore": examples('ignore P-000004 --why "passes by"', "ignore 1507932050e1c778"),
    "unignore": examples("unignore P-000004"),
    "note": examples('note P-000001 "seen on TV the day after"'),
}

_Person = Annotated[str, typer.Argument(metavar="PERSON", help="A person's id, such as P-000001.")]
_APPEARANCES = "Ids of appearances, as crossid show and logs have them."
_Some = Annotated[list[str] | None, typer.Argument(metavar="APPEARANCE", show_default=False, help=_APPEARANCES)]
_Either = Annotated[list[str], typer.Argument(metavar="ID", help="Ids of people, or of appearances.")]


@reviewers
def name(
    person: _Person,
    called: Annotated[str | None, typer.Argument(metavar="NAME", show_default=False, help="The name.")] = None,
    *,
    source: Annotated[str, typer.Option("--source", metavar="TEXT", help="Where the name comes from.")] = "",
    alias: Annotated[bool, typer.Option("--alias", help="They are called so, too; their name stays.")] = False,
    none: Annotated[bool, typer.Option("--none", help="Take the name back.")] = False,
    manner: Manner,
) -> None:
    """Say what somebody is called and how you know; earlier names stay on record."""
    from crossid.errors import RulingError

    if none == (called is not None):
        raise RulingError("There is no name, or one too many.", remedy="Say NAME, or --none to take it back.")
    rule(manner.act("name", people=(person,), name=called, source=source, alias=alias), manner)


@reviewers
def merge(
    people: Annotated[list[str], typer.Argument(metavar="PERSON", help="Who they all are, then who else they are.")],
    *,
    manner: Manner,
) -> None:
    """Say that several people are one: the first. The other ids go on to lead to them."""
    rule(manner.act("merge", people=tuple(people)), manner)


@reviewers
def split(
    person: _Person,
    appearances: _Some = None,
    *,
    proposed: Annotated[bool, typer.Option("--proposed", help="Split as the last scan proposes.")] = False,
    manner: Manner,
) -> None:
    """Say that some appearances of a person are somebody else: a new person."""
    leaving = tuple(appearances or ())
    if proposed and not leaving:
        from crossid.cli.chosen import reading
        from crossid.pipeline.reviewing import proposed_split

        with reading(manner.archive) as store:
            leaving = proposed_split(store, person).appearances
    rule(manner.act("split", people=(person,), appearances=leaving), manner, exact=proposed and not appearances)


@reviewers
def move(
    appearances: Annotated[list[str], typer.Argument(metavar="APPEARANCE", help=_APPEARANCES)],
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Whose they are; [b]new[/b] for somebody new.")],
    *,
    manner: Manner,
) -> None:
    """Say whose appearances these are, whoever they were thought to be."""
    people = () if person == "new" else (person,)
    rule(manner.act("move", people=people, appearances=tuple(appearances)), manner)


@reviewers
def confirm(person: _Person, appearances: _Some = None, *, manner: Manner) -> None:
    """Say that appearances of a person are rightly theirs: all that they have, or some."""
    rule(manner.act("confirm", people=(person,), appearances=tuple(appearances or ())), manner)


@reviewers
def reject(
    person: _Person,
    others: Annotated[list[str], typer.Argument(metavar="ID", help="Appearances, or people, that are not them.")],
    *,
    manner: Manner,
) -> None:
    """Say who is not this person, for good: no scan will say so again."""
    named = sorted_out(others)
    rule(manner.act("reject", people=(person, *named["people"]), appearances=named["appearances"]), manner)


@reviewers
def not_a_face(
    appearances: Annotated[list[str], typer.Argument(metavar="APPEARANCE", help=_APPEARANCES)], *, manner: Manner
) -> None:
    """Say that appearances show no face at all."""
    rule(manner.act("not-a-face", appearances=tuple(appearances)), manner)


@reviewers
def ignore(ids: _Either, *, manner: Manner) -> None:
    """Say that nobody need look for these people, or appearances, any more; they stay in the archive."""
    rule(manner.act("ignore", **sorted_out(ids)), manner)


@reviewers
def unignore(ids: _Either, *, manner: Manner) -> None:
    """Take back that people, or appearances, need not be looked for."""
    rule(manner.act("unignore", **sorted_out(ids)), manner)


@reviewers
def note(
    ids: _Either,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is worth knowing.")],
    *,
    manner: Manner,
) -> None:
    """Write down what is worth knowing of people, or appearances."""
    rule(manner.act("note", why=text, **sorted_out(ids)), manner)
