"""Command line: words come in, settings go to the pipeline, answers and an exit code come back.

Each command is a small file that imports what it needs only when it is called, so that `--help`
answers at once.
"""

from typing import Annotated

import typer

from crossid import __version__
from crossid.cli import (
    adopting,
    audit,
    calibrate,
    clips,
    demo,
    doctor,
    evaluate,
    export,
    find,
    forget,
    models,
    options,
    people,
    redact,
    report,
    rulings,
    scan,
    sealing,
    share,
    together,
    undoing,
    verify,
)
from crossid.cli.exits import answering
from crossid.cli.front import Front
from crossid.cli.helping import App
from crossid.errors import PartialError

EXAMPLES = """[b]Examples[/b]

[dim]$[/] crossid demo            [dim]try it on footage that it makes itself[/]
[dim]$[/] crossid scan FOOTAGE    [dim]find people in your own, keep them in ./archive[/]
[dim]$[/] crossid people          [dim]who is in the archive[/]
[dim]$[/] crossid                 [dim]be asked, step by step[/]

Exit codes: 0 done; 1 to 5 could not be done; 6 done, but some inputs failed;
7 verify found differences; 130 interrupted."""

app = App(
    cls=Front,
    help="Find the same people across collections of video. Everything stays on this machine.",
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["--help", "-h"]},
    pretty_exceptions_enable=False,
)
_MAIN, _LOOK, _RULE = "Find people", "Look at an archive", "Say who is who"
_TAKE, _GUARD, _MACHINE = "Take away from an archive", "Check and guard an archive", "This machine"
app.command("scan", epilog=scan.EXAMPLES, rich_help_panel=_MAIN)(scan.scan)
app.command("demo", epilog=demo.EXAMPLES, rich_help_panel=_MAIN)(demo.demo)
app.command("find", epilog=find.EXAMPLES, rich_help_panel=_MAIN)(find.find)
app.command("people", epilog=people.PEOPLE_EXAMPLES, rich_help_panel=_LOOK)(people.people)
app.command("show", epilog=people.SHOW_EXAMPLES, rich_help_panel=_LOOK)(people.show)
app.command("report", epilog=report.EXAMPLES, rich_help_panel=_LOOK)(report.report)
app.command("together", epilog=together.TOGETHER_EXAMPLES, rich_help_panel=_LOOK)(together.together)
app.command("timeline", epilog=together.TIMELINE_EXAMPLES, rich_help_panel=_LOOK)(together.timeline)
app.command("audit", epilog=audit.EXAMPLES, rich_help_panel=_RULE)(audit.audit)
for _ruling, _examples in rulings.EXAMPLES.items():
    _command = getattr(rulings, _ruling.replace("-", "_"))
    app.command(_ruling, epilog=_examples, rich_help_panel=_RULE)(_command)
app.command("adopt", epilog=adopting.EXAMPLES, rich_help_panel=_RULE)(adopting.adopt)
app.command("undo", epilog=undoing.UNDO_EXAMPLES, rich_help_panel=_RULE)(undoing.undo)
app.command("redo", epilog=undoing.REDO_EXAMPLES, rich_help_panel=_RULE)(undoing.redo)
app.command("log", epilog=undoing.LOG_EXAMPLES, rich_help_panel=_RULE)(undoing.log)
app.command("clips", epilog=clips.EXAMPLES, rich_help_panel=_TAKE)(clips.clips)
app.add_typer(export.app, name="export", rich_help_panel=_TAKE)
app.command("redact", epilog=redact.EXAMPLES, rich_help_panel=_TAKE)(redact.redact)
app.command("share", epilog=share.EXAMPLES, rich_help_panel=_TAKE)(share.share)
app.command("verify", epilog=verify.EXAMPLES, rich_help_panel=_GUARD)(verify.verify)
app.command("evaluate", epilog=evaluate.EXAMPLES, rich_help_panel=_GUARD)(evaluate.evaluate)
app.command("seal", epilog=sealing.SEAL_EXAMPLES, rich_help_panel=_GUARD)(sealing.seal)
app.command("open", epilog=sealing.OPEN_EXAMPLES, rich_help_panel=_GUARD)(sealing.unseal)
app.command("forget", epilog=forget.EXAMPLES, rich_help_panel=_GUARD)(forget.forget)
app.add_typer(models.app, name="models", rich_help_panel=_MACHINE)
app.command("calibrate", epilog=calibrate.EXAMPLES, rich_help_panel=_MACHINE)(calibrate.calibrate)
app.command("doctor", epilog=doctor.EXAMPLES, rich_help_panel=_MACHINE)(doctor.doctor)


@app.callback(invoke_without_command=True)
@answering
def front(
    context: typer.Context,
    *,
    config: options.Config = None,
    version: Annotated[bool, typer.Option("--version", help="Show the version and leave.")] = False,
) -> None:
    """Ask the user, if nothing was asked of us and somebody is there."""
    if version:
        typer.echo(f"crossid {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is not None:
        return
    from crossid.wizard import converse, is_possible

    if not is_possible():
        typer.echo(context.get_help())
        return
    from crossid.cli.chosen import settings_from

    if not converse(settings_from(config), config):
        raise typer.Exit(PartialError.exit_code)
