"""Where exports go: a file that is there whole or not at all, a pipe, or stdout."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from crossid.errors import CrossidError

if TYPE_CHECKING:
    from collections.abc import Iterator

STDOUT = Path("-")


def write_file(out: Path, data: bytes) -> None:
    """Write all of a file, in a folder that is made if need be; see `opened`.

    Raises:
        CrossidError: the file cannot be written.
    """
    if out != STDOUT:
        with translated(out):
            out.parent.mkdir(parents=True, exist_ok=True)
    with opened(out) as file:
        file.write(data)


@contextmanager
def opened(out: Path) -> Iterator[BinaryIO]:
    """What to write to, `-` for stdout; a pipe or a device is written to and not replaced.

    Raises:
        CrossidError: the file cannot be written.
    """
    if out == STDOUT:
        yield sys.stdout.buffer
        return
    with translated(out), out.open("wb") if _is_special(out) else _replacing(out) as file:
        yield file


@contextmanager
def translated(out: Path) -> Iterator[None]:
    """Raise CrossidError for what a disk answers inside; a closed pipe stays what it is."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CrossidError(
            f"{out} cannot be written: {error.strerror or error}.",
            remedy="Name a file in a folder in which you may write, on a disk with space left.",
        ) from error


def _is_special(out: Path) -> bool:
    return out.exists() and not (out.is_file() or out.is_dir())


@contextmanager
def _replacing(out: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `out` when all of it was written, and is gone when it was not."""
    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    finally:
        with suppress(OSError):
            part.unlink()
