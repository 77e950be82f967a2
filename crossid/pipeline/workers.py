"""Worker processes: footage is untrusted, so it is opened there and never in the calling process.

A worker that dies, falls silent or uses up what it may use costs the input it was busy with, and nothing else. One that
was killed from outside, as systems do that are short of memory, costs nothing yet: its task is done once more, last.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Self, TypeAlias, TypeVar

from crossid import footage
from crossid.errors import CrossidError
from crossid.footage import FoundFile
from crossid.pipeline.errands import Errand
from crossid.pipeline.limits import AGAIN, CONVERT, Confinement, Limits, TooMuchMemoryError, WorkerError
from crossid.processes import give_back
from crossid.types import Span

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from crossid.pipeline.watch import Parts
    from crossid.settings import Settings

Task = TypeVar("Task", FoundFile, Span)
AnyTask: TypeAlias = FoundFile | Span
DYING_S = 5.0
"""How long a process may take from closing its pipe to its end."""
FAULTS = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE, signal.SIGILL, getattr(signal, "SIGBUS", None)})
"""Signals that mean that a program did what it must not do."""
ENDED = "The process that read it was ended by the system."
"""By a signal that no fault of its own sends: nothing is said against the file."""
TWICE = "The process that read it was ended by the system, also when it was tried again."
GIVE_BACK_S = 5.0
"""After so long at a span what it freed is given back."""
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a span was watched: seconds from the start of the video, faces and tracks so far."""

    task: Span
    to_s: float
    faces: int
    tracks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished(Generic[Task]):
    """What came of a task: a `Video` of a file, a `Watched` of a span, or the error that ended it.

    `left`: nobody tried, because too many workers were lost to the same file; that was said of the last of them.
    `spent`: the worker ran out of memory and ends. `trace`: of a bug, the traceback in the worker.
    """

    task: Task
    result: Any = None
    error: CrossidError | None = None
    left: bool = False
    spent: bool = False
    trace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One of the things that an errand yields; the worker waits until somebody listens before it makes many more."""

    content: Any


class Workers:
    """A handful of processes that take tasks; to be used as a context.

    Args:
        count: How many processes.
        settings: What they work with.
        limits: What each task may use.
    """

    def __init__(self, count: int, settings: Settings, limits: Limits | None = None) -> None:
        self.count = count
        self._settings, self._limits = settings, limits or Limits()
        self._losses: Counter[Path] = Counter()
        self._busy: dict[Connection, _Worker] = {}
        self._idle: list[_Worker] = []
        self._waiting: deque[AnyTask] = deque()
        self._again: set[AnyTask] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in [*self._busy.values(), *self._idle]:
            worker.end()
        self._busy, self._idle = {}, []

    def run(self, tasks: Iterable[Task]) -> Generator[Progress | Finished[Task]]:
        """Do all tasks; yield what is heard of them as it comes. Every task ends in one `Finished`.

        Whoever stops listening before the end ends the workers that are under way.
        """
        return self._do(tasks)

    def send(self, errand: Errand) -> Generator[Piece | Finished[Any]]:
        """Have something else done; yield the pieces of it as they come, then what came of it. As `run` otherwise.

        The worker is at work before anybody listens.
        """
        if self._losses[errand.path] >= self._limits.losses:
            return self._do([errand])
        self._hand_out(errand)
        return self._do([])

    def _do(self, tasks: Iterable[AnyTask]) -> Generator[Any]:
        self._waiting.extend(tasks)
        try:
            while self._waiting or self._busy:
                while self._waiting and len(self._busy) < self.count:
                    task = self._waiting.popleft()
                    if self._losses[_path(task)] >= self._limits.losses:
                        yield Finished(task=task, left=True)
                    else:
                        self._hand_out(task)
                yield from self._listen()
        finally:
            for worker in self._busy.values():
                worker.end()
            self._busy = {}
            self._waiting.clear()

    def _hand_out(self, task: AnyTask) -> None:
        worker = self._ready()
        worker.begin(task)
        self._busy[worker.pipe] = worker

    def _ready(self) -> _Worker:
        """An idle worker that still lives, else a new one."""
        while self._idle:
            worker = self._idle.pop()
            if worker.process.is_alive():
                return worker
            worker.end()
        return _Worker(self._settings, self._limits)

    def _listen(self) -> Iterator[Progress | Piece | Finished[Any]]:
        for pipe in wait(list(self._busy), timeout=1.0):
            assert isinstance(pipe, Connection)
            yield from self._hear(self._busy[pipe])
        for worker in list(self._busy.values()):
            patience_s = self._limits.silence_of(worker.task)
            if worker.silent_s() > patience_s:
                yield from self._lose(worker, f"Nothing was heard for {patience_s:.0f} s while it was read.")

    def _hear(self, worker: _Worker) -> Iterator[Progress | Piece | Finished[Any]]:
        try:
            word = worker.hear()
        except (EOFError, OSError):
            yield from self._lose(worker, worker.why_it_died(self._limits))
            return
        if isinstance(word, Finished):
            del self._busy[worker.pipe]
            if word.spent:
                worker.end()
            else:
                self._idle.append(worker)
        yield word

    def _lose(self, worker: _Worker, what: str) -> Iterator[Finished[Any]]:
        del self._busy[worker.pipe]
        task, killed = worker.task, what == ENDED and worker.was_killed()
        worker.end()
        if killed and not isinstance(task, Errand):  # of an errand pieces were handed over already
            if task not in self._again:
                self._again.add(task)
                self._waiting.append(task)
                return
            what = TWICE
        self._losses[_path(task)] += 1
        rest = " The rest of it was left." if self._losses[_path(task)] == self._limits.losses else ""
        remedy = AGAIN if what in {ENDED, TWICE} else CONVERT
        yield Finished(task=task, error=WorkerError(what + rest, remedy=remedy))


def _path(task: AnyTask) -> Path:
    return task.path if isinstance(task, FoundFile) else task.video.path


@dataclass(slots=True, eq=False, init=False)
class _Worker:
    """One process and the pipe to it."""

    pipe: Connection
    process: SpawnProcess
    task: AnyTask = field(init=False)
    heard: float

    def __init__(self, settings: Settings, limits: Limits) -> None:
        self.pipe, other = _SPAWN.Pipe()
        self.process = _SPAWN.Process(target=_serve, args=(other, settings, limits), daemon=True)
        self.process.start()
        other.close()
        self.heard = time.monotonic()

    def begin(self, task: AnyTask) -> None:
        self.task = task
        self.heard = time.monotonic()
        with suppress(OSError):  # if it has died, so it is heard when it is listened to
            self.pipe.send(task)

    def hear(self) -> Progress | Piece | Finished[Any]:
        word: Progress | Piece | Finished[Any] = self.pipe.recv()
        self.heard = time.monotonic()
        return word

    def silent_s(self) -> float:
        return time.monotonic() - self.heard

    def why_it_died(self, limits: Limits) -> str:
        """One sentence; the pipe is closed, so the process has ended or is about to."""
        self.process.join(DYING_S)
        code = -(self.process.exitcode or 0)
        if sys.platform != "win32" and code == signal.SIGXCPU:
            return f"Reading it takes more than {limits.cpu_of(self.task):.0f} s of computing time."
        if code in FAULTS:
            return f"The program that decodes it crashed ({signal.Signals(code).name})."
        return ENDED

    def was_killed(self) -> bool:
        """Whether somebody, most likely the system, killed the process outright; no limit of ours does that."""
        return sys.platform != "win32" and self.process.exitcode == -signal.SIGKILL

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _serve(pipe: Connection, settings: Settings, limits: Limits) -> None:
    """The life of a worker: take tasks until the pipe closes or memory has run out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the calling process decides what Ctrl-C means
    # One core each: the processes are the parallelism.
    os.environ |= {"CROSSID_THREADS": "1", "OPENCV_FOR_THREADS_NUM": "1"}
    desk = _Desk(pipe, settings, Confinement(limits, settings.footage.max_pixels))
    with suppress(EOFError, BrokenPipeError):
        spent = False
        while not spent:
            done = desk.do(pipe.recv())
            pipe.send(done)
            spent = done.spent


