"""Verifies an archive: the files, the manifest, the database and the footage are asked, and compared.

It leaves no trace in the archive, not even of a crash does it tidy anything up. What it cannot
find: a hand that changed all witnesses so that they agree. Against that helps only what lies
elsewhere: a copy of the manifest, a time stamp, a package.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from crossid.archive import DATABASE, EVERYTHING, LABEL, SEALED, STORES, exists
from crossid.archive.comparison import OTHERS, UNLISTED, Evidence, compare_files, compare_manifest, noted
from crossid.archive.database import is_unfinished
from crossid.archive.drift import Drift
from crossid.archive.integrity import OlderFormatError, check_folder
from crossid.archive.inventory import entries, hash_file
from crossid.archive.lock import unwritten
from crossid.archive.manifest import DUE, MANIFEST, read_manifest
from crossid.archive.neighbourhood import NEIGHBOURS
from crossid.archive.originals import Footage, compare_originals
from crossid.archive.references import VECTORS
from crossid.archive.translation import translated
from crossid.archive.verification import Difference, Verification
from crossid.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crossid.archive import ArchiveSettings, Original, PaintedFile, Store
    from crossid.archive.inventory import Entry


def verify_all(
    folder: Path, settings: ArchiveSettings, *, originals: bool, told: Callable[[int, int], None] | None
) -> Verification:
    """See `crossid.archive.trust.verify`."""
    with translated(folder), unwritten(folder):
        if (folder / SEALED).is_file() or not (exists(folder) or (folder / MANIFEST).is_file()):
            check_folder(folder, create=False)
        return _Verifier(folder, told or (lambda _done, _all: None)).verify(settings, originals=originals)


class _Verifier:
    """One look at one archive."""

    def __init__(self, folder: Path, told: Callable[[int, int], None]) -> None:
        self._folder, self._told = folder, told
        self._found: list[Difference] = []
        self._done = self._all = 0
        self._cut_short, self._complete_once = False, True
        self._ahead = frozenset[str]()
        self._notes: list[str] = []

    def verify(self, settings: ArchiveSettings, *, originals: bool) -> Verification:
        """1 list, 2 read the manifest, 3 hash, 4 ask the database, 5 compare, 6 hash the originals."""
        there = {one.path: one for one in entries(self._folder)}
        lines = self._read_manifest(there.get(MANIFEST))
        files = {path: one for path, one in there.items() if one.kind == "file" and path not in UNLISTED}
        self._all = sum(one.size_bytes for one in files.values())
        hashes, unreadable = self._hash(list(files))
        known = lines or {}
        suspect = any(path not in hashes or hashes[path] != known.get(path) for path in (LABEL, DATABASE))
        self._hashes, self._due = hashes, DUE in there
        painted, footage = self._ask(settings, suspect=suspect, originals=originals)
        if MANIFEST not in there:
            self._found.append(self._no_manifest())
        evidence = Evidence(
            there=there,
            hashes=hashes,
            unreadable=unreadable,
            lines=lines,
            painted=painted,
            cut_short=self._cut_short,
            ahead=self._ahead,
        )
        differing = list(compare_files(evidence))
        self._found += [*differing, *compare_manifest(evidence)]
        return Verification(
            files=len(evidence.recorded - {one.path for one in differing}),
            originals=footage.same,
            unreachable=footage.unreachable,
            differences=tuple(sorted({*self._found, *footage.differences}, key=_order)),
            cut_short=self._cut_short,
            notes=(*self._notes, *noted(evidence, open_folder=bool(self._folder.stat().st_mode & OTHERS))),
        )

    def _read_manifest(self, entry: Entry | None) -> dict[str, str] | None:
        if entry is None or entry.kind != "file":  # a link is told of with all others
            return None
        try:
            lines, faults = read_manifest((self._folder / MANIFEST).read_bytes())
        except OSError as error:
            what = error.strerror or str(error)
            self._found.append(Difference(kind="unreadable", path=MANIFEST, what=what, mendable=True))
            return None
        self._found += [Difference(kind="changed", path=MANIFEST, what=one, mendable=True) for one in faults]
        return lines

    def _no_manifest(self) -> Difference:
        """Nothing is missing that no command came to write."""
        if self._cut_short and not self._complete_once:
            what = "it was not written yet: a command was cut short"
            return Difference(kind="outdated", path=MANIFEST, what=what, mendable=True)
        return Difference(kind="missing", path=MANIFEST, what="it was written and is not there", mendable=True)

    def _hash(self, paths: list[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Path -> hash, and path -> why there is none; what vanished meanwhile is in neither."""
        hashes, unreadable = dict[str, str](), dict[str, str]()
        for path in paths:
            try:
                hashes[path] = hash_file(self._folder / path, self._hear)
            except FileNotFoundError:
                continue
            except OSError as error:
                unreadable[path] = error.strerror or str(error)
        return hashes, unreadable

    def _hear(self, count: int) -> None:
        self._done += count
        self._told(self._done, max(self._all, self._done))

    def _ask(
        self, settings: ArchiveSettings, *, suspect: bool, originals: bool
    ) -> tuple[dict[str, PaintedFile] | None, Footage]:
        """What the database says was painted, None if it cannot be believed; and the footage it was made from.

        A database that is what crossid wrote is believed, and an error in reading it is a bug or an
        archive that this program must not judge. One that is not may say anything.
        """
        try:
            check_folder(self._folder, create=False)
            store: Store = STORES.load(settings.store).open(self._folder, untouched=True)
            with closing(store):
                return self._examine(store), self._compare_originals(store.originals() if originals else [])
        except OlderFormatError as error:
            self._notes.append(f"Only files and manifest were compared. {error} {error.remedy}")
            return None, Footage(0, (), ())
        except Exception as error:
            if not suspect:
                raise
            said = str(error) if isinstance(error, ArchiveError) else f"{type(error).__name__}: {error}"
            self._damaged(f"it cannot be made sense of ({said})")
            return None, Footage(0, (), ())

    def _examine(self, store: Store) -> dict[str, PaintedFile] | None:
        faults = store.examine()
        for fault in faults:
            self._damaged(fault)
        if faults:
            return None
        painted = store.painted()
        self._check_vectors(store)
        log, runs, unpainted = is_unfinished(self._folder), store.runs(), store.unpainted()
        self._cut_short = log or self._due or not runs or runs[-1].ended is None or bool(unpainted)
        self._complete_once = sum(one.ended is not None for one in runs) > (self._due or EVERYTHING in unpainted)
        drift = Drift(store, painted)
        self._found += drift.differences()
        if self._cut_short:
            self._ahead = frozenset(drift.ahead(self._hashes))
        if log:
            what = "a command was cut short: it holds what is not in the database yet"
            self._found.append(Difference(kind="outdated", path=f"{DATABASE}-wal", what=what, mendable=True))
        return painted

    def _check_vectors(self, store: Store) -> None:
        """What makes searching quicker is not in the manifest: it comes and goes with whoever searches."""
        wrong = store.check_references() if (self._folder / VECTORS).is_file() else ""
        if wrong:
            self._found.append(Difference(kind="changed", path=VECTORS, what=wrong, mendable=True))
        try:
            store.neighbours()
        except ArchiveError:
            self._found.append(Difference(kind="changed", path=NEIGHBOURS, what="it is damaged", mendable=True))

    def _compare_originals(self, originals: list[Original]) -> Footage:
        self._all += sum(one.size_bytes for one in originals)
        return compare_originals(originals, self._hear)

    def _damaged(self, what: str) -> None:
        self._found.append(Difference(kind="damaged", path=DATABASE, what=what))


def _order(one: Difference) -> tuple[str, str, str]:
    return one.kind, one.path, one.what
