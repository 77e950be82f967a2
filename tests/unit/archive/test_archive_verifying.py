"""Verify finds whatever is not as it was recorded, leaves no trace, and repair brings back what can be derived."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import zlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.verify import KINDS, trials
from builders import NOON, SPACE, a_run, a_video, an_act, fill
from crossid.archive import FORMAT_VERSION, ArchiveSettings, open_archive, paint
from crossid.archive import verifying as verifying_module
from crossid.archive.lock import Lock
from crossid.archive.manifest import read_manifest
from crossid.archive.trust import repair, verify
from crossid.errors import ArchiveError, VerifyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossid.archive import Store
    from crossid.archive.verification import Verification

SETTINGS = ArchiveSettings()
MANIFEST = "manifest-sha256.txt"
CARD = "people/P-000001/person.json"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of `builders.fill`, painted once; never changed."""
    folder = tmp_path_factory.mktemp("filled") / "archive"
    with_store(folder, fill)
    return folder


@pytest.fixture
def archive(filled: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(filled, tmp_path / "archive")


def with_store(folder: Path, act: Callable[[Store], object], *, painting: bool = True) -> None:
    store = open_archive(folder, SETTINGS, create=True)
    try:
        act(store)
        if painting:
            paint(store)
    finally:
        store.close()


def found(folder: Path) -> set[tuple[str, str]]:
    return {(one.kind, one.path) for one in verify(folder, SETTINGS, originals=False).differences}


def mended(folder: Path, **told: bool) -> Verification:
    repair(folder, SETTINGS, verify(folder, SETTINGS), **told)
    return verify(folder, SETTINGS)


def picture(folder: Path) -> Path:
    return min(folder.glob("people/P-000001/faces/001_*.jpg"))


def sql(folder: Path, *statements: str) -> None:
    """Change the database behind crossid's back, and let the manifest agree."""
    with sqlite3.connect(folder / "crossid.db") as database:
        for statement in statements:
            database.execute(statement)
    database.close()
    sha256 = hashlib.sha256((folder / "crossid.db").read_bytes()).hexdigest()
    lines = (folder / MANIFEST).read_text().splitlines(keepends=True)
    new = [f"{sha256}  crossid.db\n" if line.endswith("  crossid.db\n") else line for line in lines]
    (folder / MANIFEST).write_text("".join(new))


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


# what is sound -----------------------------------------------------------------------------------


def test_an_archive_as_it_was_written_is_sound(archive):
    seen = verify(archive, SETTINGS)
    assert seen.sound
    assert seen.files == len((archive / MANIFEST).read_text().splitlines())
    assert (seen.originals, len(seen.unreachable)) == (0, 2)
    assert seen.notes == ()


def test_verify_leaves_no_trace(archive):
    before = state(archive)
    verify(archive, SETTINGS)
    assert state(archive) == before


def test_the_manifest_can_be_checked_without_crossid(archive):
    with_store(archive, lambda store: store.act(an_act("name", "P-000001", name="Ünï \u202e$(x)")))
    checked = subprocess.run(["sha256sum", "--strict", "-c", MANIFEST], cwd=archive, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr
    min(archive.glob("people/*/person.json")).write_text("{}")
    checked = subprocess.run(["sha256sum", "--strict", "-c", MANIFEST], cwd=archive, capture_output=True, check=False)
    assert checked.returncode == 1


def test_what_systems_leave_lying_about_is_noted_and_no_difference(archive):
    for path in ("people/.DS_Store", "README.md"):
        (archive / path).write_text("x")
    seen = verify(archive, SETTINGS)
    assert seen.sound
    assert seen.notes == ("README.md is not crossid's.", "people/.DS_Store is not crossid's.")
    (archive / "people/README.md").write_text("x")
    assert found(archive) == {("unexpected", "people/README.md")}


def test_an_archive_that_others_can_read_is_noted(archive):
    (archive / CARD).chmod(0o644)
    assert verify(archive, SETTINGS).notes == ()  # nobody else gets as far as the file
    archive.chmod(0o755)
    assert verify(archive, SETTINGS).notes == ("Others than the owner can read 1 file of this archive.",)


def test_progress_is_told_in_bytes(archive):
    told = []
    verify(archive, SETTINGS, told=lambda done, whole: told.append((done, whole)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


# what is not -------------------------------------------------------------------------------------


def test_whatever_is_done_to_an_archive_is_found_and_named(archive):
    """The short form of `python -m benchmarks verify`, with another seed each time it is changed."""
    missed, made = [], Counter()
    for damage, seen in trials(archive, 64, seed=7):
        made[damage.kind] += 1
        missed += [] if seen else [damage]
    assert not missed
    assert made == dict.fromkeys(KINDS, 16)


def test_a_hash_in_upper_case_is_a_difference(archive):
    manifest = archive / MANIFEST
    lines = manifest.read_text().splitlines(keepends=True)
    manifest.write_text("".join([lines[0][:64].upper() + lines[0][64:], *lines[1:]]))
    assert ("changed", MANIFEST) in found(archive)


@pytest.mark.parametrize(
    "line",
    [
        f"{'0' * 64}  ../outside\n",
        f"{'0' * 64}  a/../../b\n",
        f"{'0' * 64}  /etc/passwd\n",
        f"{'0' * 64} *binary\n",
        f"{'0' * 63}  short\n",
        f"\\{'0' * 64}  a\\nb\n",
        f"{'0' * 64}  unended",
        "\n",
        f"{'0' * 64}  a\x1b[2J\n",
    ],
)
def test_a_line_that_crossid_does_not_write_is_a_fault(line):
    assert read_manifest(line.encode()) == ({}, ["line 1 is not one that crossid wrote"])


def test_lines_that_are_no_text_or_out_of_order_are_faults():
    good = f"{'0' * 64}  b\n".encode()
    assert read_manifest(good + b"0" * 64 + b"  \xff\n") == ({"b": "0" * 64}, ["line 2 is not one that crossid wrote"])
    assert read_manifest(good + good)[1] == ["line 2 is out of order"]
    assert read_manifest(good + good.replace(b"b", b"a"))[1] == ["line 2 is out of order"]


def test_a_manifest_that_was_made_to_fit_a_changed_file_is_found_by_the_database(archive):
    old = hashlib.sha256((archive / CARD).read_bytes()).hexdigest()
    (archive / CARD).write_text("{}")
    text = (archive / MANIFEST).read_text()
    (archive / MANIFEST).write_text(text.replace(old, hashlib.sha256(b"{}").hexdigest()))
    assert found(archive) == {("changed", CARD), ("changed", MANIFEST)}


def test_a_file_slipped_into_folder_and_manifest_is_found(archive):
    (archive / "zz.txt").write_text("x")
    with (archive / MANIFEST).open("a") as manifest:
        manifest.write(f"{hashlib.sha256(b'x').hexdigest()}  zz.txt\n")
    assert found(archive) == {("changed", MANIFEST)}


def test_a_line_taken_out_of_the_manifest_is_missed(archive):
    lines = (archive / MANIFEST).read_text().splitlines(keepends=True)
    (archive / MANIFEST).write_text("".join(line for line in lines if CARD not in line))
    assert found(archive) == {("changed", MANIFEST)}
    assert mended(archive).sound


def test_a_manifest_that_is_gone_is_missing_and_the_database_stands_in_for_it(archive):
    (archive / MANIFEST).unlink()
    (archive / CARD).write_text("{}")
    assert found(archive) == {("missing", MANIFEST), ("changed", CARD)}
    assert mended(archive).sound


def test_links_are_told_of_and_never_followed(archive, tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "note.txt").write_text("x")
    (archive / "people/elsewhere").symlink_to(secret)
    shutil.copy(archive / CARD, secret / "same")
    (archive / CARD).unlink()
    (archive / CARD).symlink_to(secret / "same")
    assert found(archive) == {("unexpected", "people/elsewhere"), ("changed", CARD)}


def test_pipes_are_told_of_and_never_opened(archive):
    for path in (CARD, "people/pipe", MANIFEST):
        (archive / path).unlink(missing_ok=True)
        os.mkfifo(archive / path)
    assert found(archive) == {("changed", CARD), ("unexpected", "people/pipe"), ("changed", MANIFEST)}
    (archive / "people/pipe").unlink()
    assert mended(archive).sound


@pytest.mark.parametrize("path", ["archive.json", "crossid.db"])
def test_a_pipe_in_the_place_of_label_or_database_is_not_waited_for(archive, path):
    (archive / path).unlink()
    os.mkfifo(archive / path)
    assert ("changed", path) in found(archive)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may look over its own shoulder")
def test_what_cannot_be_read_is_told_of(archive):
    closed = archive / "people/P-000001/faces"
    code = (
        "import os, sys\n"
        "from pathlib import Path; from crossid.archive import ArchiveSettings\n"
        "from crossid.archive.trust import verify\n"
        "verify(Path(sys.argv[1]), ArchiveSettings()); os.setuid(65534)\n"
        "for one in verify(Path(sys.argv[1]), ArchiveSettings()).differences: print(one.kind, one.path)"
    )
    for place in (archive, *archive.rglob("*")):
        place.chmod(0o755 if place.is_dir() else 0o644)
    for place in archive.parents:
        if place.stat().st_mode & 0o755 != 0o755:
            place.chmod(0o755)
    closed.chmod(0o700)
    (archive / CARD).chmod(0o600)
    (archive / MANIFEST).chmod(0o600)
    said = subprocess.run([sys.executable, "-c", code, archive], capture_output=True, text=True, check=True).stdout
    lines = set(said.splitlines())
    assert {f"unreadable {CARD}", "unreadable people/P-000001/faces", f"unreadable {MANIFEST}"} <= lines
    assert any(line.startswith("missing people/P-000001/faces/") for line in lines)


def test_a_file_that_vanishes_meanwhile_is_missing(archive, monkeypatch):
    real = verifying_module.hash_file

    def vanishing(file: Path, told: Callable[[int], None]) -> str:
        if file.name == "person.json":
            file.unlink(missing_ok=True)
        return real(file, told)

    monkeypatch.setattr(verifying_module, "hash_file", vanishing)
    assert ("missing", CARD) in found(archive)


# the database ------------------------------------------------------------------------------------


def test_a_database_that_is_none_is_damaged_and_nothing_is_painted_from_it(archive):
    (archive / "crossid.db").write_bytes(b"not a database at all" * 100)
    assert {("damaged", "crossid.db"), ("changed", "crossid.db")} <= found(archive)
    with pytest.raises(VerifyError, match="nothing can be painted") as caught:
        mended(archive)
    assert "from a copy" in caught.value.remedy


def test_a_database_that_is_gone_is_missing(archive):
    (archive / "crossid.db").unlink()
    assert {("missing", "crossid.db"), ("damaged", "crossid.db")} <= found(archive)
    with pytest.raises(VerifyError):
        mended(archive)


def test_an_archive_of_a_newer_version_is_not_judged(archive):
    label = archive / "archive.json"
    old, new = label.read_bytes(), label.read_bytes().replace(b'"format_version": ', b'"format_version": 9')
    label.write_bytes(new)
    assert ("changed", "archive.json") in found(archive)  # the manifest knows better
    text = (archive / MANIFEST).read_text()
    (archive / MANIFEST).write_text(text.replace(*(hashlib.sha256(one).hexdigest() for one in (old, new))))
    with pytest.raises(ArchiveError, match="newer"):
        verify(archive, SETTINGS)


def test_of_an_older_archive_files_and_manifest_are_compared_and_it_is_left_as_it_is(archive):
    sql(archive, f"PRAGMA user_version = {FORMAT_VERSION - 1}")
    before = state(archive)
    seen = verify(archive, SETTINGS)
    assert (seen.sound, seen.files) == (True, len((archive / MANIFEST).read_text().splitlines()))
    (note,) = seen.notes
    assert note.startswith("Only files and manifest were compared. ")
    assert "scanning into it" in note
    assert state(archive) == before
    (archive / CARD).write_text("{}")
    assert found(archive) == {("changed", CARD)}


@pytest.mark.parametrize("folder", ["nothing here", "file"])
def test_where_there_is_no_archive_there_is_one_sentence(tmp_path, folder):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ArchiveError):
        verify(tmp_path / folder, SETTINGS)


def test_while_somebody_writes_nothing_is_judged(archive):
    lock = Lock(archive)
    with pytest.raises(ArchiveError, match="is using"):
        verify(archive, SETTINGS)
    lock.release()
    assert verify(archive, SETTINGS).sound


def test_an_archive_that_nobody_ever_locked_can_be_verified(archive):
    (archive / "crossid.lock").unlink()
    assert verify(archive, SETTINGS).sound


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE persons SET alias_of = 3 - number", "alias of itself"),
        ("DELETE FROM faces WHERE pts = (SELECT max(pts) FROM faces)", "should have"),
        ("UPDATE tracks SET best_pts = -1", "lost its best face"),
        ("UPDATE tracks SET end_s = end_s + 0.01", "another time"),
        ("UPDATE crops SET portrait = x'00'", "picture of face"),
        ("UPDATE crops SET face = 'f' || face", "picture of face"),
        ("UPDATE embeddings SET vector = x'00'", "not of 4 dimensions"),
        ("UPDATE embeddings SET vector = zeroblob(16)", "is none"),
        ("UPDATE decisions SET packed = x'00'", "are damaged"),
        (
            "REPLACE INTO prints SELECT video, number, x'00' FROM spans",
            "the prints of stretch",
        ),
        ("UPDATE spans SET pictures = pictures + 1", "are damaged"),
        ("UPDATE memberships SET person = 77", "refers to a row of persons"),
        ("UPDATE crops SET portrait = CAST(portrait || x'00' AS BLOB)", "was made from something else"),
    ],
)
def test_tables_that_do_not_agree_are_told_of_even_if_the_manifest_does(archive, statement, said):
    sql(archive, "DROP TRIGGER rulings_are_never_changed", statement)
    differences = verify(archive, SETTINGS).differences
    assert {one.path for one in differences if one.kind == "damaged"} == {"crossid.db"}
    assert any(said in one.what for one in differences), differences
    with pytest.raises(VerifyError):
        repair(archive, SETTINGS, verify(archive, SETTINGS))


def test_an_index_that_lies_is_told_of(archive):
    sql(archive, "PRAGMA writable_schema = ON", "UPDATE sqlite_master SET rootpage = 3 WHERE name = 'crops_of_track'")
    assert ("damaged", "crossid.db") in found(archive)


def test_an_error_in_the_program_is_not_laid_on_a_sound_archive(archive, monkeypatch):
    monkeypatch.setattr(verifying_module, "Drift", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        verify(archive, SETTINGS)


def swapped(was: bytes) -> bytes:
    """Two people in each other's place."""
    one, other = (person.encode().ljust(16, b"\0") for person in ("P-000001", "P-000002"))
    assert one + other in was
    return was.replace(one + other, other + one)


def resealed(was: bytes) -> bytes:
    """A file of columns whose checksum holds again."""
    magic, _, rest = was.split(b"\n", 2)
    return b"%s\n%08x\n%s" % (magic, zlib.crc32(rest), rest)


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (lambda was: was[:-1] + bytes([was[-1] ^ 1]), "damaged"),
        (lambda was: was[:100], "damaged"),
        (lambda _: b"other", "damaged"),
        (swapped, "damaged"),
        (lambda was: resealed(swapped(was)), "not what the database says"),
    ],
)
def test_vectors_that_were_set_aside_are_compared_with_the_database(archive, damage, what):
    with_store(archive, lambda store: store.references(SPACE), painting=False)
    vectors = archive / "crossid.vectors"
    assert verify(archive, SETTINGS).sound
    vectors.write_bytes(damage(vectors.read_bytes()))
    (difference,) = verify(archive, SETTINGS).differences
    assert (difference.kind, difference.path, what in difference.what) == ("changed", "crossid.vectors", True)
    assert mended(archive).sound
    assert not vectors.exists()


