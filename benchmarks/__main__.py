"""Runs one benchmark: `python -m benchmarks accuracy`."""

import sys
from importlib import import_module
from pathlib import Path

NAMES = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if path.stem not in {"__init__", "__main__", "data", "elsewhere", "generator", "rivals", "staging"}
)

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        sys.exit(f"usage: python -m benchmarks {{{','.join(NAMES)}}} …")
    import_module(f"benchmarks.{sys.argv[1]}").main(sys.argv[2:])
