"""Files against their records: every file has up to three witnesses, itself, the manifest and the database."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossid.archive import DATABASE, LABEL
from crossid.archive.lock import LOCK
from crossid.archive.manifest import MANIFEST
from crossid.archive.neighbourhood import NEIGHBOURS
from crossid.archive.references import VECTORS
from crossid.archive.verification import Difference, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crossid.archive import PaintedFile
    from crossid.archive.inventory import Entry

UNLISTED = frozenset({MANIFEST, LOCK, VECTORS, NEIGHBOURS, f"{DATABASE}-wal", f"{DATABASE}-shm"})
"""What crossid writes and the manifest does not list."""
SYSTEMS_OWN = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", ".gitkeep"})
"""What systems and version control put into folders unasked: noted, and no difference."""
README = "README.md"
"""May explain at the top of an archive what it is."""
KEY = "sealed.key.age"
SEALING = ".crossid.sealing"
BACKUP = f"{DATABASE}.format-"
OTHERS = stat.S_IRWXG | stat.S_IRWXO
KINDS = {"link": "a symbolic link", "other": "a pipe, socket or device", "folder": "an empty folder", "file": "a file"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the witnesses say.

    `there`: path -> what lies there; `hashes`: path -> hash of each file that could be read;
    `unreadable`: path -> why it could not. `lines`: path -> hash, as the manifest says, None without
    one. `painted`: as the database says, None where it cannot be believed. `cut_short`: a command died
    while it worked, which explains a database that is newer than the manifest. `ahead`: what it had painted or
    removed already, and not noted.
    """

    there: Mapping[str, Entry]
    hashes: Mapping[str, str]
    unreadable: Mapping[str, str]
    lines: Mapping[str, str] | None
    painted: Mapping[str, PaintedFile] | None
    cut_short: bool = False
    ahead: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset({LABEL, DATABASE})

    @property
    def recorded(self) -> set[str]:
        """Paths that should be there."""
        return {*(self.lines or {}), *self._noted, *self.own}

    @property
    def expected(self) -> set[str]:
        """Paths that should be there by now, whatever a manifest says that nobody came to write anew."""
        lines = set(self.lines or {})
        if self.cut_short and self.painted is not None:
            lines = {path for path in lines if path in self.hashes or path in self.painted or path.startswith(BACKUP)}
        return (lines | self._noted | self.own) - self.ahead

    @property
    def _noted(self) -> set[str]:
        return {path for path, file in (self.painted or {}).items() if file.sha256}

    def hash_of(self, path: str) -> str | None:
        """What a file was when it was written: the database knows best of what was painted."""
        file = (self.painted or {}).get(path)
        return (file.sha256 if file else "") or (self.lines or {}).get(path)


def compare_files(evidence: Evidence) -> Iterator[Difference]:
    """Every difference between the files there are and those that were recorded."""
    for path in sorted(evidence.expected):
        yield from _of_file(path, evidence)
    for path in sorted(evidence.there.keys() - evidence.recorded - evidence.ahead - UNLISTED):
        yield from _of_stranger(evidence.there[path], evidence)
    for path in sorted(evidence.there.keys() & UNLISTED):
        if evidence.there[path].kind != "file":
            yield _changed(path, f"it is {KINDS[evidence.there[path].kind]}, not a file", mendable=True)


def compare_manifest(evidence: Evidence) -> Iterator[Difference]:
    """Every line that the manifest has and should not have, or should have and has not.

    It is written last: where a command was cut short it is older than what the database noted since.
    """
    lines, painted = evidence.lines, evidence.painted
    kind: Kind = "outdated" if evidence.cut_short else "changed"
    for path in sorted(evidence.recorded if lines is not None else ()):
        line, file = (lines or {}).get(path), (painted or {}).get(path)
        if line is None:
            yield Difference(kind=kind, path=MANIFEST, what=f"it has no line for {path}", mendable=True)
        elif file is not None and file.sha256 and file.sha256 != line:
            what = f"its line for {path} is not what was recorded"
            yield Difference(kind=kind, path=MANIFEST, what=what, mendable=True)
        elif painted is not None and not file and path not in evidence.own and not path.startswith(BACKUP):
            what = f"it lists {path}, which the database knows nothing of"
            yield Difference(kind=kind, path=MANIFEST, what=what, mendable=True)


def noted(evidence: Evidence, *, open_folder: bool) -> Iterator[str]:
    """What a reader should know, and what is no difference.

    Args:
        evidence: What the witnesses say.
        open_folder: Whether others than its owner can enter the archive's folder.
    """
    for path in sorted(evidence.there.keys() - evidence.recorded):
        if _is_systems_own(evidence.there[path]):
            yield f"{path} is not crossid's."
    exposed = sum(1 for one in evidence.there.values() if one.kind == "file" and one.mode & OTHERS)
    if exposed and open_folder:
        yield f"Others than the owner can read {exposed} file{'s' * (exposed > 1)} of this archive."


def _of_file(path: str, evidence: Evidence) -> Iterator[Difference]:
    entry, recorded = evidence.there.get(path), evidence.hash_of(path)
    mendable = path == LABEL or path in (evidence.painted or {})
    if path in evidence.unreadable:
        yield Difference(kind="unreadable", path=path, what=evidence.unreadable[path], mendable=mendable)
    elif entry is not None and entry.kind != "file":
        yield _changed(path, f"it is {KINDS[entry.kind]}, not a file", mendable=mendable)
    elif path not in evidence.hashes:
        yield Difference(kind="missing", path=path, what="it was written and is not there", mendable=mendable)
    elif recorded is not None and evidence.hashes[path] != recorded and path == DATABASE and evidence.cut_short:
        what = "it holds what was kept after the manifest was written: a command was cut short"
        yield Difference(kind="outdated", path=path, what=what, mendable=True)
    elif recorded is not None and evidence.hashes[path] != recorded:
        yield _changed(path, "its bytes are not those that were written", mendable=mendable)


def _of_stranger(entry: Entry, evidence: Evidence) -> Iterator[Difference]:
    if _is_systems_own(entry):
        return
    if entry.kind == "file" and (is_left_behind(entry.path) or entry.path in (evidence.painted or {})):
        yield Difference(kind="outdated", path=entry.path, what="writing it was cut short", mendable=True)
    elif entry.kind == "closed":
        yield Difference(kind="unreadable", path=entry.path or ".", what="the folder cannot be listed")
    else:
        yield Difference(kind="unexpected", path=entry.path, what=f"{KINDS[entry.kind]} that crossid did not write")


def is_left_behind(path: str) -> bool:
    """Whether a command that was cut short left it; the key of a seal opens nothing without what was sealed."""
    return "/" not in path and (path.startswith(".crossid.") or path == KEY)


def _is_systems_own(entry: Entry) -> bool:
    return entry.kind == "file" and (entry.path == README or entry.path.rpartition("/")[2] in SYSTEMS_OWN)


def _changed(path: str, what: str, *, mendable: bool = False) -> Difference:
    kind: Kind = "changed"
    return Difference(kind=kind, path=path, what=what, mendable=mendable)