def test_vectors_of_another_time_are_nobodys_trouble(archive):
    with_store(archive, lambda store: store.references(SPACE), painting=False)
    os.utime(archive / "crossid.db")
    assert verify(archive, SETTINGS).sound


# folders against database ------------------------------------------------------------------------


def test_folders_that_are_behind_the_database_are_outdated_and_repaired(archive):
    with_store(archive, lambda store: store.act(an_act("name", "P-000001", name="Jane")), painting=False)
    sql(archive)
    kinds = Counter(kind for kind, _ in found(archive))
    assert kinds.keys() == {"outdated"}
    assert mended(archive).sound
    assert (archive / "people/P-000001 Jane/person.json").is_file()


def test_a_scan_that_was_cut_short_explains_a_newer_database(archive):
    with_store(archive, lambda store: store.begin_run(a_run("run-2", started=NOON.replace(year=2025))), painting=False)
    assert ("outdated", "crossid.db") in found(archive)
    assert mended(archive).sound


def test_a_log_that_a_crash_left_behind_is_told_of_left_alone_and_repaired(archive, tmp_path):
    store = open_archive(archive, SETTINGS, write=True)
    store.new_person_ids(1, "run-2")
    crashed = tmp_path / "crashed"
    shutil.copytree(archive, crashed, ignore=shutil.ignore_patterns("*-shm"))
    store.close()
    wal = (crashed / "crossid.db-wal").read_bytes()
    assert ("outdated", "crossid.db-wal") in found(crashed)
    assert (crashed / "crossid.db-wal").read_bytes() == wal
    assert mended(crashed).sound


