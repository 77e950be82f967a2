"""Where exports go: a file that is there whole or not at all, a pipe, or stdout."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from crossid.errors import CrossidError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

STDOUT = Path("-")
NAME_BYTES = 200
ALIKE_BYTES = 10
"""All files of one kind that crossid writes begin with the same bytes, so many at least."""
ANOTHER = "Name another file, or remove that one yourself."
HEAD_BYTES = 65536
"""Bytes at the beginning of a file by which it is told whether it holds text."""


def write_file(out: Path, data: bytes) -> None:
    """Write all of a file; see `opened`.

    Raises:
        CrossidError: the file cannot be written.
    """
    with opened(out, data[:ALIKE_BYTES]) as file:
        file.write(data)


@contextmanager
def opened(out: Path, begins: bytes = b"") -> Iterator[BinaryIO]:
    """What to write to, `-` for stdout; a pipe or a device is written to and not replaced.

    Folders that are missing on the way to it are made.

    Args:
        out: Where to.
        begins: How what will be written begins: a file that begins otherwise is somebody else's, and stays.

    Raises:
        CrossidError: the file cannot be written.
        SettingsError: there is another file.
    """
    if out == STDOUT:
        yield sys.stdout.buffer
        return
    with translated(out):
        out.parent.mkdir(parents=True, exist_ok=True)
    check_free(out, begins)
    with translated(out), out.open("wb") if _is_special(out) else _replacing(out) as file:
        yield file


def check_free(out: Path, begins: bytes = b"") -> None:
    """Raise SettingsError where `out` is no file's name, or a file that is not replaced: footage, or another text."""
    with translated(out):
        if not out.name or out.is_dir():
            raise SettingsError(f"'{out}' cannot be written: it is a folder.", remedy="Name a file.")
        if out.is_file() and b"\0" in _head(out):
            raise SettingsError(
                f"{out} is there, and is no text: it may be footage, and is not replaced.",
                remedy=ANOTHER,
            )
        if begins and out.is_file() and not _head(out).startswith(begins) and _head(out):
            raise SettingsError(f"{out} is there, and crossid did not write it: it is not replaced.", remedy=ANOTHER)


def _head(out: Path) -> bytes:
    with out.open("rb") as file:
        return file.read(HEAD_BYTES)


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


def _shortened(name: str) -> str:
    """A name to which something can be added: file systems take no more than 255 bytes."""
    return os.fsdecode(os.fsencode(name)[:NAME_BYTES]) if os.name != "nt" else name[:NAME_BYTES]


@contextmanager
def _replacing(out: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `out` when all of it was written, and is gone when it was not."""
    with no_part_left(out):
        part = _part(out)
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)


@contextmanager
def no_part_left(out: Path) -> Iterator[Path]:
    """Whatever becomes of who writes `out` inside, in this process or in another, no half of it stays."""
    try:
        yield out
    finally:
        with suppress(OSError):
            _part(out).unlink()


def _part(out: Path) -> Path:
    return out.with_name(f".{_shortened(out.name)}.part")
