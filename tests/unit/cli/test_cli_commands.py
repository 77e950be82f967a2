"""The command line answers at once, says what it can do, and refuses clearly."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from crossid import __version__
from crossid.cli import app
from crossid.cli.chosen import settings_from
from crossid.errors import SettingsError, UnknownNameError

LIBRARIES = ("numpy", "cv2", "av", "onnxruntime", "scipy", "sklearn", "sqlite3", "questionary", "multiprocessing")
SLOW_DRAWING = ("pydantic", "pygments", "markdown_it", "rich.markdown", "rich.traceback", "typer.rich_utils")
"""What typer would load to draw its own help, and to read options of which a help asks nothing."""
HEAVY = (*LIBRARIES, *SLOW_DRAWING)
COMMANDS = (
    ["scan"],
    ["demo"],
    ["people"],
    ["show"],
    ["export"],
    ["export", "observations"],
    ["models"],
    ["models", "list"],
    ["models", "fetch"],
    ["models", "import"],
    ["models", "verify"],
    ["models", "remove"],
    ["doctor"],
)


def said(*words: str) -> Result:
    return CliRunner().invoke(app, words)


@pytest.mark.parametrize("words", [[], *COMMANDS], ids=" ".join)
def test_help_is_there_for_every_command(words: list[str]) -> None:
    answer = said(*words, "--help")
    assert answer.exit_code == 0
    assert "Usage:" in answer.stdout


@pytest.mark.parametrize("words", [words for words in COMMANDS if words not in (["export"], ["models"])], ids=" ".join)
def test_help_shows_examples(words: list[str]) -> None:
    assert f"$ crossid {' '.join(words)}" in said(*words, "--help").stdout


def every_command(name: str = "", command: Any = None) -> Iterator[list[str]]:
    """Words of each command and group, from the registry."""
    command = command or typer.main.get_command(app)
    yield name.split()
    for inner, member in getattr(command, "commands", {}).items():
        yield from every_command(f"{name} {inner}", member)


def test_help_loads_nothing_heavy() -> None:
    program = f"""
import sys
from contextlib import suppress
import typer
from crossid.cli import app
front = typer.main.get_command(app)
for words in {list(every_command())!r}:
    with suppress(SystemExit):
        front([*words, "--help"])
    heavy = [name for name in {HEAVY!r} if name in sys.modules]
    assert not heavy, (words, heavy)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Usage:") == len(list(every_command()))


def test_nothing_asked_and_no_terminal_is_answered_with_help() -> None:
    answer = said()
    assert answer.exit_code == 0
    assert "Usage: crossid" in answer.stdout or "Usage: root" in answer.stdout


def test_the_version_is_told() -> None:
    assert said("--version").stdout == f"crossid {__version__}\n"


def test_a_misspelt_command_is_met_with_a_guess() -> None:
    answer = said("skan")
    assert answer.exit_code == 2
    assert "scan" in answer.stderr


def test_a_scan_of_nothing_says_what_is_missing() -> None:
    answer = said("scan")
    assert answer.exit_code == 2
    assert answer.stderr == "scan has to be told where the footage is.\nFor example: crossid scan FOLDER\n"


def test_a_setting_without_value_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"faces\.min_face_px has no value"):
        settings_from(given=["faces.min_face_px"])


def test_a_misspelt_setting_is_met_with_a_guess() -> None:
    with pytest.raises(UnknownNameError) as caught:
        settings_from(given=["faces.min_fase_px=3"])
    assert "faces.min_face_px" in caught.value.remedy


def test_what_was_typed_outranks_the_file_of_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("crossid.toml").write_text("workers = 3\n[faces]\nmin_face_px = 30\n", encoding="utf-8")
    settings = settings_from(given=["faces.min_face_px=50"])
    assert (settings.workers, settings.faces.min_face_px) == (3, 50)
    assert settings_from(workers=1).workers == 1


def test_models_are_listed_with_licence_and_state() -> None:
    models = {model["name"]: model for model in json.loads(said("models", "list", "--json").stdout)}
    assert models["dlib_resnet"]["licence"] == "CC0-1.0"
    assert models["mtcnn"] == {
        "name": "mtcnn",
        "role": "detector",
        "packs": ["builtin", "ensemble"],
        "licence": "MIT",
        "commercial": True,
        "size_bytes": 1986415,
        "input": "RGB pyramid, (x - 127.5) / 128",
        "source": "https://github.com/ipazc/mtcnn",
        "state": "present",
    }
    assert "dlib_resnet" in said("models", "list").stdout


def test_the_doctor_finds_this_machine_able() -> None:
    answer = said("doctor", "--json")
    findings = json.loads(answer.stdout)
    assert answer.exit_code == 0, [finding for finding in findings if finding["status"] == "missing"]
    assert {"OpenCV", "ONNX Runtime", "codecs", "model mtcnn", "disk", "terminal"} <= {f["name"] for f in findings}
    assert "ONNX Runtime" in said("doctor").stdout
