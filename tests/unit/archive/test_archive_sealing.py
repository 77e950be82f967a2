"""A sealed archive is the same when it is opened, and whenever sealing or opening dies, one of the two is whole."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from builders import fill
from crossid.archive import ArchiveSettings, open_archive, paint, sealing
from crossid.archive.envelopes import decrypted, encrypt, new_key, unlocked_key
from crossid.archive.files import shred
from crossid.archive.lock import Lock
from crossid.archive.tarring import TarStream, hashes_in, unpack_tar
from crossid.archive.trust import repair, seal, unseal, verify
from crossid.errors import ArchiveError, ModelError, SettingsError

PASSPHRASE = "correct horse battery"
STAYS = {"SEALED.txt", "crossid.lock", "sealed.key.age", "sealed.tar.age"}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A painted archive with a note and an empty folder of somebody's own; never changed."""
    folder = tmp_path_factory.mktemp("filled") / "archive"
    store = open_archive(folder, ArchiveSettings(), create=True)
    fill(store)
    paint(store)
    store.close()
    (folder / "people/my notes, très long ‘name’.txt").write_text("mine")
    (folder / "empty").mkdir()
    return folder


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The passphrase locks nothing: its arithmetic takes seconds on purpose and is tested where it is not left out."""
    monkeypatch.setattr(sealing, "locked_key", locked)
    monkeypatch.setattr(sealing, "unlocked_key", unlocked)


def locked(key: object, passphrase: str) -> bytes:
    return f"{passphrase}:{key}".encode()


def unlocked(locked: bytes, passphrase: str) -> object:
    import pyrage

    said, _, key = locked.decode().partition(":")
    assert said == passphrase
    return pyrage.x25519.Identity.from_str(key)


@pytest.fixture
def archive(filled: Path, tmp_path: Path) -> Path:
    return shutil.copytree(filled, tmp_path / "archive")


def asked() -> str:
    return PASSPHRASE


def state(folder: Path) -> dict[str, tuple[bytes, int] | None]:
    apart = {"crossid.lock"}
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns) if path.is_file() else None
        for path in folder.rglob("*")
        if path.name not in apart
    }


def modes(folder: Path) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in folder.rglob("*")}


@pytest.mark.timeout(120)
def test_what_was_sealed_with_a_passphrase_comes_out_as_it_went_in_and_only_with_it(archive):
    before = state(archive)
    assert seal(archive, asked) == sum(one is not None for one in before.values())
    assert {path.name for path in archive.iterdir()} == STAYS
    assert modes(archive) == {0o600}
    everything = b"".join(path.read_bytes() for path in archive.iterdir())
    assert b"P-000001" not in everything
    assert b"person.json" not in everything
    with pytest.raises(SettingsError, match="not the passphrase"):
        unseal(archive, lambda: "another passphrase")
    assert {path.name for path in archive.iterdir()} == STAYS
    unseal(archive, asked)
    assert state(archive) == before
    assert modes(archive) == {0o600, 0o700}


def test_an_opened_archive_is_painted_no_file_anew(archive, quick):
    seal(archive, asked)
    unseal(archive, asked)
    (archive / "people/my notes, très long ‘name’.txt").unlink()
    (archive / "empty").rmdir()
    assert verify(archive, ArchiveSettings()).sound
    times = {path: path.stat().st_mtime_ns for path in archive.rglob("*") if path.suffix in {".jpg", ".db"}}
    store = open_archive(archive, ArchiveSettings(), write=True)
    paint(store)
    store.close()
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_age_opens_it_without_crossid(archive, quick, tmp_path):
    """The stream is age's format and tar's, as the page in the folder says; the key is checked by the first test."""
    import pyrage

    seal(archive, asked)
    key = unlocked((archive / "sealed.key.age").read_bytes(), PASSPHRASE)
    clear = tmp_path / "clear.tar"
    pyrage.decrypt_file(str(archive / "sealed.tar.age"), str(clear), [key])
    names = subprocess.run(["tar", "tf", clear], capture_output=True, check=True, text=True).stdout
    assert "people/P-000001/person.json" in names
    assert "age -d -i sealed.key.age" in (archive / "SEALED.txt").read_text()


@pytest.mark.parametrize("act", [open_archive, verify])
def test_a_sealed_archive_is_recognised_and_never_written_to(archive, quick, act):
    seal(archive, asked)
    with pytest.raises(ArchiveError, match="is sealed") as caught:
        act(archive, ArchiveSettings())
    assert "crossid open" in caught.value.remedy
    with pytest.raises(ArchiveError, match="is sealed"):
        open_archive(archive, ArchiveSettings(), create=True)
    assert {path.name for path in archive.iterdir()} == STAYS
    with pytest.raises(ArchiveError, match="sealed already"):
        seal(archive, asked)


def test_what_is_not_sealed_is_not_opened_and_what_is_no_archive_is_neither(archive, tmp_path):
    with pytest.raises(ArchiveError, match="is not sealed"):
        unseal(archive, asked)
    for act in (seal, unseal):
        with pytest.raises(ArchiveError, match="no archive"):
            act(tmp_path / "nothing", asked)


def test_while_somebody_writes_nothing_is_sealed(archive):
    lock = Lock(archive)
    with pytest.raises(ArchiveError, match="is using"):
        seal(archive, asked)
    lock.release()


@pytest.mark.parametrize("make", [lambda at: at.symlink_to("/etc/passwd"), os.mkfifo])
def test_links_and_pipes_are_not_sealed_and_nothing_is_changed(archive, quick, make):
    make(archive / "people/odd")
    with pytest.raises(ArchiveError, match="cannot be sealed"):
        seal(archive, asked)
    assert (archive / "crossid.db").is_file()
    assert not (archive / "sealed.tar.age").exists()


def test_a_file_of_somebody_else_in_a_sealed_folder_is_kept(archive, quick):
    seal(archive, asked)
    (archive / "people").mkdir()
    (archive / "mine.txt").write_text("mine")
    unseal(archive, asked)
    assert (archive / "mine.txt").read_text() == "mine"
    (archive / "note").write_text("a")
    seal(archive, asked)
    (archive / "note").write_text("b")
    with pytest.raises(ArchiveError, match="is in the way"):
        unseal(archive, asked)
    assert (archive / "note").read_text() == "b"
    (archive / "note").write_text("a")
    unseal(archive, asked)
    assert (archive / "crossid.db").is_file()


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-40], lambda data: data[:500] + b"x" + data[501:], lambda _: b""]
)
def test_a_sealed_file_that_is_damaged_is_not_opened_and_nothing_is_changed(archive, quick, damage):
    seal(archive, asked)
    file = archive / "sealed.tar.age"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ArchiveError, match="damaged"):
        unseal(archive, asked)
    assert {path.name for path in archive.iterdir()} == STAYS


def test_a_file_that_changes_while_it_is_sealed_keeps_everything_open(archive, quick):
    before = state(archive)

    def meddle(done: int, whole: int) -> None:
        if done >= whole // 2:
            (archive / "people/my notes, très long ‘name’.txt").write_text("other")

    with pytest.raises(ArchiveError, match="changed while"):
        seal(archive, asked, meddle)
    assert state(archive).keys() == before.keys()


def test_a_file_that_shrinks_while_it_is_read_is_told(tmp_path):
    (tmp_path / "long").write_bytes(bytes(3 << 20))
    stream = TarStream(tmp_path, ["long"], lambda _: os.truncate(tmp_path / "long", 10))
    with pytest.raises(ArchiveError, match="became shorter"):
        encrypt(stream, io.BytesIO(), new_key())


DYING = """
import os, shutil, sys
from pathlib import Path
sys.path[:0] = ["tests", "tests/unit/archive"]
import hashlib, numpy, pyrage, sqlite3, tarfile
from test_archive_sealing import asked, locked, sealing, seal, unlocked, unseal

