"""What a worker process may use: footage is untrusted, and so is what a decoder does with it.

Which limits hold on which system: docs/hardening.md. They keep a file from using up the machine and decoders
from reaching the network; they are no prison for a process that hostile bytes have taken over.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossid.errors import FootageError
from crossid.footage import FoundFile
from crossid.pipeline.errands import Errand

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from crossid.types import Span, Video

MB = 10**6
CONVERT = "The file may be damaged or made to do harm; try to convert it with ffmpeg, then scan the copy."
AGAIN = "Run the same command again; if it happens again, memory may be short, or the file made to do harm."
_CLONE_NEWNET, _CLONE_NEWUSER, _PR_SET_NO_NEW_PRIVS = 0x40000000, 0x10000000, 38
"""From Linux's sched.h and prctl.h."""
_REACHING_OUT = frozenset({"socket.bind", "socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.sendmsg"})
_OUT_OF_MEMORY = ("insufficient memory", "bad_alloc", "bad allocation", "allocate memory")
"""How OpenCV, ONNX Runtime and FFmpeg say that there is no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What reading one file, or watching one span, may use.

    Attributes:
        memory_bytes: Memory beyond what the loaded networks take.
        memory_per_pixel: More of it for each pixel of a picture that is watched (8K with two decoding threads was
            measured at 48 bytes; 10 bits, 4:4:4 and more threads take more).
        memory_per_core: More of it for each core of the machine: decoders start threads by their number.
        probe_per_pixel: The same for each pixel of the largest picture that is read, while it is not known what the
            file holds.
        cpu_s: Seconds of computing time.
        cpu_s_per_mb: More of it for each megabyte of the file.
        hash_s_per_mb: The same, and for silence too, while a file is hashed and probed.
        silence_s: Seconds without a word, after which a worker is taken to hang.
        file_bytes: The largest file that can be written while footage is open. None is written on purpose.
        open_files: Files and pipes that can be open at once.
        losses: After so many lost workers the rest of a video is left for another day.
    """

    memory_bytes: int = 2**30
    memory_per_pixel: int = 128
    memory_per_core: int = 32 * 2**20
    probe_per_pixel: int = 32
    cpu_s: float = 600.0
    cpu_s_per_mb: float = 500.0
    hash_s_per_mb: float = 0.2
    silence_s: float = 300.0
    file_bytes: int = 64 * 2**20
    open_files: int = 512
    losses: int = 3

    def cpu_of(self, task: FoundFile | Span) -> float:
        """Seconds of computing time for a task; what a file claims of its length has no part in it."""
        video = _watched(task)
        if video is not None:
            return self.cpu_s + self.cpu_s_per_mb * video.size_bytes / MB
        assert isinstance(task, FoundFile)
        return self.cpu_s + self.hash_s_per_mb * task.size_bytes / MB

    def silence_of(self, task: FoundFile | Span) -> float:
        """Seconds without a word; a large file on a slow drive takes its time to be hashed."""
        more = self.hash_s_per_mb * task.size_bytes / MB if isinstance(task, FoundFile) else 0.0
        return self.silence_s + more

    def memory_of(self, task: FoundFile | Span, max_pixels: int) -> int:
        """Bytes beyond what the loaded networks take."""
        video = _watched(task)
        if video is None:
            pictures = self.probe_per_pixel * max_pixels
        else:
            pictures = self.memory_per_pixel * video.width * video.height
        return self.memory_bytes + self.memory_per_core * (os.cpu_count() or 1) + pictures

    def file_of(self, task: FoundFile | Span) -> int:
        """Bytes of the largest file that can be written."""
        return self.file_bytes + (task.size_bytes if isinstance(task, Errand) and task.copies else 0)


def _watched(task: FoundFile | Span) -> Video | None:
    """What is known of the video that is watched; None for a file of which nothing is known yet."""
    if isinstance(task, FoundFile):
        return task.video if isinstance(task, Errand) else None
    return task.video


class WorkerError(FootageError):
    """What read a file died, hung, or used up what it may use."""


class TooMuchMemoryError(WorkerError):
    """A file needs more memory than it may take."""


class Confinement:
    """Holds the calling process to limits from now on; to be made once, at the start of a worker.

    Args:
        limits: What each task may use.
        max_pixels: Pixels of the largest picture that is read.
    """

    def __init__(self, limits: Limits, max_pixels: int) -> None:
        self._limits, self._max_pixels = limits, max_pixels
        self._at_rest = 0
        _cap("RLIMIT_CORE", 0)
        _cap("RLIMIT_NOFILE", limits.open_files)
        _renounce_privileges()
        if not _leave_network():
            sys.addaudithook(_refuse_network)
        self.rest()

    def rest(self) -> None:
        """Count what memory is taken now, by networks that were loaded, in no task."""
        self._at_rest = _writable_bytes()

    @contextmanager
    def during(self, task: FoundFile | Span) -> Iterator[None]:
        """Untrusted bytes are open inside.

        Raises:
            TooMuchMemoryError: for whatever a library answers when there is no more memory.
        """
        try:
            self._begin(task)
            yield
        except Exception as error:
            self._end()
            if not isinstance(error, MemoryError) and not any(word in str(error).lower() for word in _OUT_OF_MEMORY):
                raise
            what = "Reading it takes more memory than a file of its kind may take."
            raise TooMuchMemoryError(what, remedy=CONVERT) from error
        self._end()

    def _begin(self, task: FoundFile | Span) -> None:
        if sys.platform == "linux":  # elsewhere the system takes the limit and does not keep to it
            _cap("RLIMIT_DATA", self._at_rest + self._limits.memory_of(task, self._max_pixels))
        if sys.platform != "win32":
            used = resource.getrusage(resource.RUSAGE_SELF)
            _cap("RLIMIT_CPU", int(used.ru_utime + used.ru_stime + self._limits.cpu_of(task)) + 1)
        _cap("RLIMIT_FSIZE", self._limits.file_of(task))

    def _end(self) -> None:
        """Results are sent, and networks loaded, without limits."""
        for name in ("RLIMIT_DATA", "RLIMIT_FSIZE", "RLIMIT_CPU"):
            _cap(name, None)


def _cap(name: str, most: int | None) -> None:
    """Set a limit of this process as far as the system lets it; None: as high as it was at the start."""
    if sys.platform == "win32":
        return
    kind = getattr(resource, name)
    _, hard = resource.getrlimit(kind)
    ceiling = hard if most is None else most if hard == resource.RLIM_INFINITY else min(most, hard)
    with suppress(ValueError, OSError):
        resource.setrlimit(kind, (ceiling, hard))


def _writable_bytes() -> int:
    """Memory of this process that counts for the limit; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def _renounce_privileges() -> None:
    """No program that this process starts can have more rights than it."""
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _leave_network() -> bool:
    """Move to a network of its own with nothing in it, where the system allows it; whether it did.

    Root needs no new user for it, and keeps its right to read everybody's files.
    """
    if sys.platform != "linux":
        return False
    user, group = os.geteuid(), os.getegid()
    libc = _libc()
    if libc.unshare(_CLONE_NEWNET) == 0:
        return True
    if libc.unshare(_CLONE_NEWNET | _CLONE_NEWUSER) != 0:
        return False
    with suppress(OSError):  # without it the process works, too, and is called nobody
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    return True


def _libc() -> Any:
    import ctypes

    return ctypes.CDLL(None, use_errno=True)


def _refuse_network(event: str, _: tuple[object, ...]) -> None:
    """Where the network cannot be left, at least nothing written in Python reaches it."""
    if event in _REACHING_OUT:
        raise PermissionError("A worker has no business on the network.")
