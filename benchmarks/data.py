"""Where labelled data lies, and how the program under test is run: as a user runs it."""

import json
import os
import platform
import subprocess
import sys
import tomllib
from pathlib import Path

from crossid.inference.own_models import OwnDetector, OwnEmbedder, own_model

ROOT = Path(__file__).parent.parent


def folder() -> Path:
    """The folder with labelled photographs and footage; exits with a reason where there is none."""
    data = Path(os.environ.get("CROSSID_TEST_DATA", ROOT.parent / "shared"))
    if not (data / "lfw-dev").is_dir():
        sys.exit(f"No labelled data in {data}: set CROSSID_TEST_DATA (benchmarks/README.md says what it holds).")
    return data


def crossid(*words: object) -> subprocess.CompletedProcess[str]:
    """Run the command line; exit 6 (done, some inputs failed) is fine."""
    done = subprocess.run(
        [sys.executable, "-m", "crossid", *map(str, words)], capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 6):
        sys.exit(f"crossid {' '.join(map(str, words))}: exit {done.returncode}\n{done.stderr}")
    return done


def score(tool: str, *words: object) -> dict[str, object]:
    """Figures from one of the data folder's measuring tools."""
    command = [sys.executable, str(folder() / "tools" / tool), *map(str, words), "--json"]
    figures: dict[str, object] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return figures


def own_models(words: list[str]) -> list[OwnDetector | OwnEmbedder]:
    """The models that the file behind `--models` names, as `crossid.toml` does; none without it."""
    if "--models" not in words:
        return []
    file = Path(words[words.index("--models") + 1])
    tables = tomllib.loads(file.read_text(encoding="utf-8"))["models"]
    return [own_model(name, table, file.parent) for name, table in tables.items()]


def machine() -> str:
    """What it was measured on, in a few words."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    return f"{os.cpu_count()} × {name}, Python {platform.python_version()}"


def row(name: str, figures: dict[str, object]) -> None:
    """Print figures as one line of name and numbers."""
    shown = ", ".join(
        f"{key} {value:.4f}" if isinstance(value, float) else f"{key} {value}" for key, value in figures.items()
    )
    print(f"{name}: {shown}", flush=True)