act, began, stride = {"seal": seal, "open": unseal}[sys.argv[1]], Path(sys.argv[2]), int(sys.argv[3])
sealing.locked_key, sealing.unlocked_key = locked, unlocked


def run(folder: Path, left: int) -> None:
    def die(event: str, args: tuple[object, ...]) -> None:
        nonlocal left
        opens = event == "open" and str(folder) in str(args[0])
        if opens or event in ("os.rename", "os.remove", "os.rmdir", "os.mkdir"):
            left -= 1
            if left < 0:
                os._exit(9)

    sys.addaudithook(die)
    act(folder, asked)
    os._exit(0)


code, step = 9, 0
while code == 9:
    folder = shutil.copytree(began, began.parent / f"{step}")
    if not (child := os.fork()):
        try:
            run(folder, step)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    step += stride
sys.exit(code)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.parametrize("act", ["seal", "open"])
def test_wherever_it_dies_the_archive_is_whole_and_either_command_finishes(filled, quick, tmp_path, act):
    """Killed before each 25th of its steps on the disk until it gets through: sealed or open, nothing is lost."""
    began, whole = shutil.copytree(filled, tmp_path / "began"), state(filled)
    if act == "open":
        seal(began, asked)
    died = subprocess.run([sys.executable, "-c", DYING, act, began, "25"], capture_output=True, text=True, check=False)
    assert died.returncode == 0, died.stderr
    folders = sorted((path for path in tmp_path.iterdir() if path != began), key=lambda path: int(path.name))
    assert len(folders) > 5
    assert [(folder / "crossid.db").exists() for folder in (folders[0], folders[-1])] == [act == "seal", act == "open"]
    for folder in folders:
        is_sealed = (folder / "sealed.tar.age").exists()
        if is_sealed and int(folder.name) % 2 and (folder / "crossid.db").exists():
            with pytest.raises(ArchiveError, match="cut short"):
                open_archive(folder, ArchiveSettings())
            seal(folder, asked)
            assert not (folder / "crossid.db").exists()
        if is_sealed:
            unseal(folder, asked)
        left = state(folder)
        assert {path: left[path] for path in left if path not in {".crossid.sealing", "sealed.key.age"}} == whole


