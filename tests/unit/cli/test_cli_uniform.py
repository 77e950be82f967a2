"""All commands alike: the same fault has the same code everywhere, and one JSON document says so to programs."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import sys
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
import typer

from builders import a_kept_archive
from crossid.cli import app
from crossid.wizard.console import ON_ARCHIVES as ON_ARCHIVES_TOLD
from places import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEEDED = {
    "PERSON": "P-000001",
    "ID": "P-000001",
    "APPEARANCE": "1507932050e1c778",
    "NAME": "Jane",
    "NAME…": "mtcnn",
    "TEXT": "a note",
    "NUMBER": "1",
    "PHOTO": "nowhere.jpg",
    "FOOTAGE": "nowhere",
    "PHOTOS": "nowhere",
    "TRUTH.json": "nowhere.json",
    "PLACE…": "nowhere",
    "VIDEO": "nowhere.mp4",
    "OUT": "out",
    "OUT.csv": "out",
    "FOLDER": "out",
}
"""Argument -> something that may stand there."""
MADE = typer.main.get_command(app)


def commands(name: str = "", command: Any = None) -> Iterator[tuple[str, Any]]:
    """Every command that does something, by the words that call it."""
    command = command or MADE
    for inner, member in command.commands.items():
        whole = f"{name} {inner}".strip()
        if hasattr(member, "commands"):
            yield from commands(whole, member)
        else:
            yield whole, member


ALL = dict(commands())
ON_ARCHIVES = [name for name, one in ALL.items() if any(p.name == "archive" for p in one.params)]
READING = [name for name in ON_ARCHIVES if name not in {"scan", "find", "evaluate", "redact"}]
"""Those that need an archive, and look at it before all else."""
OF_SOMEBODY = {
    "show": 0, "log": 0, "clips": 0, "share": 1, "together": 1, "timeline": 0, "forget": 0, "name": 0, "merge": 1,
    "split": 0, "confirm": 0, "reject": 0, "ignore": 0, "unignore": 0, "note": 0,
}  # fmt: skip
"""Command -> which of its arguments is somebody's id, and is asked for here."""
OF_SOME = ("csv", "json", "otio", "edl", "vtt", "xmp", "geojson")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_kept_archive(tmp_path_factory.mktemp("uniform") / "kept")


