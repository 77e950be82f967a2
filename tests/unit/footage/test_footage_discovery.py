"""Footage is found by what it is; nothing that cannot be read is passed over in silence."""

import hashlib
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from media import write_film, write_sound
from PIL import Image

from crossid import footage
from crossid.errors import FootageError
from crossid.footage import FootageSettings

NOBODY = 65534


@pytest.fixture(scope="module")
def mp4(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_film(tmp_path_factory.mktemp("film") / "a.mp4", frames=2).read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "footage").mkdir()
    return tmp_path / "footage"


@pytest.fixture
def without_rights() -> Iterator[Path]:
    """A folder in which this process may not read everything, whoever runs the tests."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    is_root = os.geteuid() == 0
    yield place
    if is_root:
        os.seteuid(0)
    for path in place.rglob("*"):
        path.chmod(0o755)
    shutil.rmtree(place)


def give_up_rights() -> None:
    if os.geteuid() == 0:
        os.seteuid(NOBODY)


def names(*places: Path, leave_out: tuple[Path, ...] = ()) -> list[str]:
    return [file.name for file in footage.discover(places, leave_out=leave_out).files]


def test_the_walk_is_recursive_and_in_order_of_name(folder: Path, mp4: bytes) -> None:
    (folder / "b" / "deep").mkdir(parents=True)
    for name in ("z.mp4", "b/deep/a.mp4", "a.mp4", "b/c.mov"):
        (folder / name).write_bytes(mp4)
    assert names(folder) == ["a.mp4", "b/c.mov", "b/deep/a.mp4", "z.mp4"]


def test_a_single_file_is_named_by_itself(folder: Path, mp4: bytes) -> None:
    (folder / "clip.mp4").write_bytes(mp4)
    (found,) = footage.discover([folder / "clip.mp4"]).files
    assert (found.name, found.size_bytes, found.path) == ("clip.mp4", len(mp4), folder / "clip.mp4")


def test_hidden_and_system_files_are_left_out(folder: Path, mp4: bytes) -> None:
    for name in (".hidden.mp4", ".git/a.mp4", "__MACOSX/a.mp4", "@eaDir/a.mp4", "$RECYCLE.BIN/a.mp4", "Thumbs.db"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(mp4)
    assert footage.discover([folder]) == footage.Discovery(files=(), mishaps=())


def test_content_decides_not_the_ending(folder: Path, mp4: bytes) -> None:
    for name in ("notes.txt", "noending", "picture.jpg", "film.pdf"):
        (folder / name).write_bytes(mp4)
    (folder / "real.txt").write_text("BM is how this text begins\n" * 9)
    (folder / "table.csv").write_text("a,b\n")
    found = footage.discover([folder])
    assert [file.name for file in found.files] == ["film.pdf", "noending", "notes.txt", "picture.jpg"]
    assert found.mishaps == ()


@pytest.mark.parametrize(("name", "content", "says"), [("a.mp4", b"", "empty"), ("b.jpg", b"hello", "neither")])
def test_a_broken_promise_is_one_mishap_with_a_remedy(folder: Path, name: str, content: bytes, says: str) -> None:
    (folder / name).write_bytes(content)
    (mishap,) = footage.discover([folder]).mishaps
    assert mishap.video == name
    assert mishap.room == "footage"
    assert says in mishap.reason
    assert mishap.remedy


def test_a_file_that_was_named_is_reported_whatever_its_ending(folder: Path) -> None:
    (folder / "notes.txt").write_text("no film")
    assert footage.discover([folder]).mishaps == ()
    assert "neither a video nor a photograph" in footage.discover([folder / "notes.txt"]).mishaps[0].reason


def test_sound_files_are_no_footage_and_no_mishap(folder: Path) -> None:
    write_sound(folder / "memo.m4a")
    write_sound(folder / "radio.mka")
    (folder / "song.mp3").write_bytes(b"ID3\x04" + bytes(100))
    assert footage.discover([folder]) == footage.Discovery(files=(), mishaps=())


def test_loops_of_links_end_and_a_file_reached_twice_is_listed_once(folder: Path, mp4: bytes) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "a.mp4").write_bytes(mp4)
    (folder / "sub" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "again.mp4").symlink_to(folder / "sub" / "a.mp4")
    (folder / "self").symlink_to(folder / "self")
    assert names(folder, folder / "sub") == ["again.mp4"]


def test_links_are_followed_out_of_the_folder(folder: Path, mp4: bytes, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.mp4").write_bytes(mp4)
    (folder / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert names(folder) == ["link/a.mp4"]


def test_a_link_to_a_film_that_is_gone_is_a_mishap(folder: Path) -> None:
    (folder / "gone.mp4").symlink_to(folder / "nowhere.mp4")
    (folder / "gone").symlink_to(folder / "nowhere")
    (mishap,) = footage.discover([folder]).mishaps
    assert mishap.video == "gone.mp4"
    assert "is not there" in mishap.reason


def test_special_files_are_never_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(folder / "pipe.mp4")
    monkeypatch.chdir(folder)  # a socket's path may not be long
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.mp4")
        assert footage.discover([folder]) == footage.Discovery(files=(), mishaps=())
    with pytest.raises(FootageError, match="neither a folder nor a file"):
        footage.discover([folder / "pipe.mp4"])


def test_a_folder_that_may_not_be_read_is_a_mishap_and_the_walk_goes_on(without_rights: Path, mp4: bytes) -> None:
    (without_rights / "closed").mkdir(mode=0o700)
    for name in ("secret.mp4", "secret", "open.mp4"):
        (without_rights / name).write_bytes(mp4)
    for name in ("secret.mp4", "secret", "closed"):
        (without_rights / name).chmod(0)
    give_up_rights()
    found = footage.discover([without_rights])
    assert [file.name for file in found.files] == ["open.mp4"]
    assert {mishap.video: mishap.reason for mishap in found.mishaps} == {
        "closed": "closed may not be read.",
        "secret": "secret may not be read.",
        "secret.mp4": "secret.mp4 may not be read.",
    }


def test_a_place_that_is_not_there_is_an_error_with_a_remedy(folder: Path) -> None:
    (folder / "file").write_text("")
    for place in (folder / "nowhere", folder / "file" / "below"):
        with pytest.raises(FootageError, match="is not there") as caught:
            footage.discover([place])
        assert caught.value.remedy


def test_archives_are_left_out(folder: Path, mp4: bytes) -> None:
    for name in ("mine/face.jpg", "told/face.jpg", "a.mp4"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(mp4)
    for name in ("archive.json", "crossid.db"):
        (folder / "mine" / name).write_text("")
    assert names(folder, leave_out=(folder / "told", folder / "nowhere")) == ["a.mp4"]
    (folder / "mine" / "crossid.db").unlink()
    assert "mine/face.jpg" in names(folder)


def test_names_are_prefixed_only_where_two_files_would_have_the_same(tmp_path: Path, mp4: bytes) -> None:
    for name in ("one/DCIM/a.mp4", "two/DCIM/a.mp4", "two/DCIM/b.mp4", "three/a.mp4"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(mp4)
    places = [tmp_path / "one" / "DCIM", tmp_path / "two" / "DCIM", tmp_path / "three"]
    wanted = ["b.mp4", "one/DCIM/a.mp4", "three/a.mp4", "two/DCIM/a.mp4"]
    assert names(*places) == wanted
    assert names(*reversed(places)) == wanted


@pytest.mark.parametrize(
    "name", ["with space.mp4", 'it\'s "quoted".mp4', "👩‍👧 emoji.mp4", "new\nline.mp4", "a:b%d.mp4"]
)
def test_odd_names_are_found_probed_and_read(folder: Path, mp4: bytes, name: str) -> None:
    (folder / name).write_bytes(mp4)
    (found,) = footage.discover([folder]).files
    video = footage.probe(found, footage.identify(found.path), FootageSettings())
    assert video.name == name
    settings = footage.FootageSettings()
    assert len(list(footage.read(footage.spans(video, settings)[0], settings))) == 2


def test_names_that_are_no_utf8_survive_and_can_be_written(folder: Path, mp4: bytes) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/b\xffd.mp4")).write_bytes(mp4)
    (found,) = footage.discover([folder]).files
    assert found.name == "b\\xffd.mp4"
    assert footage.probe(found, "id", FootageSettings()).width == 96
    assert footage.identify(found.path) == hashlib.sha256(mp4).hexdigest()


def test_messages_are_one_visible_line(folder: Path) -> None:
    (folder / "new\nline\x1b[31m\u202e.mp4").write_text("x")
    (mishap,) = footage.discover([folder]).mishaps
    assert mishap.reason.startswith("new\\nline\\x1b[31m\\u202e.mp4 is neither")


def test_identity_is_the_hash_of_the_bytes_and_fails_clearly(folder: Path) -> None:
    Image.new("RGB", (4, 4)).save(folder / "a.png")
    assert footage.identify(folder / "a.png") == hashlib.sha256((folder / "a.png").read_bytes()).hexdigest()
    with pytest.raises(FootageError, match=r"gone\.png is not there"):
        footage.identify(folder / "gone.png")
