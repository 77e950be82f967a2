"""Seals an archive's folder with a passphrase, and opens it: whatever happens, one of the two is whole.

A sealed folder holds `sealed.key.age`, `sealed.tar.age` and a page that says so. As long as
`sealed.tar.age` is there it is the truth: it takes its name when it is complete, was read back and
synced, and only then are the files removed, the database last; when the folder is opened it is
removed last. Where both it and the database are there, one of the two was cut short, and doing
either again finishes it.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from crossid.archive import DATABASE, LABEL, SEALED
from crossid.archive.comparison import KEY, KINDS, SEALING
from crossid.archive.envelopes import check_library, decrypted, encrypt, locked_key, new_key, unlocked_key
from crossid.archive.files import make_folder, replace_file, shred, sync_folder, sync_folders
from crossid.archive.integrity import check_folder
from crossid.archive.inventory import entries, hash_file
from crossid.archive.lock import LOCK, Lock
from crossid.archive.manifest import MANIFEST
from crossid.archive.tarring import TarStream, hashes_in, unpack_tar
from crossid.archive.translation import translated
from crossid.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path
    from typing import BinaryIO

    from crossid.archive.inventory import Entry

    Told = Callable[[int, int], None]

PAGE = "SEALED.txt"
OPENING = ".crossid.opening"
OURS = (LABEL, MANIFEST, "people", "unidentified", "videos", "reports", "runs")
APART = frozenset({LOCK, f"{DATABASE}-shm", SEALED, KEY, PAGE, SEALING})
"""What is not sealed."""
EXPLANATION = """This is an archive of crossid, sealed with a passphrase.

    crossid open --archive DIR

opens it. So does age (age-encryption.org), without crossid:

    age -d -i sealed.key.age sealed.tar.age | tar x

Without the passphrase nobody can, and nobody can find it out.
"""


def seal_folder(folder: Path, passphrase: Callable[[], str], told: Told | None) -> int:
    """See `crossid.archive.trust.seal`."""
    check_library()
    with translated(folder):
        if (folder / SEALED).is_file():
            return _finish(folder)
        check_folder(folder, create=False)
        lock = Lock(folder)
        try:
            return _seal(folder, passphrase, told or (lambda _done, _all: None))
        finally:
            lock.release()


def open_folder(folder: Path, passphrase: Callable[[], str], told: Told | None) -> int:
    """See `crossid.archive.trust.unseal`."""
    check_library()
    with translated(folder):
        if not (folder / SEALED).is_file():
            check_folder(folder, create=False)
            raise ArchiveError(f"The archive {folder} is not sealed.", remedy="It can be used as it is.")
        lock = Lock(folder)
        try:
            return _open(folder, passphrase, told or (lambda _done, _all: None))
        finally:
            lock.release()


def _seal(folder: Path, passphrase: Callable[[], str], told: Told) -> int:
    found = [one for one in entries(folder) if one.path not in APART]
    for one in found:
        if one.kind not in ("file", "folder"):
            kind = KINDS.get(one.kind, "a folder that cannot be read")
            raise ArchiveError(
                f"{one.path} is {kind}, which cannot be sealed.", remedy="Remove it, or see crossid verify --repair."
            )
    paths = [one.path for one in found]
    key = new_key()
    locked = locked_key(key, passphrase())
    part, whole = folder / SEALING, 2 * sum(one.size_bytes for one in found)
    done = 0

    def hear(count: int) -> None:
        nonlocal done
        done += count
        told(done, whole)

    try:
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            encrypt(TarStream(folder, paths, hear), file, key)
            file.flush()
            os.fsync(file.fileno())
        _read_back(folder, part, key, found, hear)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    replace_file(folder, folder / KEY, locked, durable=True)
    part.rename(folder / SEALED)
    sync_folder(folder)
    replace_file(folder, folder / PAGE, EXPLANATION.encode(), durable=True)
    shred(folder, sorted(paths, key=_database_last))
    return sum(one.kind == "file" for one in found)


def _read_back(folder: Path, part: Path, key: object, found: Collection[Entry], hear: Callable[[int], None]) -> None:
    """Nothing is removed before what was sealed was seen to come out as what still lies there."""
    with part.open("rb") as file, decrypted(file, key) as clear:
        sealed = hashes_in(clear)
    there = {one.path: hash_file(folder / one.path, hear) if one.kind == "file" else "" for one in found}
    if sealed != there:
        raise ArchiveError(
            f"The archive {folder} changed while it was sealed; it was left as it is.",
            remedy="Close whatever writes there, and seal it again.",
        )


def _finish(folder: Path) -> int:
    """Remove what a seal or an opening that was cut short left lying open; only what is crossid's by its name."""
    lock = Lock(folder)
    try:
        left = [one.path for one in entries(folder) if _is_ours(one.path)]
        if not left:
            raise ArchiveError(f"The archive {folder} is sealed already.", remedy="Open it: crossid open.")
        shred(folder, sorted(left, key=_database_last))
    finally:
        lock.release()
    return len(left)


def _open(folder: Path, passphrase: Callable[[], str], told: Told) -> int:
    key = unlocked_key((folder / KEY).read_bytes(), passphrase())
    staged = folder / OPENING
    if staged.exists():
        shutil.rmtree(staged)
    make_folder(staged)
    try:
        with (folder / SEALED).open("rb") as file, decrypted(_Heard(file, told), key) as clear:
            count = unpack_tar(clear, staged)
        _move(staged, folder)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    for name in (PAGE, SEALED, KEY):
        (folder / name).unlink(missing_ok=True)
        sync_folder(folder)
    return count


class _Heard:
    """A file that tells how much of it was read."""

    def __init__(self, file: BinaryIO, told: Told) -> None:
        self._file, self._told = file, told
        self._done, self._all = 0, os.fstat(file.fileno()).st_size

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._done += len(data)
        self._told(self._done, self._all)
        return data


def _move(staged: Path, folder: Path) -> None:
    """Bring what was opened to its place, the database last.

    Raises:
        ArchiveError: a file is in the way that is not crossid's.
    """
    found = sorted(entries(staged), key=lambda one: _database_last(one.path))
    for one in found:
        place = folder / one.path
        if not _is_ours(one.path) and place.exists() and one.kind == "file" and not _same(place, staged / one.path):
            raise ArchiveError(f"{place} is in the way.", remedy="Move it elsewhere, and open the archive again.")
    for one in found:
        place = folder / one.path
        make_folder(place if one.kind == "folder" else place.parent)
        if one.kind == "file":
            (staged / one.path).replace(place)
    sync_folders(folder, [one.path for one in found])
    shutil.rmtree(staged)


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and hash_file(one) == hash_file(other)


def _is_ours(path: str) -> bool:
    top = path.partition("/")[0]
    return top in OURS or top == OPENING or (top.startswith("crossid.") and top != LOCK)


def _database_last(path: str) -> tuple[bool, str]:
    """As long as it is there, a folder that was sealed is known to hold something in the clear."""
    return path == DATABASE, path