def test_a_database_that_changed_without_reason_is_only_trusted_when_told_so(archive):
    with_store(archive, lambda store: store.new_person_ids(1, "run-2"), painting=False)
    assert found(archive) == {("changed", "crossid.db")}
    with pytest.raises(VerifyError, match="no command that was cut short") as caught:
        mended(archive)
    assert "--trust-database" in caught.value.remedy
    assert mended(archive, trust_database=True).sound


# repair ------------------------------------------------------------------------------------------


def test_repair_brings_back_every_picture_table_and_label(archive):
    apart = {"crossid.lock", "crossid.db", MANIFEST}  # times of files are noted in the database
    before = {path: path.read_bytes() for path in archive.rglob("*") if path.is_file() and path.name not in apart}
    kept = picture(archive).stat()
    picture(archive).write_bytes(bytes([picture(archive).read_bytes()[0] ^ 1]) + picture(archive).read_bytes()[1:])
    os.utime(picture(archive), ns=(kept.st_atime_ns, kept.st_mtime_ns))  # size and time say that nobody was there
    shutil.rmtree(archive / "people/P-000002")
    (archive / "archive.json").write_text("{}")
    (archive / "reports/coverage.csv").write_text("x")
    (archive / ".crossid.part").write_text("half")
    assert mended(archive).sound
    assert {path: path.read_bytes() for path in before} == before
    assert not (archive / ".crossid.part").exists()


