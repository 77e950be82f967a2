"""Mends an archive after `verify`: what is a picture of the database is painted again, the rest is left alone."""

from __future__ import annotations

from contextlib import closing
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from crossid.archive import DATABASE, STORES, PaintedFile, paint
from crossid.archive.comparison import is_left_behind
from crossid.archive.neighbourhood import NEIGHBOURS
from crossid.archive.translation import translated
from crossid.errors import VerifyError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crossid.archive import ArchiveSettings, Store
    from crossid.archive.verification import Verification


def mend(folder: Path, settings: ArchiveSettings, found: Verification, *, trust_database: bool) -> tuple[str, ...]:
    """See `crossid.archive.trust.repair`."""
    mendable = tuple(dict.fromkeys(one.path for one in found.differences if one.mendable))
    _check_database(found, trust_database=trust_database)
    if not mendable and not trust_database:
        return ()
    with translated(folder):
        _remove_impostors(folder, mendable)
        store: Store = STORES.load(settings.store).open(folder, write=True)
        with closing(store):
            # What stands in the file's place is looked at again, even if its size and time say that nobody touched it.
            known = store.painted()
            store.record_painted([PaintedFile(path=path) for path in mendable if path in known])
            if NEIGHBOURS in mendable:
                store.forget_neighbours()
            paint(store)
    return (*mendable, *([DATABASE] if trust_database and DATABASE not in mendable else []))


def _check_database(found: Verification, *, trust_database: bool) -> None:
    """The picture is only as true as what it is painted from.

    Raises:
        VerifyError: the database is damaged, gone, or was changed by nobody knows whom.
    """
    of_database = [one for one in found.differences if one.path == DATABASE and not one.mendable]
    if any(one.kind != "changed" for one in of_database):
        raise VerifyError(
            f"The database is no longer what crossid wrote, {of_database[0].what}: nothing can be painted from it.",
            remedy=f"Bring back {DATABASE} from a copy of the archive, then verify it again.",
        )
    if of_database and not trust_database:
        raise VerifyError(
            "The database was changed after the manifest was written, and no command that was cut short explains it.",
            remedy=f"Bring back {DATABASE} from a copy of the archive. If you know what changed it, and it may stay, "
            "add --trust-database.",
        )


def _remove_impostors(folder: Path, paths: Iterable[str]) -> None:
    """Take away links and pipes that stand where a file should be, and links that stand where a folder should be.

    A link itself is removed, never what it leads to: else painting would follow it out of the archive.

    Raises:
        VerifyError: a folder stands where a file should be, and somebody's files are in it.
    """
    for path in paths:
        for place in [*reversed(PurePosixPath(path).parents[:-1]), PurePosixPath(path)]:
            here = folder / place
            if here.is_symlink() or (here.exists() and not here.is_file() and not here.is_dir()):
                here.unlink()
        if (folder / path).is_dir():
            _remove_folder(folder / path)
        if is_left_behind(path):
            (folder / path).unlink(missing_ok=True)


def _remove_folder(place: Path) -> None:
    if any(place.iterdir()):
        raise VerifyError(
            f"{place} is a folder with files in it, and should be a file.", remedy="Move it away, then repair again."
        )
    place.rmdir()