@pytest.fixture
def archive(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The archive of `builders.fill`, in an otherwise empty folder in which commands run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSID_PASSPHRASE", "correct horse battery")
    return shutil.copytree(kept, tmp_path / "kept")


def called(name: str) -> list[str]:
    """A command with all that it cannot do without."""
    words = [*name.split()]
    arguments = [one for one in ALL[name].params if one.param_type_name == "argument"]
    words += [NEEDED[one.metavar] for one in arguments if one.required or name in {"scan", "find", "export vtt"}]
    words += ["P-000002"] if name in {"merge", "reject"} else []
    words += ["P-000001", "P-000002"] if name == "together" else []
    words += ["Jane"] if name == "name" else []
    words += ["--proposed"] if name == "split" else []
    return words + (["--yes"] if name == "forget" else [])


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str


def said(*words: object) -> Done:
    """A command, called in this process; made once, for there are hundreds of calls."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        MADE.main([*map(str, words)], prog_name="crossid")
    return Done(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def refused(done: Done, code: int) -> str:
    """What a program is told: one object on stdout, with a sentence, a remedy and the code; the sentence."""
    assert done.exit_code == code, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert set(told) == {"error", "remedy", "exit_code"}
    assert told["exit_code"] == code
    assert told["error"]
    assert told["remedy"]
    assert told["error"] in done.stderr
    sentence: str = told["error"]
    return sentence


def code_of(fault: str) -> int:
    """What the table of the documentation says."""
    rows = re.findall(
        r"^\| (.+?) \| (\d+) \|$", (ROOT / "docs/exit-codes.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    (found,) = [int(code) for what, code in rows if what.startswith(fault)]
    return found


@pytest.mark.parametrize("name", ALL)
def test_every_command_answers_json_and_refuses_what_is_misspelt_in_it(name: str) -> None:
    assert "as_json" in {parameter.name for parameter in ALL[name].params}
    assert "--nope" in refused(said(*name.split(), "--nope", "--json"), code_of("a command, an option"))


@pytest.mark.parametrize("name", [n for n, one in ALL.items() if any(p.required for p in one.params)])
def test_an_argument_that_is_missing_is_named(name: str) -> None:
    assert "Missing argument" in refused(said(*name.split(), "--json"), code_of("an argument that is missing"))


@pytest.mark.parametrize(
    ("words", "wanted"), [(("note", "P-000001"), "ID... TEXT"), (("move", "1507932050e1c778"), "APPEARANCE... PERSON")]
)
def test_where_one_of_two_is_missing_both_are_named(words: tuple[str, ...], wanted: str) -> None:
    assert refused(said(*words, "--json"), 2) == f"Missing argument: this takes {wanted}."


def test_a_remedy_names_the_archive_that_it_is_about(archive: Path) -> None:
    place = archive.rename(archive.parent / "the kept")
    for words, remedy in (
        (("show", "P-9"), "crossid people --archive 'the kept' lists everybody"),
        (("undo", "12"), "crossid log --archive 'the kept' lists them"),
        (("name", "P-000001", "P-000002"), "crossid merge --archive 'the kept'."),
    ):
        assert remedy in json.loads(said(*words, "--archive", place.name, "--json").stdout)["remedy"]
    place.rename(archive.parent / "archive")
    assert "crossid people lists everybody" in said("show", "P-9").stderr
    assert {*ON_ARCHIVES_TOLD.split()} == {name.split()[0] for name in ON_ARCHIVES}


@pytest.mark.parametrize("words", [("nope",), ("export", "nope"), ("models", "nope")], ids=" ".join)
def test_a_command_that_there_is_not_is_said_to_programs_too(words: tuple[str, ...]) -> None:
    assert "No such command 'nope'" in refused(said(*words, "--json"), code_of("a command, an option"))


@pytest.mark.parametrize("name", READING)
def test_where_there_is_no_archive_every_command_says_the_same(name: str, archive: Path) -> None:
    done = said(*called(name), "--archive", "nowhere", "--json")
    assert "There is no archive in nowhere" in refused(done, code_of("no archive"))


AS_IT_IS = {"seal", "open", "verify", "export bagit"}
"""Commands that take an archive byte by byte, whichever version it is of."""


@pytest.mark.parametrize("name", [name for name in READING if name not in AS_IT_IS])
def test_an_archive_of_a_newer_version_is_left_alone_by_every_command(name: str, archive: Path) -> None:
    with closing(sqlite3.connect(archive / "crossid.db")) as database:
        database.execute("PRAGMA user_version = 99")
    assert "newer" in refused(said(*called(name), "--archive", archive, "--json"), code_of("an archive of a newer"))


@pytest.mark.parametrize(
    "words",
    [
        *([name, *["P-000001"] * place, who] for name, place in OF_SOMEBODY.items() for who in ("P-000999",)),
        *(["export", kind, "out", "--person", "P-000999"] for kind in OF_SOME),
    ],
    ids=" ".join,
)
def test_somebody_who_is_not_there_is_the_same_fault_everywhere(words: list[str], archive: Path) -> None:
    more = {"name": ["Jane"], "note": ["x"], "clips": ["out"], "split": ["--proposed"], "reject": ["P-000001"]}
    words = ["share", "out", "P-000999"] if words[0] == "share" else words
    yes = ["--yes"] if words[0] == "forget" else []
    done = said(*words, *more.get(words[0], []), *yes, "--archive", archive, "--json")
    assert "There is no person 'P-000999'" in refused(done, code_of("an id that was never given"))
    assert not (archive.parent / "out").exists()


@pytest.mark.parametrize("kind", ["csv", "json", "vtt"])
def test_an_export_of_somebody_who_is_forgotten_is_refused(kind: str, archive: Path) -> None:
    said("forget", "P-000002", "--yes", "--archive", archive)
    done = said("export", kind, "out", "--person", "P-000002", "--archive", archive, "--json")
    assert "P-000002 has no appearance" in refused(done, code_of("a person without an appearance"))
    assert not (archive.parent / "out").exists()


@pytest.mark.parametrize("words", [("undo", "12"), ("redo", "12"), ("not-a-face", "0" * 16), ("ignore", "0" * 16)])
def test_what_is_not_there_is_the_same_fault_whatever_it_is(words: tuple[str, ...], archive: Path) -> None:
    assert "There is no" in refused(said(*words, "--archive", archive, "--json"), code_of("an id that was never given"))


PATHS = {"FOOTAGE", "PHOTO", "PHOTOS", "TRUTH.json", "PLACE…", "VIDEO", "OUT", "OUT.csv", "FOLDER", "DIR", "FILE"}


def paths() -> Iterator[tuple[str, Any]]:
    """Every path that a command takes."""
    for name, one in ALL.items():
        for parameter in one.params:
            if parameter.metavar in PATHS:
                yield name, parameter


@pytest.mark.parametrize(("name", "parameter"), [pytest.param(*one, id=f"{one[0]} {one[1].name}") for one in paths()])
def test_a_path_that_is_empty_is_refused_and_is_not_the_current_folder(
    name: str, parameter: Any, archive: Path
) -> None:
    words = called(name)
    if parameter.param_type_name == "argument":
        given = NEEDED[parameter.metavar]
        words = ["" if word == given else word for word in words] if given in words else [*words, ""]
    else:
        words += [parameter.opts[0], ""]
    assert "A path is empty" in refused(said(*words, "--json"), code_of("a path that is empty"))


def test_paths_are_found_to_be_tested() -> None:
    assert {"scan", "find", "calibrate", "export otio", "demo", "people"} <= {name for name, _ in paths()}


@pytest.mark.parametrize(
    "words", [("export", kind, "-") for kind in ("observations", *OF_SOME)] + [("report", "--out", "-")]
)
def test_stdout_holds_a_file_or_an_answer_and_never_both(words: tuple[str, ...], archive: Path) -> None:
    assert "stdout" in refused(said(*words, "--archive", archive, "--json"), 2)


IN_ARCHIVES = {
    "clips": ["P-000001", "kept/x"],
    "share": ["kept/x"],
    "report": ["--out", "kept/x"],
    "forget": ["P-000001", "--receipt", "kept/x", "--yes"],
    **{f"export {kind}": ["kept/x"] for kind in ("observations", "bagit", *OF_SOME)},
}


@pytest.mark.parametrize("name", IN_ARCHIVES)
def test_no_result_lies_in_an_archive(name: str, archive: Path) -> None:
    done = said(*name.split(), *IN_ARCHIVES[name], "--archive", archive, "--json")
    assert "lies in" in refused(done, code_of("a result that would lie"))


@pytest.mark.parametrize("name", [n for n in IN_ARCHIVES if n.split()[-1] not in {"forget", "xmp", "geojson", "clips"}])
def test_a_result_that_cannot_be_written_is_the_same_fault_everywhere(name: str, archive: Path) -> None:
    (archive.parent / "file").touch()
    words = [word.replace("kept/x", "file/in/it") for word in IN_ARCHIVES[name]]
    done = said(*name.split(), *words, "--archive", archive, "--json")
    assert re.search("cannot be (written|used)", refused(done, code_of("a result that cannot be written")))


@pytest.mark.parametrize("name", ["share", "report", *(f"export {kind}" for kind in ("observations", "csv", "vtt"))])
def test_folders_that_are_missing_on_the_way_to_a_result_are_made(name: str, archive: Path) -> None:
    words = [word.replace("kept/x", "no/such/folder") for word in IN_ARCHIVES[name]]
    assert said(*name.split(), *words, "--archive", archive).exit_code == 0
    assert (archive.parent / "no/such/folder").exists()


@pytest.mark.parametrize(
    "words", [("scan", "nowhere"), ("find", "nowhere"), ("calibrate", "nowhere"), ("redact", "nowhere", "x.mp4")]
)
def test_footage_that_is_not_there_is_the_same_fault_everywhere(words: tuple[str, ...], archive: Path) -> None:
    assert "nowhere" in refused(said(*words, "--json"), code_of("footage or a photograph"))
    assert not (archive.parent / "archive").exists()


@pytest.mark.parametrize(
    "words", [("evaluate", "nowhere"), ("calibrate", ".", "--without", "nowhere"), ("find", "x", "--config", "nowhere")]
)
def test_a_file_that_says_how_and_is_not_there_is_the_same_fault_everywhere(
    words: tuple[str, ...], archive: Path
) -> None:
    more = ["--archive", archive] if words[0] == "evaluate" else []
    assert "cannot be read" in refused(said(*words, *more, "--json"), code_of("a file of settings"))


@pytest.mark.parametrize(
    "library",
    [
        ("export", "otio", "out"),
        ("export", "edl", "out"),
        ("seal",),
        ("export", "bagit", "out", "--timestamp", "https://stamps.invalid/tsr"),
    ],
    ids=" ".join,
)
def test_a_library_that_is_not_installed_is_the_same_fault_everywhere(
    library: tuple[str, ...], archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("opentimelineio", "pyrage", "rfc3161_client"):
        monkeypatch.setitem(sys.modules, name, None)
    done = said(*library, "--archive", archive, "--json")
    assert "not installed" in refused(done, code_of("a library that is not installed"))


def test_nobody_to_ask_is_the_same_fault_everywhere(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CROSSID_PASSPHRASE")
    said("merge", "P-000001", "P-000002", "--archive", archive)
    said("confirm", "P-000001", "--archive", archive)
    for words in (("forget", "P-000001"), ("seal",), ("undo", "1")):
        refused(said(*words, "--archive", archive, "--json"), code_of("nobody to ask"))