def test_repair_says_what_it_cannot_bring_back_and_leaves_it(archive):
    (archive / "people/mine.txt").write_text("x")
    (archive / CARD).write_text("{}")
    seen = mended(archive)
    assert [(one.kind, one.path, one.mendable) for one in seen.differences] == [
        ("unexpected", "people/mine.txt", False)
    ]
    assert (archive / "people/mine.txt").read_text() == "x"
    assert repair(archive, SETTINGS, seen) == ()


def test_repair_removes_links_that_lead_out_and_touches_nothing_there(archive, tmp_path):
    outside = tmp_path / "outside"
    shutil.move(archive / "people/P-000001", outside)
    before = state(outside)
    (archive / "people/P-000001").symlink_to(outside)
    (archive / "videos").rename(tmp_path / "videos")
    (archive / "videos").symlink_to(tmp_path / "videos")
    (archive / "crossid.lock").unlink()
    (archive / "crossid.lock").symlink_to(outside / "person.json")
    assert mended(archive).sound
    assert state(outside) == before
    assert not (archive / "people/P-000001").is_symlink()
    assert not (archive / "crossid.lock").is_symlink()


def test_a_folder_in_the_place_of_a_file_is_removed_if_empty_and_else_named(archive):
    (archive / CARD).unlink()
    (archive / CARD).mkdir()
    assert mended(archive).sound
    (archive / CARD).unlink()
    (archive / CARD).mkdir()
    (archive / CARD / "mine").write_text("x")
    with pytest.raises(VerifyError, match="should be a file") as caught:
        mended(archive)
    assert "Move it away" in caught.value.remedy


