"""One writer at a time: a lock that the system lets go of when its holder dies."""

from __future__ import annotations

import json
import os
import socket
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crossid.errors import ArchiveError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK = "crossid.lock"
LOCKED_BYTE = 1 << 30
"""Windows locks bytes, and nobody can read what is locked: far behind the text about the holder."""


class Lock:
    """Held from the moment it is made until `release`, or until the process ends.

    Args:
        folder: The archive to hold.

    Raises:
        ArchiveError: somebody else holds it.
        OSError: the file cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        # An archive may come from anybody: a link in the lock's place would have us cut off a file elsewhere.
        self._file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            _take(self._file)
            _write(self._file)
        except (BlockingIOError, PermissionError):
            holder = _read(self._file)
            self.release()
            raise _busy(folder, holder) from None
        except OSError:
            self.release()
            raise

    def release(self) -> None:
        """Let go. The file stays: removing it would let two others hold one name each."""
        os.close(self._file)


@contextmanager
def unwritten(folder: Path) -> Iterator[None]:
    """See to it that nobody writes an archive while the block lasts, and leave no trace.

    Raises:
        ArchiveError: somebody does.
    """
    try:
        file = os.open(folder / LOCK, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:  # nobody ever wrote here, or nobody can
        yield
        return
    try:
        try:
            _take(file, shared=True)
        except (BlockingIOError, PermissionError):
            raise _busy(folder, _read(file)) from None
        yield
    finally:
        os.close(file)


def _busy(folder: Path, holder: str) -> ArchiveError:
    return ArchiveError(
        f"Another crossid{holder} is using the archive {folder}.",
        remedy="Wait until it is done, and run the same command again.",
    )


def _take(file: int, *, shared: bool = False) -> None:
    """Lock, or raise at once; the lock belongs to the open file, so it is gone when the file is closed."""
    if sys.platform == "win32":
        os.lseek(file, LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


def _write(file: int) -> None:
    holder = {
        "process": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    os.ftruncate(file, 0)
    os.lseek(file, 0, os.SEEK_SET)
    os.write(file, json.dumps(holder).encode())


def _read(file: int) -> str:
    """Who holds the lock, in brackets; "" in the moment before the holder has written it down."""
    os.lseek(file, 0, os.SEEK_SET)
    try:
        holder = json.loads(os.read(file, 4096))
        return f" (process {holder['process']} on {holder['host']}, since {holder['since']})"
    except (ValueError, KeyError, TypeError):
        return ""
