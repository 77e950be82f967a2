"""Disks that are full or cannot be written: one sentence each, and what was kept stays."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from manifests import listed, there

from builders import a_video, a_watched, an_appearance, fill
from crossid.archive import ArchiveSettings, paint
from crossid.archive.sqlite import SqliteStore
from crossid.archive.translation import translated
from crossid.archive.trust import repair, seal, verify
from crossid.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossid.types import Appearance, Video


@pytest.fixture
def read_only(small_disk: Path) -> Callable[[], None]:
    """Makes the small disk one that nobody can write."""

    def turn() -> None:
        subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)

    return turn


def heavy(video: Video, start_s: float) -> Appearance:
    """An appearance whose portraits do not compress."""
    appearance = an_appearance(video, start_s, start_s + 1)
    noise = np.random.default_rng(0).integers(0, 256, 150_000, np.uint8).tobytes()
    return replace(appearance, portraits=tuple(replace(one, jpeg=noise) for one in appearance.portraits))


def test_a_full_disk_says_so_and_loses_nothing_that_was_kept(small_disk):
    store = SqliteStore.open(small_disk / "a", create=True)
    kept = []
    with pytest.raises(ArchiveError) as caught:  # noqa: PT012 -- which video fills the disk is not known
        for number in range(20):
            video = a_video(f"{number}.mp4")
            store.add_video(video, 7, "run-1")
            store.keep_span(a_watched(video, heavy(video, 1.0)), 1, "settings-a", "run-1")
            kept.append(video.name)
    assert "disk is full" in str(caught.value)
    assert "Free some space" in caught.value.remedy
    assert sorted({row.video for row in store.log()}) == sorted(kept)
    store.close()
    again = SqliteStore.open(small_disk / "a")
    assert sorted({row.video for row in again.log()}) == sorted(kept)
    again.close()


def test_an_archive_on_a_disk_that_is_full_already_says_so_when_it_is_opened(small_disk):
    store = SqliteStore.open(small_disk / "a", create=True)
    fill(store)
    store.close()
    with pytest.raises(OSError, match="No space left"):
        (small_disk / "ballast").write_bytes(os.urandom(1 << 20))
    with pytest.raises(ArchiveError, match="disk is full"):
        SqliteStore.open(small_disk / "a", write=True)


def test_a_disk_that_fills_up_while_folders_are_painted_says_so(small_disk):
    store = SqliteStore.open(small_disk / "a", create=True)
    fill(store)
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space left"):
        ballast.write_bytes(os.urandom(1 << 20))
    with pytest.raises(ArchiveError, match="disk is full"):
        paint(store)
    ballast.unlink()
    paint(store)
    store.close()
    assert listed(small_disk / "a") == there(small_disk / "a")


def test_an_archive_on_read_only_media_can_be_read_and_not_written(small_disk, read_only):
    store = SqliteStore.open(small_disk / "a", create=True)
    fill(store)
    before = store.log()
    store.close()
    read_only()
    store = SqliteStore.open(small_disk / "a")
    assert store.log() == before
    store.close()
    with pytest.raises(ArchiveError, match="cannot be written") as caught:
        SqliteStore.open(small_disk / "a", write=True)
    assert "Choose a folder" in caught.value.remedy
    with pytest.raises(ArchiveError, match="cannot be written"):
        SqliteStore.open(small_disk / "b", create=True)


def test_an_archive_on_read_only_media_can_be_verified_and_not_repaired_or_sealed(small_disk, read_only):
    store = SqliteStore.open(small_disk / "a", create=True)
    fill(store)
    paint(store)
    store.close()
    (small_disk / "a/reports/coverage.csv").write_text("x")
    read_only()
    found = verify(small_disk / "a", ArchiveSettings())
    assert [(one.kind, one.path) for one in found.differences] == [("changed", "reports/coverage.csv")]
    for act in (
        lambda: repair(small_disk / "a", ArchiveSettings(), found),
        lambda: seal(small_disk / "a", lambda: "correct horse battery"),
    ):
        with pytest.raises(ArchiveError, match="cannot be written"):
            act()


def test_an_unfinished_archive_on_read_only_media_is_not_read_as_if_it_were_whole(small_disk, read_only, tmp_path):
    store = SqliteStore.open(tmp_path / "a", create=True)
    fill(store)
    shutil.copytree(tmp_path / "a", small_disk / "a", ignore=shutil.ignore_patterns("*-shm"))
    store.close()
    read_only()
    with pytest.raises(ArchiveError, match="in the middle of a scan") as caught:
        SqliteStore.open(small_disk / "a")
    assert "Copy the whole folder" in caught.value.remedy


LIMITED = """
import resource, sys
from pathlib import Path
from crossid.archive import paint
from crossid.archive.sqlite import SqliteStore
from crossid.errors import ArchiveError
store = SqliteStore.open(Path(sys.argv[1]), write=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    paint(store)
except ArchiveError as error:
    print(error)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="this system does not limit the size of files")
def test_a_file_that_may_not_grow_is_a_full_disk_for_any_user(tmp_path):
    store = SqliteStore.open(tmp_path, create=True)
    fill(store)
    paint(store)
    store.close()
    sheet = tmp_path / "people/P-000001/contact-sheet.jpg"
    sheet.unlink()
    said = subprocess.run([sys.executable, "-c", LIMITED, tmp_path], capture_output=True, text=True, check=False)
    assert "The disk is full" in said.stdout, said.stderr
    assert not sheet.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_device_without_space_is_a_full_disk(tmp_path):
    with pytest.raises(ArchiveError, match="disk is full"), translated(tmp_path):
        Path("/dev/full").write_bytes(b"x")


def test_an_error_in_the_program_stays_what_it_is(tmp_path):
    with pytest.raises(sqlite3.ProgrammingError), translated(tmp_path):
        sqlite3.connect(":memory:").execute("SELECT ?", ())
    with pytest.raises(KeyError), translated(tmp_path):
        raise KeyError
