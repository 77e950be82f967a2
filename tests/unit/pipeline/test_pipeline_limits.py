"""One file costs one sentence, whatever it does to the worker that reads it; and workers reach nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from PIL import Image

from builders import a_span, a_video
from crossid import footage
from crossid.errors import FootageError
from crossid.footage import FoundFile
from crossid.footage.staging import HEIGHT, RATE, WIDTH, stage
from crossid.pipeline.asking import Asked
from crossid.pipeline.limits import Limits
from crossid.pipeline.picturing import picture_of
from crossid.pipeline.reading import apart
from crossid.pipeline.workers import Finished, Workers
from crossid.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossid.pipeline.workers import AnyTask

posix = pytest.mark.skipif(os.name == "nt", reason="this system does not limit processes in this way")
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process renounce so much")


def a_file(path: Path) -> FoundFile:
    """A file as discovery lists it, whatever it is."""
    status = path.stat()
    return FoundFile(path=path, name=path.name, size_bytes=status.st_size, modified_ns=status.st_mtime_ns)


def a_photograph(folder: Path, pixels: int = 64, name: str = "good.png") -> FoundFile:
    """A square photograph of one colour."""
    Image.new("RGB", (pixels, pixels), (90, 120, 50)).save(folder / name)
    return a_file(folder / name)


def a_trap(folder: Path) -> FoundFile:
    """A pipe that nobody writes to: whoever opens it waits for ever."""
    os.mkfifo(folder / "trap.mp4")
    return a_file(folder / "trap.mp4")


def done(tasks: Sequence[AnyTask], limits: Limits | None = None) -> list[Finished]:
    """What one worker after the other made of tasks."""
    with Workers(1, Settings(), limits) as workers:
        return [word for word in workers.run(tasks) if isinstance(word, Finished)]


@linux
def test_a_file_that_takes_too_much_memory_costs_a_sentence_and_the_next_is_read(tmp_path: Path) -> None:
    tight = Limits(memory_bytes=2**26, memory_per_core=0, probe_per_pixel=0, memory_per_pixel=0)
    huge = a_photograph(tmp_path, 8000, "huge.png")
    good = a_photograph(tmp_path)
    videos = [word.result for word in done([huge, good])]
    too_much, read = done([a_span(video) for video in videos], tight)
    assert too_much.error is not None
    assert "more memory" in str(too_much.error)
    assert "convert it" in too_much.error.remedy
    assert read.error is None


@posix
def test_a_file_that_takes_too_much_computing_time_costs_a_sentence(tmp_path: Path) -> None:
    endless = tmp_path / "endless.mp4"
    endless.touch()
    os.truncate(endless, 2**37)
    hasty = Limits(cpu_s=1, hash_s_per_mb=0)
    lost, read = done([a_file(endless), a_photograph(tmp_path)], hasty)
    assert "more than 1 s of computing time" in str(lost.error)
    assert read.error is None


@posix
def test_a_file_that_makes_a_worker_hang_costs_a_sentence(tmp_path: Path) -> None:
    (lost,) = done([a_trap(tmp_path)], Limits(silence_s=0.5))
    assert "Nothing was heard" in str(lost.error)


def strike(workers: Workers, task: AnyTask, *signals: signal.Signals, times: int = 1, between: object = None) -> None:
    """Send signals to whoever does a task, and to whoever does it next, as soon as they begin."""

    def work() -> None:
        struck = set[int]()
        while len(struck) < times:
            for worker in list(workers._busy.values()):
                pid = worker.process.pid or 0
                if worker.task == task and pid not in struck:
                    struck.add(pid)
                    for one in signals:
                        os.kill(pid, one)
                        if callable(between):
                            between()
            time.sleep(0.01)

    threading.Thread(target=work).start()


@posix
@pytest.mark.parametrize(
    ("kill", "times", "sentence", "remedy"),
    [
        (signal.SIGSEGV, 1, "crashed (SIGSEGV)", "convert it"),
        (signal.SIGKILL, 2, "ended by the system, also when it was tried again", "command again"),
        (signal.SIGTERM, 1, "ended by the system.", "command again"),
    ],
)
def test_a_file_that_kills_its_workers_costs_a_sentence_and_the_next_is_read(
    kill: signal.Signals, times: int, sentence: str, remedy: str, tmp_path: Path
) -> None:
    trap, good = a_trap(tmp_path), a_photograph(tmp_path)
    with Workers(1, Settings()) as workers:
        strike(workers, trap, kill, times=times)
        words = {word.task: word for word in workers.run([trap, good]) if isinstance(word, Finished)}
    assert sentence in str(words[trap].error)
    assert remedy in words[trap].error.remedy  # type: ignore[union-attr]
    assert words[good].error is None


@posix
def test_a_file_whose_worker_was_killed_once_is_read_after_all_the_others(tmp_path: Path) -> None:
    """Whoever is short of memory kills whoever takes most of it: nothing is said against the file."""
    os.mkfifo(tmp_path / "one.png")
    trap, good = a_file(tmp_path / "one.png"), a_photograph(tmp_path)
    a_photograph(tmp_path, name="whole.png")

    def make_whole() -> None:  # while whoever waits for the pipe is stopped
        with suppress(FileNotFoundError):
            (tmp_path / "whole.png").replace(tmp_path / "one.png")

    with Workers(1, Settings()) as workers:
        strike(workers, trap, signal.SIGSTOP, signal.SIGKILL, between=make_whole)
        words = [word for word in workers.run([trap, good]) if isinstance(word, Finished)]
    assert [(word.task, word.error) for word in words] == [(good, None), (trap, None)]


@posix
def test_a_video_that_costs_one_worker_after_the_other_is_left_and_the_others_are_watched(tmp_path: Path) -> None:
    bad = a_video("trap.mp4", path=a_trap(tmp_path).path)
    tasks = [a_span(bad, index, index * 10.0, index * 10.0 + 10) for index in range(5)]
    words = done(tasks, Limits(silence_s=0.2))
    assert [word.left for word in words] == [False, False, False, True, True]
    assert [str(word.error).endswith("The rest of it was left.") for word in words[:3]] == [False, False, True]
    assert [word.error for word in words[3:]] == [None, None]


@linux
def test_a_picture_that_is_asked_about_is_read_in_a_worker_too(tmp_path: Path) -> None:
    picture = a_photograph(tmp_path, 64)
    asked = Asked(path=picture.path, moment_s=None)
    frame = apart(picture.path, Settings(), picture_of, asked, Settings().footage)
    assert frame.image.shape == (64, 64, 3)
    assert apart(picture.path, Settings(), os.getpid) != os.getpid()
    with pytest.raises(FootageError, match=r"good.png: .*crashed \(SIGABRT\)") as caught:
        apart(picture.path, Settings(), os.abort)
    assert caught.value.remedy
    with pytest.raises(FootageError, match="is not there"):
        apart(
            tmp_path / "none.png",
            Settings(),
            picture_of,
            Asked(path=tmp_path / "none.png", moment_s=None),
            Settings().footage,
        )


CONFINED = """
import socket, sys
from pathlib import Path
from crossid.pipeline import limits
if sys.argv[2] == "kept":
    limits._leave_network = lambda: False  # as on systems that do not allow it
