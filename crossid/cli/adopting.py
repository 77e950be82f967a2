"""`crossid adopt`: what was done to the folders with a file manager becomes rulings."""

from crossid.cli.ruling import Manner, examples, reviewers

EXAMPLES = examples(
    "adopt --dry-run     [dim]what it would make of the folders as they are[/]",
    'adopt --why "sorted by hand"',
)


@reviewers
def adopt(*, manner: Manner) -> None:
    """Read off the folders what you did with a file manager, and make it count.

    A folder that was renamed is a name, a picture in another folder a move, a folder put into another one a merge.
    """
    from crossid.cli.answers import print_json
    from crossid.cli.chosen import settings_from
    from crossid.pipeline.adopting import adopt as take_over
    from crossid.wizard.console import results
    from crossid.wizard.ruling import show_adopted

    said = manner.act("note")
    adopted = take_over(
        manner.archive,
        by=said.by,
        at=said.at,
        why=manner.why,
        dry_run=manner.dry_run,
        settings=settings_from().archive,
    )
    if manner.as_json:
        print_json(adopted)
    else:
        show_adopted(adopted, results(), manner.archive)
