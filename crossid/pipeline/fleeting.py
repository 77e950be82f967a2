"""A folder for an archive that is looked into once and leaves nothing behind."""

from __future__ import annotations

import os
import re
import shutil
import signal
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from crossid.processes import lives

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "crossid-fleeting-"
NAME = re.compile(rf"{PREFIX}(\d+)-.*")


@contextmanager
def fleeting_folder() -> Iterator[Path]:
    """A folder that is deleted when the block is left: done, failed, interrupted, or the terminal closed.

    What a search left behind that was killed outright goes with the next one.
    """
    _sweep(Path(tempfile.gettempdir()))
    before = signal.signal(signal.SIGHUP, _interrupt) if hasattr(signal, "SIGHUP") else None
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    try:
        yield folder / "archive"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if before is not None:
            signal.signal(signal.SIGHUP, before)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _sweep(place: Path) -> None:
    """Delete folders of ours whose process is gone."""
    with suppress(OSError):
        for folder in place.iterdir():
            match = NAME.fullmatch(folder.name)
            if match and not folder.is_symlink() and _is_ours(folder) and not lives(int(match[1])):
                shutil.rmtree(folder, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    with suppress(OSError):
        return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
    return False