class _Desk:
    """Does one task after the other; the networks are loaded when first needed."""

    def __init__(self, pipe: Connection, settings: Settings, confinement: Confinement) -> None:
        self._pipe, self._settings, self._confinement = pipe, settings, confinement
        self._parts: Parts | None = None
        self._gave_back = time.monotonic()

    def do(self, task: AnyTask) -> Finished[Any]:
        """Never raises for what is in one file."""
        try:
            self._get_ready(task)
            with self._confinement.during(task):
                return Finished(task=task, result=self._result(task))
        except TooMuchMemoryError as error:
            return Finished(task=task, error=error, spent=True)
        except CrossidError as error:
            return Finished(task=task, error=error)
        except ImportError as error:
            from crossid.pipeline.diagnosis import missing_libraries

            missing = missing_libraries(error)
            return Finished(task=task, error=missing) if missing else _bug(task, error)
        except Exception as bug:  # noqa: BLE001 -- a bug met in one file must not cost the others
            return _bug(task, bug)

    def _get_ready(self, task: AnyTask) -> None:
        """Load what the task needs, while nothing untrusted is open."""
        if not isinstance(task, Errand):
            import cv2

            cv2.setNumThreads(1)
        if isinstance(task, Span) and self._parts is None:
            from crossid import tracks
            from crossid.inference.providers import use
            from crossid.pipeline.watch import Parts

            use(self._settings.device)
            footage.get_ready(self._settings.footage)
            self._parts = Parts.load(self._settings)
            tracks.TRACKERS.load(self._settings.tracks.tracker)  # its libraries take memory, too
            self._confinement.rest()

    def _result(self, task: AnyTask) -> object:
        if isinstance(task, Errand):
            return self._errand(task)
        if isinstance(task, FoundFile):
            return footage.probe(task, footage.identify(task.path), self._settings.footage)
        from crossid.pipeline.watch import watch

        assert self._parts is not None

        def tell(to_s: float, faces: int, tracks: int) -> None:
            self._say(Progress(task=task, to_s=to_s, faces=faces, tracks=tracks))
            if time.monotonic() - self._gave_back > GIVE_BACK_S:
                give_back()
                self._gave_back = time.monotonic()

        return watch(task, self._settings, self._parts, tell)

    def _errand(self, task: Errand) -> object:
        made = task.function(*task.arguments)
        if not isinstance(made, Iterator):
            return made
        for piece in made:
            self._say(Piece(content=piece))
        return None

    def _say(self, word: Progress | Piece) -> None:
        try:
            self._pipe.send(word)
        except BrokenPipeError:
            raise SystemExit from None  # nobody listens any more


def _bug(task: AnyTask, bug: Exception) -> Finished[Any]:
    """What went wrong and where, in one sentence: a report can begin with it."""
    place = traceback.extract_tb(bug.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}"
    what = f"A bug in crossid was met: {type(bug).__name__} at {where}: {bug}."
    trace = "".join(traceback.format_exception(bug))
    return Finished(task=task, error=CrossidError(what, remedy="Please report it."), trace=trace)
