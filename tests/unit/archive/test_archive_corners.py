"""What seldom happens to an archive, and must go well all the same."""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
from base64 import b85decode
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from builders import SPACE, a_run, a_video, a_watched, an_act, fill
from crossid.archive import ArchiveSettings, open_archive, paint, sheets
from crossid.archive.envelopes import unlocked_key
from crossid.archive.inventory import entries
from crossid.archive.label import non_commercial
from crossid.archive.lock import Lock
from crossid.archive.translation import translated
from crossid.archive.trust import repair, verify
from crossid.errors import ArchiveError
from crossid.types import Neighbours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

SETTINGS = ArchiveSettings()
CARD = "people/P-000001/person.json"
MANIFEST = "manifest-sha256.txt"
posix = pytest.mark.skipif(sys.platform == "win32", reason="this system has other rights")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with closing(open_archive(tmp_path / "archive", SETTINGS, create=True)) as store:
        fill(store)
        paint(store)
    return tmp_path / "archive"


@contextmanager
def nobody() -> Iterator[None]:
    """As a user to whom root's rights do not help; whoever is one already stays who they are."""
    was = os.geteuid()
    if not was:
        os.seteuid(65534)
    try:
        yield
    finally:
        if not was:
            os.seteuid(0)


def open_to_all(folder: Path) -> None:
    """Everybody may read it."""
    for place in [folder, *folder.rglob("*"), *folder.parents]:
        wanted = 0o555 if place.is_dir() else 0o444
        if place.stat().st_mode & wanted != wanted:
            place.chmod(place.stat().st_mode | wanted)


@posix
@pytest.mark.parametrize("closed", [CARD, "people/P-000001/faces", MANIFEST])
def test_what_cannot_be_read_is_told_of_by_name(archive: Path, closed: str) -> None:
    verify(archive, SETTINGS)  # what it needs is imported
    open_to_all(archive)
    (archive / closed).chmod(0)
    with nobody():
        found = verify(archive, SETTINGS, originals=False)
    (archive / closed).chmod(0o700)
    assert ("unreadable", closed) in {(one.kind, one.path) for one in found.differences}


def test_a_folder_that_vanishes_while_the_archive_is_listed_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "going").mkdir()
    listing = entries(tmp_path)
    seen = [next(listing)]
    (tmp_path / "going").rmdir()
    assert [one.path for one in [*seen, *listing]] == ["file"]


def test_repair_does_nothing_where_nothing_can_be_derived(archive: Path) -> None:
    (archive / "people/strange").write_text("x")
    assert repair(archive, SETTINGS, verify(archive, SETTINGS)) == ()
    assert (archive / "people/strange").is_file()


def test_neighbours_that_were_damaged_are_told_of_and_go_with_repair(archive: Path) -> None:
    (archive / "crossid.neighbours").write_bytes(b"crossid columns 1\n{}")
    found = verify(archive, SETTINGS)
    assert [(one.kind, one.path) for one in found.differences] == [("changed", "crossid.neighbours")]
    repair(archive, SETTINGS, found)
    assert verify(archive, SETTINGS).sound


def test_vectors_that_cannot_be_set_aside_cost_time_and_leave_no_half(archive: Path) -> None:
    (archive / "crossid.vectors").mkdir()
    with closing(open_archive(archive, SETTINGS)) as store:
        assert len(store.references(SPACE)) == 5
    assert not [path for path in archive.iterdir() if path.name.startswith(".crossid.vectors")]


NO_KEY = (
    b"VP|D6Wo~0~d2n=TZ*DGca%V4gF$yg{Aai4Kd2n<fd09wwMKVlMN<&9MG)ik^ad|j$Z&4sL3QJOBbU|)tWi)AVbzw6%cyUcwV=`}QYink4T1IwI"
    b"Rd{PsW=2RbFLz^O3N0-yAar_hY)MpYT0vt}LPJPzbW$@nFlJ#@WOXl3FJd@hM`&d^VK!lOVr6Gp3T#quRfc__)}qq6C&g^{?>xf+kaB`9q(0{gL"
    b"`^|A2#^F2b5$*OTC6PAz{)wNqna59"
)
"""What age makes of "no key of anybody's" with the passphrase "open", with less work than it does by itself."""


def test_a_key_that_holds_something_else_is_damaged_and_not_a_wrong_passphrase() -> None:
    pytest.importorskip("pyrage", reason="the extra `seal` is not installed")
    with pytest.raises(ArchiveError) as caught:
        unlocked_key(b85decode(NO_KEY), "open")
    assert caught.value.remedy


