"""Rules of the house that no linter knows."""

import ast
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from places import ROOT

SOURCES = sorted((ROOT / "crossid").rglob("*.py"))


def test_the_wheel_holds_every_room(tmp_path: Path) -> None:
    """An ignore line for the output folder `archive/` once hid `crossid/archive/`."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--quiet",
        "--wheel-dir",
        str(tmp_path),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    tracked = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "crossid").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert tracked <= names
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "archive/", "docs"))]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_are_short_and_say_what_they_are_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= (700 if path.name == "types.py" else 400)  # all nouns stand in one place on purpose
    assert ast.get_docstring(ast.parse(text))


def test_no_file_is_a_bag() -> None:
    bags = {"utils", "helpers", "common", "core", "manager", "misc"}
    assert not [path for path in SOURCES if path.stem in bags or path.parent.name in bags]


def test_no_two_test_files_have_one_name() -> None:
    """Pytest imports them by name alone."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert len(names) == len(set(names))


def test_every_file_speaks_of_the_project_only() -> None:
    """No absolute path of somebody's machine, nothing left to do."""
    forbidden = re.compile(r"/(?:home|work|root)/\w|\bTODO\b|\bFIXME\b|\bXXX\b")
    texts = [
        *SOURCES,
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "benchmarks").rglob("*"),
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
    ]
    found = [
        path.name
        for path in texts
        if path.suffix in {".py", ".md"} and forbidden.search(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_importing_the_front_door_is_cheap() -> None:
    """`--help` answers at once because nothing heavy is imported."""
    code = "import crossid.cli, crossid.settings, crossid.pipeline, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not {"numpy", "cv2", "onnxruntime", "av", "sklearn", "scipy", "sqlite3", "PIL"} & set(loaded)
