"""The command line as a user runs it, and what makes two archives equal."""

import csv
import json
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner, Result


def run(*words: object, **options: object) -> subprocess.CompletedProcess[str]:
    """`crossid WORDS` in a process of its own."""
    command = [sys.executable, "-m", "crossid", *map(str, words)]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=240, check=False, **options
    )


def said(archive: Path, *words: object) -> Result:
    """`crossid WORDS --archive ARCHIVE` in this process, where libraries are loaded already."""
    from crossid.cli import app

    return CliRunner().invoke(app, [*map(str, words), "--archive", str(archive)])


def scan(*words: object, code: int = 0) -> dict[str, object]:
    """Scan, expect an exit code, and return what `--json` said."""
    done = run("scan", *words, "--json")
    assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return json.loads(done.stdout)


def log_of(archive: Path) -> list[dict[str, str]]:
    """Rows of all people's appearances.csv, by folder."""
    rows = []
    for file in sorted(archive.glob("people/*/appearances.csv")):
        with file.open(newline="", encoding="utf-8-sig") as lines:
            rows += list(csv.DictReader(lines))
    return rows


def content(archive: Path) -> dict[str, bytes]:
    """All that makes two archives equal: everything but the label, the database and its cache, runs and manifest."""
    apart = {"archive.json", "crossid.db", "crossid.vectors", "manifest-sha256.txt"}
    files = [path for path in archive.rglob("*") if path.is_file()]
    names = {path.relative_to(archive).as_posix(): path for path in files}
    return {
        name: path.read_bytes()
        for name, path in names.items()
        if name not in apart and not name.startswith(("runs/", "crossid.db", ".")) and "lock" not in name
    }
