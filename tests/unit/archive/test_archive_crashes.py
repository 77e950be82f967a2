"""A process that dies at any point leaves an archive that goes on as if nothing had happened."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from manifests import listed, there

from builders import a_membership, a_ruling, a_video, a_watched, an_act, an_appearance, fill
from crossid.archive import DATABASE, paint
from crossid.archive.files import PART
from crossid.archive.painting import paint_all
from crossid.archive.sqlite import SqliteStore

if TYPE_CHECKING:
    from crossid.archive import Store

BUILDERS = Path(__file__).parents[2]

WRITE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from builders import *
from crossid.archive.sqlite import SqliteStore
store = SqliteStore.open(Path(sys.argv[1]), create=True)
for number in range(1000):
    video = a_video(f"{number:03d}.mp4")
    store.add_video(video, 7, "run-1")
    seen = [an_appearance(video, at, at + 1, left=40.0 * at) for at in range(8)]
    store.keep_span(a_watched(video, *seen), 1, "settings-a", "run-1")
    print(number, flush=True)
"""

PAINT = """
import os, sys
from pathlib import Path
from crossid.archive import paint
from crossid.archive.sqlite import SqliteStore
store = SqliteStore.open(Path(sys.argv[1]), write=True)
left = int(sys.argv[2])

def die(event, arguments):
    global left
    if event == "os.rename":
        left -= 1
        if left < 0:
            os._exit(9)

sys.addaudithook(die)
paint(store)
store.close()
"""


def picture(folder: Path) -> dict[str, bytes]:
    """All that people see in an archive."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(("crossid.", "archive.json", "manifest"))
    }


def test_a_writer_that_is_killed_leaves_each_video_whole_or_absent(tmp_path):
    writer = subprocess.Popen([sys.executable, "-c", WRITE, tmp_path, BUILDERS], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    said = [writer.stdout.readline() for _ in range(5)]
    writer.kill()
    writer.communicate()
    store = SqliteStore.open(tmp_path, write=True)
    done = [video for video in store.videos() if store.video_done(video.id)]
    assert len(done) >= len(said)
    assert {store.appearance_count(video.id) for video in done} == {8}
    assert store.appearance_count() == 8 * len(done)
    assert store.database.value("PRAGMA integrity_check") == "ok"
    assert list(store.database.rows("PRAGMA foreign_key_check")) == []
    store.close()


def rename_and_add(store: Store) -> None:
    """Changes after which painting has to rename, write, replace and remove."""
    store.act(an_act("name", "P-000001", name="Jane Doe", source="passport"))
    video = a_video("new.mp4")
    appearance = an_appearance(video, quality=0.99)
    store.add_video(video, 7, "run-2")
    store.keep_span(a_watched(video, appearance), 1, "settings-a", "run-2")
    store.rule([a_ruling(appearance, "P-000001")], [a_membership(appearance, "P-000001")])
    store.alias("P-000002", "P-000001", "run-2")


def painted_twice(folder: Path) -> None:
    """An archive that was painted, and changed since."""
    store = SqliteStore.open(folder, create=True)
    fill(store)
    paint(store)
    rename_and_add(store)
    store.close()


@pytest.mark.parametrize("files", [0, 1, 2, 3, 5, 8, 11])
def test_a_painter_that_dies_before_a_rename_leaves_a_picture_that_the_next_one_mends(tmp_path, files):
    undisturbed, disturbed = tmp_path / "a", tmp_path / "b"
    for folder in (undisturbed, disturbed):
        painted_twice(folder)
    died = subprocess.run([sys.executable, "-c", PAINT, disturbed, str(files)], check=False)
    assert died.returncode == 9
    for folder in (undisturbed, disturbed):
        store = SqliteStore.open(folder, write=True)
        paint(store)
        store.close()
    after = {path: data for path, data in picture(disturbed).items() if not path.startswith("runs/")}
    assert after == {path: data for path, data in picture(undisturbed).items() if not path.startswith("runs/")}
    assert not (disturbed / PART).exists()
    assert listed(disturbed) == there(disturbed)


def test_files_of_a_painting_that_died_are_known_as_crossids_own(tmp_path):
    """They were written but never noted as done; once nobody needs them they go."""
    painted_twice(tmp_path)
    subprocess.run([sys.executable, "-c", PAINT, tmp_path, "8"], check=False)
    store = SqliteStore.open(tmp_path, write=True)
    for video in store.videos():
        store.drop_spans(video.id)
    paint_all(store)
    store.close()
    assert not list((tmp_path / "people").glob("*"))


def test_what_is_deleted_is_gone_from_the_disk(tmp_path):
    store = SqliteStore.open(tmp_path, create=True)
    fill(store)
    portrait = store.portrait(store.log()[0].face)
    store.settle()
    assert portrait in (tmp_path / DATABASE).read_bytes()
    for video in store.videos():
        store.drop_spans(video.id)
    store.close()
    assert portrait[-200:] not in (tmp_path / DATABASE).read_bytes()
    assert not (tmp_path / f"{DATABASE}-wal").exists()
