"""`crossid export bagit`: a package that others can check, whole or not at all, and nothing sent unless asked."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from authority import Authority, authority, sign
from builders import a_membership, a_run, a_video, a_watched, an_appearance
from crossid.archive import ArchiveSettings, open_archive, paint
from crossid.cli import app
from crossid.exports import bags


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with footage (one video twice, one gone) and the archive of it; never changed."""
    root = tmp_path_factory.mktemp("made")
    store = open_archive(root / "archive", ArchiveSettings(), create=True)
    store.begin_run(a_run())
    for name, content in (("day/a.mp4", b"a"), ("day/copy of a.mp4", b"a"), ("../=b.MP4", b"b"), ("gone.mp4", b"gone")):
        file = root / name.replace("..", "up")
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        video = a_video(name, path=file, id=sha256, size_bytes=len(content))
        store.add_video(video, 7, "run-1")
        if "copy" not in name:
            seen = an_appearance(video)
            store.keep_span(a_watched(video, seen), 1, "s", "run-1")
            (person,) = store.new_person_ids(1, "run-1")
            store.rule([], [a_membership(seen, person)])
    paint(store)
    store.close()
    (root / "gone.mp4").unlink()
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "root")


@pytest.fixture
def tsa(tmp_path: Path) -> Iterator[Authority]:
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to sign with")
    folder = tmp_path / "tsa"
    folder.mkdir()
    with authority(folder) as server:
        yield server


def bagged(root: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["export", "bagit", str(root / "bag"), "--archive", str(root / "archive"), *words])


def is_valid(bag: Path) -> bool:
    command = [sys.executable, "-m", "bagit", "--validate", "--quiet", bag]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def left(root: Path) -> list[str]:
    return [path.name for path in root.iterdir() if "bag" in path.name]


def test_a_bag_is_valid_by_the_library_of_congress_own_tool(root: Path) -> None:
    answer = bagged(root)
    assert answer.exit_code == 0, answer.stderr
    assert is_valid(root / "bag")
    listed = (root / "archive/manifest-sha256.txt").read_text().splitlines()
    packed = {path.relative_to(root / "bag/data/archive") for path in (root / "bag/data/archive").rglob("*.*")}
    assert {Path(line[66:]) for line in listed} <= packed
    assert not (root / "bag/data/originals").exists()
    card = root / "bag/data/archive/people/P-000001/person.json"
    card.write_text("{}")
    assert not is_valid(root / "bag")


def test_what_is_packed_verifies_as_an_archive(root: Path) -> None:
    bagged(root)
    checked = CliRunner().invoke(app, ["verify", "--archive", str(root / "bag/data/archive")])
    assert checked.exit_code == 0, checked.stdout
    command = ["sha256sum", "--strict", "--quiet", "-c", "manifest-sha256.txt"]
    subprocess.run(command, cwd=root / "bag/data/archive", check=True)


def test_nobody_else_can_read_a_bag(root: Path) -> None:
    bagged(root)
    modes = {path.stat().st_mode & 0o777 for path in [root / "bag", *(root / "bag").rglob("*")]}
    assert modes == {0o700, 0o600}


def test_footage_is_packed_once_and_what_is_gone_is_listed_with_exit_6(root: Path) -> None:
    answer = bagged(root, "--originals", "--json")
    assert answer.exit_code == 6
    names = {path.name for path in (root / "bag/data/originals").iterdir()}
    assert names == {"a_ca978112.mp4", "=b_3e23e816.MP4"}
    assert is_valid(root / "bag")
    assert [Path(path).name for path in json.loads(answer.stdout)["unreachable"]] == ["gone.mp4"]
    assert "not packed" in answer.stderr


def test_an_archive_that_does_not_verify_is_not_packed(root: Path) -> None:
    (root / "archive/people/P-000001/person.json").write_text("{}")
    answer = bagged(root)
    assert (answer.exit_code, left(root)) == (7, [])
    assert "crossid verify" in answer.stderr


