"""Nothing leaves the machine: a scan works without any network, and no command but those that say so looks for one."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from crossid.cli import app
from places import ROOT
from running import scan

WATCH = """
import os, sys

def watch(event, arguments):
    if event in {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}:
        where = str(arguments[1:] if event in {"socket.connect", "socket.bind", "socket.sendto"} else arguments)
        with open(os.environ["NETWORK_LOG"], "a") as log:
            log.write(f"{event} {where}" + chr(10))
        raise OSError(101, "Network is unreachable")

sys.addaudithook(watch)
"""
"""Loaded by every Python process of a test as `sitecustomize`: what reaches for a network is noted, and refused."""

RUN = """
import json, sys
from typer.testing import CliRunner
from crossid.cli import app
for name, words in json.loads(sys.argv[1]).items():
    with open(sys.argv[2], "a") as log:
        log.write(f"# {name}" + chr(10))
    done = CliRunner().invoke(app, words, env={"COLUMNS": "100"})
    print(f"{name}: {done.exit_code}", done.output[-200:] if done.exit_code else "")
"""
REFUSED = {"evaluate": 2, "calibrate": 3, "models import": 4, "models remove": 2, "export geojson": 1}
"""Commands that are given nothing to work on here, and how they end."""


@pytest.fixture
def watched(tmp_path: Path) -> dict[str, str]:
    """An environment in which the network is refused and each try is noted."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path / "site"), str(ROOT)])
    return os.environ | {"PYTHONPATH": path, "NETWORK_LOG": str(tmp_path / "network.log")}


def tries(environment: dict[str, str]) -> dict[str, list[str]]:
    """Command -> what it reached for."""
    found: dict[str, list[str]] = {}
    name, log = "", Path(environment["NETWORK_LOG"])
    for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else []:
        if line.startswith("# "):
            name = line[2:]
        else:
            found.setdefault(name, []).append(line)
    return found


def a_film(footage: Path, folder: Path) -> Path:
    """A folder with one film."""
    folder.mkdir()
    shutil.copy(footage / "station.mp4", folder)
    return folder


def test_a_scan_needs_no_network_and_looks_for_none(
    footage: Path, tmp_path: Path, watched: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in watched.items():
        monkeypatch.setenv(name, value)
    done = scan(a_film(footage, tmp_path / "footage"), "--archive", tmp_path / "archive")
    assert done["watched"] == 1
    assert tries(watched) == {}


def test_what_reaches_out_would_be_noted(tmp_path: Path, watched: dict[str, str]) -> None:
    reach = "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/', timeout=1)"
    done = subprocess.run([sys.executable, "-c", reach], env=watched, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert tries(watched)[""]


@pytest.mark.slow
def test_a_scan_works_where_there_is_no_network_at_all(footage: Path, tmp_path: Path) -> None:
    alone = ["unshare", "--net"] if sys.platform == "linux" and os.geteuid() == 0 else ["unshare", "--user", "--net"]
    if not shutil.which("unshare") or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system does not let a process leave the network")
    words = ["scan", str(a_film(footage, tmp_path / "footage")), "--archive", str(tmp_path / "archive"), "--json"]
    done = subprocess.run(
        [*alone, sys.executable, "-m", "crossid", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["watched"] == 1


def commands(command: object, before: str = "") -> list[str]:
    """The names of all commands."""
    if not hasattr(command, "commands"):
        return [before]
    return [one for name, below in command.commands.items() for one in commands(below, f"{before} {name}".strip())]


def words_of(archive: Path, footage: Path, out: Path) -> dict[str, list[str]]:
    """Each command, but scan and demo, with something to do; in an order in which all can be done."""
    exports = {
        f"export {kind}": [str(out / f"e.{kind}")]
        for kind in ("observations", "csv", "json", "otio", "edl", "vtt", "xmp", "geojson", "bagit")
    }
    given = {
        "people": [],
        "show": ["P-000001"],
        "find": [str(footage / "portrait.jpg")],
        "verify": [],
        "report": [],
        "together": ["P-000001", "P-000002"],
        "timeline": ["P-000001"],
        "clips": ["P-000001", str(out / "clips")],
        "redact": [str(footage / "portrait.jpg"), str(out / "redacted.png")],
        "share": [str(out / "share"), "P-000001"],
        "audit": [],
        "evaluate": [str(out / "missing.json")],
        "name": ["P-000001", "Jane Doe"],
        "note": ["P-000001", "seen"],
        "confirm": ["P-000001"],
        "merge": ["P-000001", "P-000002"],
        "ignore": ["P-000003"],
        "unignore": ["P-000003"],
        "reject": ["P-000003", "P-000004"],
        "undo": [],
        "redo": [],
        "log": [],
        **exports,
        "adopt": [],
        "forget": ["P-000005", "--yes"],
    }
    alone = {
        "doctor": [],
        "calibrate": [str(out / "missing")],
        "models list": [],
        "models verify": [],
        "models import": [str(out)],
        "models remove": ["nobody"],
    }
    at = ["--archive", str(archive)]
    return {name: [*name.split(), *words, *at] for name, words in given.items()} | {
        name: [*name.split(), *words] for name, words in alone.items()
    }


def test_no_command_looks_for_a_network(archive: Path, footage: Path, tmp_path: Path, watched: dict[str, str]) -> None:
    copy, out = shutil.copytree(archive, tmp_path / "archive"), tmp_path / "out"
    out.mkdir()
    words = words_of(copy, footage, out)
    elsewhere = {"scan", "demo", "models fetch", "seal", "open", "split", "move", "not-a-face"}
    assert set(commands(typer.main.get_command(app))) <= words.keys() | elsewhere
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(words), watched["NETWORK_LOG"]],
        env=watched,
        capture_output=True,
        text=True,
        check=True,
    )
    ended = {name: line for line in done.stdout.splitlines() for name, _, _ in [line.partition(":")] if name in words}
    assert tries(watched) == {}
    assert {name: line for name, line in ended.items() if f": {REFUSED.get(name, 0)} " not in line} == {}


def test_only_two_files_know_how_to_reach_a_network() -> None:
    """Fetching models, and time stamps from a server that the user names."""
    network = {"socket", "ssl", "http", "urllib.request", "ftplib", "smtplib", "asyncio", "socketserver", "requests"}
    found = set()
    for path in (ROOT / "crossid").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            if any(name in network or name.partition(".")[0] in network for name in names):
                found.add(path.relative_to(ROOT / "crossid").as_posix())
    assert found == {
        "archive/lock.py",
        "exports/timestamps.py",
        "inference/downloading.py",
    }  # the lock: this host's name
