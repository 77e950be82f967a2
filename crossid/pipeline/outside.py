"""Where results may be put: anywhere but into an archive, which holds crossid's own files and no others."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from crossid.archive import DATABASE, SEALED
from crossid.errors import CrossidError, SettingsError
from crossid.exports.files import STDOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEW_FOLDER = "Name a new or empty folder elsewhere."


def check_outside(out: Path, remedy: str) -> None:
    """Raise SettingsError where `out` is an archive, whichever one, or lies in one; stdout (`-`) lies nowhere."""
    if out == STDOUT:
        return
    place = out.resolve()
    names = [folder / name for folder in (place, *place.parents) for name in (DATABASE, SEALED)]
    if any(map(os.path.isfile, names)):  # False, too, where a name is longer than can be
        raise SettingsError(f"{out} lies in an archive, where only crossid's own files belong.", remedy=remedy)


@contextmanager
def new_folder(out: Path) -> Iterator[None]:
    """A folder for what is taken away; where nothing came of it, nothing is left of it.

    Raises:
        CrossidError: it cannot be made.
        SettingsError: it holds something, or lies in an archive.
    """
    check_outside(out, NEW_FOLDER)
    absent = [folder for folder in (out, *out.parents) if not os.path.lexists(folder)]
    try:
        out.mkdir(parents=True, exist_ok=True)
        filled = any(out.iterdir())
    except OSError as error:
        raise CrossidError(f"{out} cannot be used: {error.strerror}.", remedy=NEW_FOLDER) from None
    if filled:
        raise SettingsError(f"{out} holds files already.", remedy=NEW_FOLDER)
    try:
        yield
    finally:
        with suppress(OSError):  # folders that hold something stay
            for folder in absent:
                folder.rmdir()