before = Path("/proc/self/ns/net").readlink()
limits.Confinement(limits.Limits(), 1)
print(*[line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("NoNewPrivs")])
print(*[line for line in Path("/proc/self/limits").read_text().splitlines() if "open files" in line or "core" in line])
print("network", "kept" if before == Path("/proc/self/ns/net").readlink() else "left")
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5)
    print("reached")
except OSError as error:
    print("unreached", error)
"""


@linux
@pytest.mark.parametrize("network", ["left", "kept"])
def test_a_worker_gains_no_privileges_and_reaches_no_network(network: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        said = subprocess.run(
            [sys.executable, "-c", CONFINED, port, network], capture_output=True, text=True, check=True
        ).stdout
    if f"network {network}" not in said:
        pytest.skip("this system does not let a process leave the network")
    assert "NoNewPrivs:\t1" in said
    assert "Max open files            512" in said
    assert "unreached" in said, said


def test_what_may_be_used_grows_with_the_file_and_not_with_what_it_claims() -> None:
    limits = Limits()
    modest, boastful = (a_span(a_video(size_bytes=10**6, duration_s=length)) for length in (1.0, 1e9))
    assert limits.cpu_of(modest) == limits.cpu_of(boastful) == 1100
    large = a_span(a_video(width=7680, height=4320))
    assert limits.memory_of(large, 1) - limits.memory_of(modest, 1) == 128 * (7680 * 4320 - 640 * 360)
    found = FoundFile(path=Path("film.mp4"), name="film.mp4", size_bytes=10**12, modified_ns=0)
    assert limits.silence_of(found) > 50_000  # a terabyte on a drive of 5 MB/s: no reason to give up
    assert limits.silence_of(modest) == 300


def in_8k(source: Path, out: Path, frames: int) -> Path:
    """The beginning of a film, twelve times as wide and high."""
    with av.open(str(source)) as film, av.open(str(out), "w") as large:
        stream = large.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 12 * WIDTH, 12 * HEIGHT, "yuv420p"
        for frame in islice(film.decode(video=0), frames):
            large.mux(stream.encode(frame.reformat(width=stream.width, height=stream.height)))
        large.mux(stream.encode(None))
    return out


@pytest.mark.slow
def test_a_video_in_8k_is_watched_within_the_limits(tmp_path: Path) -> None:
    stage(tmp_path / "demo")
    film = in_8k(tmp_path / "demo" / "harbour.mp4", tmp_path / "8k.mp4", 50)
    (probed,) = done([a_file(film)])
    assert probed.error is None
    (watched,) = done(footage.spans(probed.result, Settings().footage))
    assert watched.error is None
    assert len(watched.result.appearances) == 2
    assert np.mean([one.quality for one in watched.result.appearances]) > 0.3