@posix
def test_a_file_system_that_knows_no_locks_is_no_other_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    before = len(list(Path("/dev/fd").iterdir()))
    with pytest.raises(OSError, match=os.strerror(errno.ENOLCK)):
        Lock(tmp_path)
    assert len(list(Path("/dev/fd").iterdir())) == before, "the file is closed"


def test_an_error_in_a_statement_keeps_its_traceback(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="syntax"), translated(tmp_path):
        sqlite3.connect(":memory:").execute("no statement")


def test_a_name_that_the_systems_encoding_lacks_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="ascii, lacks a character") as caught, translated(tmp_path):
        "Ж".encode("ascii")
    assert "PYTHONUTF8=1" in caught.value.remedy


def test_sheets_are_lettered_where_no_known_font_is_installed(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "FONTS", ("no-such-font.ttf",))
    sheets._font.cache_clear()
    (archive / "people/P-000001/contact-sheet.jpg").unlink()
    with closing(open_archive(archive, SETTINGS, write=True)) as store:
        paint(store)
    sheets._font.cache_clear()
    assert dark_pixels(archive / "people/P-000001/contact-sheet.jpg") > 0


def dark_pixels(sheet: Path) -> int:
    """How many pixels of the lowest rows, where the lettering is, are dark."""
    image = Image.open(sheet).convert("L")
    lowest = image.crop((0, image.height - 30, image.width, image.height))
    return sum(lowest.histogram()[:100])


def test_a_span_in_which_no_picture_could_be_read_is_kept(tmp_path: Path) -> None:
    video = a_video("black.mp4")
    with closing(open_archive(tmp_path / "archive", SETTINGS, create=True)) as store:
        store.begin_run(a_run("run-1"))
        store.add_video(video, 7, "run-1")
        store.keep_span(a_watched(video, decisions=(), read_to_s=0.0), 1, "settings-a", "run-1")
        assert store.video_done(video.id)
        assert [one.looked_at for one in store.coverage()] == [0]
        paint(store)


def test_the_ledger_answers_by_number_too(archive: Path) -> None:
    with closing(open_archive(archive, SETTINGS, write=True)) as store:
        for name in ("Jane", "Janet", "June"):
            store.act(an_act("name", "P-000001", name=name))
        assert [one.number for one in store.ledger(numbers=[3, 1])] == [1, 3]
        assert store.ledger(numbers=[]) == []


def some_neighbours(**changes: NDArray[np.generic]) -> Neighbours:
    """Two appearances, each the other's neighbour."""
    given = {
        "marks": np.array([1, 2], np.uint64),
        "counts": np.array([1, 1]),
        "columns": np.array([1, 0], np.int32),
        "evidence": np.array([5.0, 5.0], np.float32),
    }
    return Neighbours(mark="1", **(given | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(b"something else\n"),
        lambda file: file.write_bytes(file.read_bytes()[:-1]),
        lambda file: file.write_bytes(file.read_bytes()[:-1] + b"!"),
    ],
    ids=["another file", "cut", "another byte"],
)
def test_neighbours_that_are_not_what_was_kept_are_refused(archive: Path, damage: Callable[[Path], object]) -> None:
    with closing(open_archive(archive, SETTINGS, write=True)) as store:
        store.keep_neighbours(some_neighbours())
        assert store.neighbours() is not None
        damage(archive / "crossid.neighbours")
        with pytest.raises(ArchiveError, match="is damaged") as caught:
            store.neighbours()
        assert "the next scan makes it anew" in caught.value.remedy


def test_neighbours_that_lead_nowhere_are_refused_though_every_byte_is_as_written(archive: Path) -> None:
    with closing(open_archive(archive, SETTINGS, write=True)) as store:
        store.keep_neighbours(some_neighbours(columns=np.array([1, 2], np.int32)))
        with pytest.raises(ArchiveError, match="is damaged"):
            store.neighbours()


def test_neighbours_that_cannot_be_kept_cost_time_and_leave_no_half(archive: Path) -> None:
    (archive / "crossid.neighbours").mkdir()
    with closing(open_archive(archive, SETTINGS, write=True)) as store:
        store.keep_neighbours(some_neighbours())
    assert not [path for path in archive.iterdir() if path.name.startswith(".crossid.neighbours")]


def test_models_that_a_company_may_not_use_are_named_once_whatever_runs_used_them(archive: Path) -> None:
    licences = [
        {"model": "free", "commercial": True},
        {"model": "bound", "commercial": False},
        {"model": "own", "commercial": None},
    ]
    with closing(open_archive(archive, SETTINGS, write=True)) as store:
        assert non_commercial(store.runs()) == []
        for number in (2, 3):
            store.begin_run(replace(a_run(f"run-{number}"), settings={"licences": licences}))
        assert non_commercial(store.runs()) == ["bound"]
