"""Files that nobody vouches for, read for other purposes than a scan: by limited workers, never by the caller.

What comes out of a worker is plain: pixels, samples of sound, numbers. The caller finds faces in them, draws,
encodes and writes; no bytes of the file reach a decoder in the process that holds the archive.
"""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from crossid.pipeline.errands import Errand
from crossid.pipeline.limits import CONVERT, WorkerError
from crossid.pipeline.workers import Finished, Piece, Workers
from crossid.wording import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from crossid.pipeline.limits import Limits
    from crossid.settings import Settings
    from crossid.types import Video

Result = TypeVar("Result")


def apart(path: Path, settings: Settings, function: Callable[..., Result], *arguments: Any) -> Result:
    """What a function makes of one file, called in a worker of its own; see `Readers.call`."""
    with Readers(settings) as readers:
        return readers.call(path, function, *arguments)


class WorkerBugError(RuntimeError):
    """A bug was met in a worker, whose traceback is in the text: no file's fault, and no error of a user."""


class Readers:
    """Workers that read one file after the other, and several at once; to be used as a context.

    Args:
        settings: What is set.
        limits: What reading one file may use.
    """

    def __init__(self, settings: Settings, limits: Limits | None = None) -> None:
        self._settings, self._limits = settings, limits
        self._all, self._free = list[Workers](), list[Workers]()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for workers in self._all:
            workers.__exit__()

    def call(self, file: Path | Video, function: Callable[..., Result], *arguments: Any) -> Result:
        """What a function of a module makes of a file; it is carried over.

        Args:
            file: The file; the larger it is, the more time there is. Of a video of which it is known what it holds, the
                limits are those of watching it.
            function: What is called.
            arguments: What it is called with.

        Raises:
            CrossidError: as the function does.
            WorkerError: the file cost the worker.
            WorkerBugError: a bug was met.
        """
        return self.begin(file, function, *arguments)()

    def begin(self, file: Path | Video, function: Callable[..., Result], *arguments: Any) -> Callable[[], Result]:
        """As `call`, begun at once; what comes back waits for the result, or raises what `call` would."""
        words = self._words(_errand(file, function, arguments))
        return lambda: _result(words)

    def each(self, video: Video, function: Callable[..., Iterator[Result]], *arguments: Any) -> Iterator[Result]:
        """What a function of a module yields, one by one, as far as it is asked for; see `call`."""
        with closing(self._words(_errand(video, function, arguments))) as words:
            yield from (word.content for word in words if isinstance(word, Piece))

    def copy(self, video: Video, function: Callable[..., Result], *arguments: Any) -> Result:
        """As `call`, of a function that itself writes a file, no larger than the video's."""
        return _result(self._words(_errand(video, function, arguments, copies=True)))  # type: ignore[no-any-return]

    def _words(self, errand: Errand) -> Generator[Piece | Finished[Any]]:
        """What is heard of an errand, by a worker that nobody else listens to; it is at work from now on."""
        workers = self._free.pop() if self._free else self._another()
        return self._heard(workers, workers.send(errand))

    def _heard(self, workers: Workers, sent: Generator[Piece | Finished[Any]]) -> Generator[Piece | Finished[Any]]:
        try:
            with closing(sent) as words:
                for word in words:
                    if isinstance(word, Finished):
                        _check(word)
                    yield word
        finally:
            self._free.append(workers)

    def _another(self) -> Workers:
        workers = Workers(1, self._settings, self._limits)
        self._all.append(workers)
        return workers


def _result(words: Iterator[Piece | Finished[Any]]) -> Any:
    *_, done = words
    assert isinstance(done, Finished)
    return done.result


def _errand(
    file: Path | Video, function: Callable[..., Any], arguments: tuple[Any, ...], *, copies: bool = False
) -> Errand:
    path, video = (file, None) if isinstance(file, Path) else (file.path, file)
    size_bytes = 0
    with suppress(OSError):  # the worker says why
        size_bytes = path.stat().st_size
    return Errand(
        path=path,
        name=path.name,
        size_bytes=size_bytes,
        modified_ns=0,
        function=function,
        arguments=arguments,
        video=video,
        copies=copies,
    )


def _check(done: Finished[Any]) -> None:
    """Raise what ended an errand; what happened to a worker is said of the file."""
    if done.trace:
        raise WorkerBugError(f"{_name(done)}\n{done.trace}")
    if done.left:
        raise WorkerError(f"{_name(done)} was left, as too many workers were lost to it.", remedy=CONVERT)
    if isinstance(done.error, WorkerError):
        raise type(done.error)(f"{_name(done)}: {done.error}", remedy=done.error.remedy)
    if done.error is not None:
        raise done.error


def _name(done: Finished[Any]) -> str:
    return printable(done.task.path.name)
