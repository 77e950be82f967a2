"""Nobody but its owner reads an archive, whatever the system would allow."""

import os
import sys
from pathlib import Path

import pytest

from builders import fill
from crossid.archive import ArchiveSettings, open_archive, paint
from crossid.archive.trust import repair, verify


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps rights in another way")
def test_everything_in_an_archive_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = tmp_path / "above" / "archive"
        store = open_archive(folder, ArchiveSettings(), create=True)
        fill(store)
        names = {path.name for path in folder.iterdir()}
        assert "crossid.db-wal" in names
        assert modes(folder) <= {0o700, 0o600}
        paint(store)
        store.close()
        (folder / "reports/coverage.csv").unlink()
        repair(folder, ArchiveSettings(), verify(folder, ArchiveSettings()))
    finally:
        os.umask(before)
    assert modes(folder) == {0o700, 0o600}


def modes(folder: Path) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in [folder, *folder.rglob("*")]}
