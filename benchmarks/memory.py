"""Peak memory of a scan, summed over its processes: one minute of footage, and twenty.

    python -m benchmarks memory [VIDEO] [MINUTES …] [-- scan options]

The film is looped without re-encoding, so both lengths hold the same pictures.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from fractions import Fraction
from itertools import cycle
from pathlib import Path

import av

from benchmarks import data

LOOKING = 20
"""Times as long as looking takes nobody looks: the system walks all pages for it, and the program would wait."""


def main(words: list[str]) -> None:
    """Peak resident memory for each length."""
    options = words[words.index("--") + 1 :] if "--" in words else []
    words = words[: words.index("--")] if "--" in words else words
    video = Path(words[0]) if words else data.folder() / "footage" / "staged-dev" / "staged-009.mp4"
    for minutes in [float(word) for word in words[1:]] or [1.0, 20.0]:
        with tempfile.TemporaryDirectory() as scratch:
            film = Path(scratch) / "film.mp4"
            seconds = loop([video], film, minutes * 60)
            began = time.perf_counter()
            scan = [sys.executable, "-m", "crossid", "scan", str(film), "--archive", str(Path(scratch) / "archive")]
            held = peak([*scan, "--json", *options])
            took = time.perf_counter() - began
            row = {
                "seconds": round(seconds),
                "peak_mb": round(held / 2**20),
                "times_real_time": round(seconds / took, 2),
            }
            data.row(f"{minutes:g} min", row)
    print(data.machine())


def loop(sources: Sequence[Path], out: Path, seconds: float) -> float:
    """Write `sources` again and again into `out`, packet by packet, until `seconds` are full; returns its length.

    All of them are encoded alike.
    """
    with av.open(str(out), "w") as target:
        stream, offset, base = None, 0, Fraction(1)
        for source in cycle(sources):
            if float(offset * base) >= seconds:
                break
            with av.open(str(source)) as film:
                template = film.streams.video[0]
                stream = stream or target.add_stream_from_template(template)
                end = offset
                for packet in film.demux(template):
                    if packet.dts is None:
                        continue
                    packet.pts, packet.dts = packet.pts + offset, packet.dts + offset
                    packet.stream, end = stream, max(end, packet.pts + packet.duration)
                    target.mux(packet)
                base, offset = template.time_base, end
        return float(offset * base)


def peak(command: Sequence[str]) -> int:
    """Bytes that a command and its children held at most, together."""
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = 0
    while run.poll() is None:
        began = time.perf_counter()
        most = max(most, sum(_resident(pid) for pid in _family(run.pid)))
        time.sleep(max(0.05, LOOKING * (time.perf_counter() - began)))
    return most


def _family(pid: int) -> list[int]:
    """A process and all its descendants."""
    try:
        children = [
            child for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
        ]
    except OSError:
        return [pid]
    return [pid, *(below for child in children for below in _family(int(child)))]


def _resident(pid: int) -> int:
    """Bytes a process holds: its proportional share, so that what several map counts once."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0