def test_folders_edited_into_nonsense_are_repaired(archive):
    (archive / "people/P-000001").rename(archive / "people/P-000002 Somebody else")
    (archive / "videos").rename(archive / "people/videos")
    left = {one.kind for one in mended(archive).differences}
    assert left == {"unexpected"}


# originals ---------------------------------------------------------------------------------------


def test_originals_are_hashed_where_they_can_be_reached(tmp_path):
    def add(store: Store) -> None:
        for name in ("same", "other", "grown", "gone", "folder"):
            file = tmp_path / name
            file.write_bytes(name.encode())
            video = a_video(name, path=file, id=hashlib.sha256(name.encode()).hexdigest(), size_bytes=len(name))
            store.add_video(video, 7, "run-1")

    with_store(tmp_path / "archive", add)
    (tmp_path / "other").write_bytes(b"OTHER")
    (tmp_path / "grown").write_bytes(b"grown a bit")
    (tmp_path / "gone").unlink()
    (tmp_path / "folder").unlink()
    (tmp_path / "folder").mkdir()
    seen = verify(tmp_path / "archive", SETTINGS)
    assert seen.originals == 1
    assert seen.unreachable == (str(tmp_path / "gone"),)
    assert {(one.path, one.what) for one in seen.differences} == {
        (str(tmp_path / "other"), "its bytes are not those watched"),
        (str(tmp_path / "grown"), "it had 5 bytes and has 11"),
        (str(tmp_path / "folder"), "it is no file any more"),
    }
    assert verify(tmp_path / "archive", SETTINGS, originals=False).sound


def test_a_ruling_that_was_not_painted_any_more_explains_a_newer_database(archive):
    with_store(archive, lambda store: store.act(an_act("name", "P-000002", name="Jane")), painting=False)
    assert ("outdated", "crossid.db") in found(archive)
    assert mended(archive).sound


def test_painting_follows_no_link_out_of_the_archive(archive, tmp_path):
    outside = tmp_path / "outside"
    shutil.move(archive / "people", outside)
    (archive / "people").symlink_to(outside)
    before = state(outside)
    card = outside / "P-000002/person.json"
    card.unlink()
    with pytest.raises(ArchiveError, match="leads out of the archive") as caught:
        with_store(archive, paint, painting=False)
    assert "--repair" in caught.value.remedy
    assert not card.exists()
    assert {path: was for path, was in before.items() if Path(path) != card} == state(outside)
