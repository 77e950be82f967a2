"""One writer at a time, and any number of readers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from builders import a_video
from crossid.archive.lock import LOCK
from crossid.archive.sqlite import SqliteStore
from crossid.errors import ArchiveError

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import sys
from pathlib import Path
from crossid.archive.sqlite import SqliteStore
store = SqliteStore.open(Path(sys.argv[1]), create=True)
print("held", flush=True)
sys.stdin.read()
"""


def holder(folder: Path) -> subprocess.Popen[bytes]:
    """Another process that writes to an archive until its stdin is closed."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    process.stdout.close()
    return process


def test_a_second_writer_is_told_who_holds_the_archive_and_leaves(tmp_path):
    with holder(tmp_path) as other:
        with pytest.raises(ArchiveError) as caught:
            SqliteStore.open(tmp_path, write=True)
        assert f"process {other.pid} on {socket.gethostname()}, since 20" in str(caught.value)
        assert "Wait" in caught.value.remedy
        other.communicate()
    SqliteStore.open(tmp_path, write=True).close()


def test_two_writers_in_one_process_exclude_each_other_too(tmp_path):
    store = SqliteStore.open(tmp_path, create=True)
    with pytest.raises(ArchiveError, match=f"process {os.getpid()}"):
        SqliteStore.open(tmp_path, write=True)
    store.close()
    SqliteStore.open(tmp_path, write=True).close()


def test_the_lock_of_a_killed_process_is_taken_over(tmp_path):
    with holder(tmp_path) as other:
        other.kill()
    assert (tmp_path / LOCK).exists()
    SqliteStore.open(tmp_path, write=True).close()


def test_a_lock_file_full_of_nonsense_does_not_matter(tmp_path):
    SqliteStore.open(tmp_path, create=True).close()
    (tmp_path / LOCK).write_bytes(b"\xff{nonsense")
    store = SqliteStore.open(tmp_path, write=True)
    (tmp_path / LOCK).write_bytes(b"[]")
    with pytest.raises(ArchiveError, match="Another crossid is using"):
        SqliteStore.open(tmp_path, write=True)
    store.close()


def test_readers_see_what_a_writer_has_kept_while_it_goes_on(tmp_path):
    writer = SqliteStore.open(tmp_path, create=True)
    reader = SqliteStore.open(tmp_path)
    writer.add_video(a_video(), 7, "run-1")
    with writer.atomic():
        writer.add_video(a_video("half.mp4"), 7, "run-1")
        assert [video.name for video in reader.videos()] == [a_video().name]
    assert len(reader.videos()) == 2
    writer.close()
    reader.close()


def test_an_archive_that_cannot_be_opened_is_not_left_locked(tmp_path):
    (tmp_path / "crossid.db").write_bytes(b"not a database" * 100)
    for _ in range(2):
        with pytest.raises(ArchiveError, match="damaged"):
            SqliteStore.open(tmp_path, write=True)