def test_what_a_seal_that_died_leaves_behind_is_told_of_and_repaired(archive):
    for name in (".crossid.sealing", "sealed.key.age"):
        (archive / name).touch()
    found = verify(archive, ArchiveSettings())
    assert {(one.kind, one.path) for one in found.differences if one.mendable} == {
        ("outdated", ".crossid.sealing"),
        ("outdated", "sealed.key.age"),
    }
    repair(archive, ArchiveSettings(), found)
    assert not any(one.mendable for one in verify(archive, ArchiveSettings()).differences)


def test_a_full_disk_leaves_the_archive_as_it_was(archive, quick, monkeypatch):
    before = state(archive)

    def full(stream: object, to: io.BufferedIOBase, key: object) -> None:
        class Full:
            def write(self, data: bytes) -> int:
                raise OSError(28, "No space left on device")

            def flush(self) -> None:
                """Nothing to do."""

        encrypt(stream, Full(), key)

    monkeypatch.setattr(sealing, "encrypt", full)
    with pytest.raises(ArchiveError, match="disk is full"):
        seal(archive, asked)
    assert state(archive) == before


# parts -------------------------------------------------------------------------------------------


def a_tar(*members: tuple[tarfile.TarInfo, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for info, data in members:
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    out.seek(0)
    return out


def a_member(name: str, **changes: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    for key, value in changes.items():
        setattr(info, key, value)
    return info


@pytest.mark.parametrize(
    "member",
    [
        a_member("../out"),
        a_member("/etc/out"),
        a_member("a/../../out"),
        a_member("a\\b"),
        a_member("link", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        a_member("hard", type=tarfile.LNKTYPE, linkname="/etc/passwd"),
        a_member("pipe", type=tarfile.FIFOTYPE),
        a_member("device", type=tarfile.CHRTYPE),
    ],
    ids=lambda one: one.name,
)
def test_a_tar_of_somebody_else_writes_nowhere_else(tmp_path, member):
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(ArchiveError, match="no archive of crossid"):
        unpack_tar(a_tar((member, b"")), into)
    assert list(tmp_path.iterdir()) == [into]
    assert not [path for path in into.rglob("*") if path.is_file() or path.is_symlink()]


def test_what_is_no_tar_is_told(tmp_path):
    with pytest.raises(ArchiveError, match="no archive of crossid"):
        unpack_tar(io.BytesIO(b"x" * 2000), tmp_path)


def test_a_stream_reads_in_any_portions(archive, tmp_path):
    paths = ["people/P-000001/person.json", "empty"]
    whole = TarStream(archive, paths, lambda _: None).read()
    stream, parts = TarStream(archive, paths, lambda _: None), []
    while part := stream.read(100):
        parts.append(part)
    assert b"".join(parts).startswith(whole)
    assert stream.readable()
    assert unpack_tar(io.BytesIO(b"".join(parts)), tmp_path) == 1


def test_a_key_that_is_none_is_told():
    with pytest.raises(ArchiveError, match="damaged"):
        unlocked_key(b"nonsense", PASSPHRASE)


def test_whoever_stops_reading_early_is_told_their_own_error():
    key, out = new_key(), io.BytesIO()
    encrypt(io.BytesIO(os.urandom(1 << 20)), out, key)
    out.seek(0)
    with pytest.raises(ArchiveError, match="mine"), decrypted(out, key):
        raise ArchiveError("mine")


def test_without_the_library_the_remedy_says_how_to_get_it(archive, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyrage", None)
    for act in (seal, unseal):
        with pytest.raises(ModelError) as caught:
            act(archive, asked)
        assert "crossid[seal]" in caught.value.remedy


def test_a_stream_that_was_cut_off_is_told_even_to_who_has_read_enough():
    key, out = new_key(), io.BytesIO()
    encrypt(io.BytesIO(os.urandom(1 << 20)), out, key)
    with pytest.raises(ArchiveError, match="damaged"), decrypted(io.BytesIO(out.getvalue()[:-10]), key) as clear:
        assert clear.read(1000)


def test_what_is_read_back_and_no_tar_is_told():
    with pytest.raises(ArchiveError, match="no archive of crossid"):
        hashes_in(io.BytesIO(b"x" * 2000))


@pytest.mark.slow
def test_a_passphrase_that_opens_something_else_than_a_key_is_told():
    import pyrage

    with pytest.raises(ArchiveError, match="damaged"):
        unlocked_key(pyrage.passphrase.encrypt(b"no key", PASSPHRASE), PASSPHRASE)


def test_overwriting_follows_no_link_in_the_path(tmp_path):
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "file").write_text("mine")
    (root / "folder").symlink_to(outside)
    (root / "own").write_text("x")
    shred(root, ["folder/file", "own", "gone"])
    assert (outside / "file").read_text() == "mine"
    assert {path.name for path in root.iterdir()} == {"folder"}
