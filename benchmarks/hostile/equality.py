"""When two archives are equal, as the contract of the archive's layout says."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

APART = {"archive.json", "crossid.db", "crossid.db-wal", "crossid.db-shm", "crossid.lock"}
"""Files that may differ: with runs, and the lines of the manifest that name them."""
SAID = {
    "rulings of runs": 'SELECT video, pts, "left", top, person, verdict, evidence FROM rulings ORDER BY number',
    "who is who": (
        "SELECT t.id, coalesce(p.root, p.number), m.status FROM memberships m JOIN tracks t ON t.key = m.track "
        "LEFT JOIN persons p ON p.number = m.person ORDER BY 1"
    ),
    "ledger": 'SELECT number, kind, "by", at, targets, content, stands FROM acts ORDER BY number',
    "faces": "SELECT t.id, f.id, f.pts FROM faces f JOIN tracks t ON t.key = f.track ORDER BY 1, 3, 2",
}


def picture(archive: Path) -> dict[str, Any]:
    """People, appearances, faces and rulings of an archive: equal archives have equal pictures."""
    files = {path.relative_to(archive).as_posix(): path for path in archive.rglob("*") if path.is_file()}
    shown: dict[str, Any] = {
        name: path.read_bytes() for name, path in files.items() if not _is_apart(name) and "manifest" not in name
    }
    manifest = (archive / "manifest-sha256.txt").read_text(encoding="utf-8").splitlines()
    shown["manifest"] = [line for line in manifest if not _is_apart(line.partition("  ")[2])]
    with closing(sqlite3.connect((archive / "crossid.db").absolute().as_uri() + "?mode=ro", uri=True)) as database:
        shown |= {what: database.execute(sql).fetchall() for what, sql in SAID.items()}
    return shown


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """What is not the same, by name."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def _is_apart(name: str) -> bool:
    return name in APART or name.startswith(("runs/", "crossid.db.format-"))