def test_a_file_that_changes_while_it_is_copied_leaves_no_bag(root: Path, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    with pytest.raises(bags.CrossidError, match="changed while"):
        bags.write_bag([bags.Content("x", tmp_path / "x", "0" * 64)], root / "bag", {})
    assert left(root) == []


@pytest.mark.parametrize("place", ["there", "archive/bag"])
def test_a_bag_goes_where_nothing_is_yet_and_not_into_the_archive(root: Path, place: str) -> None:
    (root / "there").mkdir()
    words = ["export", "bagit", str(root / place), "--archive", str(root / "archive")]
    answer = CliRunner().invoke(app, words)
    assert answer.exit_code == 2, answer.stderr
    assert not list((root / "there").iterdir())


def test_a_name_that_bagit_cannot_hold_is_named(root: Path, tmp_path: Path) -> None:
    (tmp_path / "a%0Ab").write_text("x")
    with pytest.raises(bags.CrossidError, match="No valid bag"):
        bags.write_bag([bags.Content("a%0Ab", tmp_path / "a%0Ab", hashlib.sha256(b"x").hexdigest())], root / "bag", {})
    assert left(root) == []


def test_where_nothing_can_be_written_there_is_one_sentence(root: Path) -> None:
    (root / "file").touch()
    answer = CliRunner().invoke(app, ["export", "bagit", str(root / "file/bag"), "--archive", str(root / "archive")])
    assert answer.exit_code == 1
    assert "cannot be written" in answer.stderr


# time stamps -------------------------------------------------------------------------------------


def test_a_time_stamp_is_part_of_the_bag_and_openssl_accepts_it(root: Path, tsa: Authority) -> None:
    answer = bagged(root, "--timestamp", tsa.url)
    assert answer.exit_code == 0, answer.stderr
    assert "Stamped 20" in answer.stderr
    assert is_valid(root / "bag")
    words = ["openssl", "ts", "-verify", "-data", "manifest-sha256.txt", "-in", "manifest-sha256.txt.tsr", "-CAfile"]
    checked = subprocess.run([*words, tsa.folder / "cert.pem"], cwd=root / "bag", capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr
    (root / "bag/manifest-sha256.txt").write_text("other")
    assert subprocess.run(
        [*words, tsa.folder / "cert.pem"], cwd=root / "bag", capture_output=True, check=False
    ).returncode


def test_only_the_hash_leaves_the_machine(root: Path, tsa: Authority) -> None:
    bagged(root, "--timestamp", tsa.url)
    (question,) = tsa.asked
    assert len(question) < 100
    assert hashlib.sha256((root / "bag/manifest-sha256.txt").read_bytes()).digest() in question


def test_without_being_asked_nobody_is_asked(root: Path, tsa: Authority) -> None:
    bagged(root)
    assert tsa.asked == []
    assert not (root / "bag/manifest-sha256.txt.tsr").exists()


def test_an_answer_that_stamps_something_else_is_refused(root: Path, tsa: Authority) -> None:
    bagged(root, "--timestamp", tsa.url)
    shutil.rmtree(root / "bag")
    tsa.spoil = sign(tsa.folder, tsa.asked[0])  # an old answer again: its nonce is another
    answer = bagged(root, "--timestamp", tsa.url)
    assert (answer.exit_code, left(root)) == (1, [])
    assert "something else" in answer.stderr


def test_a_refusal_is_told(root: Path, tsa: Authority) -> None:
    tsa.spoil = bytes.fromhex("300e300c0201023007") + b"\x0c\x05nope!"  # status 2: rejection
    answer = bagged(root, "--timestamp", tsa.url)
    assert (answer.exit_code, left(root)) == (1, [])
    assert "refused to stamp: nope!" in answer.stderr


@pytest.mark.parametrize("spoil", [b"", b"<html>", b"0" * (2 << 20), 500, 404])
def test_an_answer_that_is_none_is_told(root: Path, tsa: Authority, spoil: bytes | int) -> None:
    tsa.spoil = spoil
    answer = bagged(root, "--timestamp", tsa.url)
    assert (answer.exit_code, left(root)) == (1, [])
    assert tsa.url in answer.stderr


def test_an_authority_that_is_away_is_told(root: Path) -> None:
    answer = bagged(root, "--timestamp", "http://127.0.0.1:9/")
    assert (answer.exit_code, left(root)) == (1, [])


@pytest.mark.parametrize("url", ["file:///etc/passwd", "freetsa.org", "https://", "ftp://x/"])
def test_an_address_that_is_none_is_refused_before_any_work(root: Path, url: str) -> None:
    assert (bagged(root, "--timestamp", url).exit_code, left(root)) == (2, [])


def test_without_the_library_the_remedy_says_how_to_get_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    answer = bagged(root, "--timestamp", "https://localhost/")
    assert (answer.exit_code, left(root)) == (4, [])
    assert "crossid[timestamp]" in answer.stderr
