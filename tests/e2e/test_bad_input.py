"""Whatever is wrong costs one sentence with a remedy; the archive stays whole and the next scan goes on."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from crossid.cli import app
from running import run, scan
from unit.footage.media import lay_down, write_film, write_sound

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
FEEBLE = ["setpriv", "--inh-caps=-dac_override,-dac_read_search", "--bounding-set=-dac_override,-dac_read_search"]
"""Root may read and write everything; so prefixed it may no more than others."""

needs_permissions = pytest.mark.skipif(
    os.name == "nt" or (AS_ROOT and not shutil.which("setpriv")), reason="nothing here takes root's powers away"
)

SENTENCES = {
    "dangling.mp4": "is not there",
    "empty.mp4": "is empty",
    "letter.mp4": "neither a video nor a photograph",
    "list.mp4": "neither a video nor a photograph",
    "noise.avi": "neither a video nor a photograph",
    "sound.mp4": "holds sound only",
    "cut.mp4": "its index is missing",
    "cut.mkv": "breaks off",
}
"""What is said of each bad file."""
NAME = 'it\'s "good" 😀\n\x1b[31m.mp4'


def feebly(*words: object) -> subprocess.CompletedProcess[str]:
    """The command line run by somebody whom permissions bind."""
    command = [*(FEEBLE if AS_ROOT else []), sys.executable, "-m", "crossid", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)


def begin(*words: object, **options: object) -> subprocess.Popen[str]:
    """A scan under way."""
    command = [sys.executable, "-m", "crossid", "scan", *map(str, words), "--json"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def told(done: subprocess.CompletedProcess[str], code: int, sentence: str) -> None:
    """A command ended with the code, one sentence and one remedy."""
    assert done.returncode == code, done.stderr
    said = done.stderr.splitlines()
    assert sentence in said[-2], done.stderr
    assert said[-1].endswith((".", "?", "FOLDER")), done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def one(footage: Path, tmp_path: Path) -> Path:
    """A folder with one good video."""
    folder = tmp_path / "footage"
    folder.mkdir()
    shutil.copy(footage / "station.mp4", folder)
    return folder


@pytest.fixture(scope="module")
def odd(footage: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all that is wrong or odd, with good footage in between."""
    folder = tmp_path_factory.mktemp("odd")
    good = (footage / "station.mp4").read_bytes()
    (folder / NAME).write_bytes(good)
    (folder / "the same with a wrong ending.jpg").write_bytes(good)
    shutil.copy(footage / "portrait.jpg", folder / "a photograph.mp4")
    (folder / "empty.mp4").touch()
    (folder / "letter.mp4").write_text("Dear editor, " * 100, encoding="utf-8")
    (folder / "list.mp4").write_text("#EXTM3U\nhttp://127.0.0.1:9/film.ts\n", encoding="utf-8")
    (folder / "noise.avi").write_bytes(bytes(range(1, 256)) * 20)
    (folder / "cut.mp4").write_bytes(good[: len(good) // 2])
    whole = write_film(folder / "cut.mkv", frames=100).read_bytes()
    (folder / "cut.mkv").write_bytes(whole[: len(whole) // 2])
    write_sound(folder / "sound.mp4")
    write_film(folder / "one frame.mp4", frames=1)
    write_film(folder / "one pixel.mkv", frames=3, size=(1, 1), codec="ffv1", pix_fmt="bgr0")
    Image.new("RGB", (1, 1)).save(folder / "one pixel.png")
    write_film(folder / "8k.mp4", frames=2, size=(7680, 4320), options={"preset": "ultrafast"})
    write_film(folder / "now and then.mkv", frames=20, stamps=[number**2 * 20 for number in range(20)])
    lay_down(write_film(folder / "lying down.mp4"), 0, 1, -1, 0)
    write_film(
        folder / "boastful.mp4", frames=5, tags={"title": "\x1b]0;mine\x07" + "B" * 10_000, "creation_time": "?"}
    )
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0132] = "\x1b[31m\u202eevil" + "A" * 10_000, "=cmd()", "never"
    Image.effect_noise((64, 64), 50).convert("RGB").save(folder / "boastful.jpg", exif=exif)
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe.mp4")
    (folder / "dangling.mp4").symlink_to("nowhere")
    (folder / "round and round").symlink_to(folder)
    return folder


@pytest.fixture(scope="module")
def odd_scan(odd: Path) -> subprocess.CompletedProcess[str]:
    """What a scan of it said; the archive lies in it."""
    return run("scan", odd, "--archive", odd / "archive", "--json")


def test_bad_files_cost_a_sentence_each_and_the_good_ones_between_them_are_watched(
    odd: Path, odd_scan: subprocess.CompletedProcess[str]
) -> None:
    assert odd_scan.returncode == 6, odd_scan.stderr
    outcome = json.loads(odd_scan.stdout)
    said = {mishap["video"]: mishap for mishap in outcome["mishaps"]}
    assert said.keys() == SENTENCES.keys()
    for name, sentence in SENTENCES.items():
        assert sentence in said[name]["reason"]
        assert said[name]["remedy"].endswith(".")
    assert outcome["people"] >= 2
    assert outcome["videos"] == 11  # one of them under two names


def test_where_nothing_can_be_read_each_file_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "empty.mp4").touch()
    write_sound(folder / "sound.mp4")
    for number in range(30):
        (folder / f"letter-{number:02}.jpg").write_text("no picture")
    done = run("scan", folder, "--archive", tmp_path / "archive")
    told(done, 3, "Nothing could be read.")
    said = done.stderr
    assert "Skipped: empty.mp4 is empty." in said
    assert "Skipped: letter-18.jpg is neither a video nor a photograph." in said
    assert "and 11 more files like these" in said
    assert "sound.mp4" in said


def test_hostile_names_and_tags_never_reach_the_terminal(odd: Path, odd_scan: subprocess.CompletedProcess[str]) -> None:
    people = run("people", "--archive", odd / "archive")
    shown = run("show", "P-000001", "--archive", odd / "archive")
    said = odd_scan.stderr + people.stdout + shown.stdout
    assert not set(said) & set("\x1b\x07\u202e")
    assert r"\n\x1b[31m.mp4" in said
    assert "Traceback" not in said


def test_after_bad_files_the_next_scan_has_nothing_to_do(odd: Path, odd_scan: subprocess.CompletedProcess[str]) -> None:
    again = scan(odd, "--archive", odd / "archive", code=6)
    assert again["watched"] == 0
    assert not any(again["diff"].values())


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["scan"], 2, "told where the footage is"),
        (["scan", "nowhere"], 3, "nowhere is not there"),
        (["scan", "empty"], 3, "No video or photograph was found in empty"),
        (["scan", "letter.txt"], 3, "neither a video nor a photograph"),
        (["scan", "footage", "--archive", "letter.txt"], 5, "letter.txt is a file"),
        (["scan", "footage", "--archive", "letter.txt/archive"], 5, "letter.txt is a file"),
        (["scan", "footage", "--archive", "foreign"], 5, "holds other files"),
        (["scan", "footage", "--archive", "footage"], 3, "cannot be both the footage and the archive"),
        (["scan", "footage", "--config", "missing.toml"], 2, "missing.toml cannot be read"),
        (["scan", "footage", "--set", "faces.min_fac_px=3"], 2, "There is no setting named"),
        (["scan", "footage", "--set", "faces.min_face_px=-3"], 2, "makes no sense"),
        (["scan", "footage", "--set", "tracks.max_gap_s=nan"], 2, "makes no sense"),
        (["scan", "footage", "--set", "tracks.best_views=0"], 2, "makes no sense"),
        (["scan", "footage", "--set", "faces.detectors=mtcn"], 2, "There is no detector"),
        (["scan", "footage", "--set", "people.clusterer=hibrid"], 2, "There is no clusterer"),
        (["scan", "footage", "--pack", "nosuch"], 2, "There is no pack"),
        (["people"], 5, "There is no archive in archive"),
        (["show", "P-000001", "--archive", "letter.txt"], 5, "letter.txt is a file"),
    ],
)
def test_a_mistake_costs_a_sentence_and_nothing_is_made(
    words: list[str], code: int, sentence: str, one: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = one.parent
    (here / "empty").mkdir()
    (here / "foreign").mkdir()
    (here / "foreign" / "thesis.txt").write_text("mine", encoding="utf-8")
    (here / "letter.txt").write_text("Dear editor", encoding="utf-8")
    before = sorted(here.rglob("*"))
    monkeypatch.chdir(here)
    ended = CliRunner().invoke(app, words)
    told(subprocess.CompletedProcess(words, ended.exit_code, ended.stdout, ended.stderr), code, sentence)
    assert sorted(here.rglob("*")) == before


def test_an_export_never_lands_on_the_archive(archive: Path) -> None:
    before = (archive / "crossid.db").read_bytes()
    told(run("export", "observations", archive / "crossid.db", "--archive", archive), 2, "lies in an archive")
    assert (archive / "crossid.db").read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="pipes with a name are a matter of POSIX")
def test_an_export_is_written_into_a_pipe_and_does_not_replace_it(archive: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE, text=True)
    assert run("export", "observations", pipe, "--archive", archive).returncode == 0
    assert "video_sha256" in reader.communicate(timeout=10)[0]
    assert pipe.is_fifo()


@needs_permissions
def test_what_may_not_be_read_is_named_and_the_rest_is_watched(one: Path, tmp_path: Path) -> None:
    locked, secret = one / "locked", one / "secret.mp4"
    locked.mkdir()
    shutil.copy(one / "station.mp4", secret)
    for path in (locked, secret):
        path.chmod(0)
    try:
        part = feebly("scan", one, "--archive", tmp_path / "archive", "--json")
        none = feebly("scan", locked, "--archive", tmp_path / "archive")
    finally:
        locked.chmod(0o700)
    assert part.returncode == 6, part.stderr
    assert {mishap["video"] for mishap in json.loads(part.stdout)["mishaps"]} == {"locked", "secret.mp4"}
    told(none, 3, "locked may not be read")


@needs_permissions
def test_an_archive_that_cannot_be_written_can_be_looked_at(archive: Path, footage: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(archive, tmp_path / "archive")
    copy.chmod(0o500)
    (copy / "crossid.db").chmod(0o400)
    try:
        refused = feebly("scan", footage, "--archive", copy)
        looked = [feebly(*words, "--archive", copy) for words in (["people"], ["export", "observations", "-"])]
        copy.chmod(0)
        hidden = feebly("scan", footage, "--archive", copy / "below")
    finally:
        copy.chmod(0o700)
    told(refused, 5, "cannot be written")
    told(hidden, 5, "cannot be written")
    assert [done.returncode for done in looked] == [0, 0]


@pytest.mark.slow
@pytest.mark.skipif(not AS_ROOT or sys.platform != "linux", reason="only root may mount a small disk")
def test_a_full_disk_costs_a_sentence_and_the_next_scan_goes_on(one: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", disk]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        told(run("scan", one, "--archive", disk / "archive"), 5, "disk is full")
        subprocess.run(["mount", "-o", "remount,size=20m", disk], check=True)
        assert scan(one, "--archive", disk / "archive")["people"] == 2
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells who works for whom")
def test_a_video_whose_workers_are_killed_is_told_of_and_the_next_scan_watches_it(one: Path, tmp_path: Path) -> None:
    def workers(parent: int) -> list[int]:
        mine = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
        return [int(one) for one in mine if b"spawn_main" in command_of(one)]

    def command_of(process: str) -> bytes:
        try:
            return Path(f"/proc/{process}/cmdline").read_bytes()
        except OSError:  # it has ended meanwhile
            return b""

    first = begin(one, "--archive", tmp_path / "archive", "--workers", "1")
    assert first.stderr is not None
    assert "Watching" in first.stderr.readline()
    killed = set[int]()
    while len(killed) < 2:  # whoever watches it, and whoever tries it again
        for victim in set(workers(first.pid)) - killed:
            os.kill(victim, signal.SIGKILL)
            killed.add(victim)
    said, shown = first.communicate(timeout=60)
    assert first.returncode == 6
    (mishap,) = json.loads(said)["mishaps"]
    assert "ended by the system, also when it was tried again" in mishap["reason"]
    assert "Run the same command again" in mishap["remedy"]
    assert mishap["reason"] in " ".join(shown.split())
    again = scan(one, "--archive", tmp_path / "archive")
    assert again["watched"] == 1
    assert not again["mishaps"]


@pytest.mark.slow
def test_footage_that_was_moved_is_watched_where_it_lies_now(one: Path, tmp_path: Path) -> None:
    first = scan(one, "--archive", tmp_path / "archive")
    moved = one.rename(tmp_path / "elsewhere")
    again = scan(moved, "--archive", tmp_path / "archive", "--rescan")
    assert again["watched"] == 1
    assert again["people"] == first["people"] == 2


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows ends programs without a word")
def test_sigterm_ends_a_scan_as_ctrl_c_does(one: Path, tmp_path: Path) -> None:
    first = begin(one, "--archive", tmp_path / "archive")
    assert first.stderr is not None
    assert "Watching" in first.stderr.readline()
    first.terminate()
    _, said = first.communicate(timeout=30)
    assert first.returncode == 130
    assert "run the same command to go on" in said
    assert scan(one, "--archive", tmp_path / "archive")["people"] == 2


@pytest.mark.parametrize(
    ("end", "sentence"), [(Path.unlink, "is not there"), (lambda path: os.truncate(path, 20_000), "was changed")]
)
@pytest.mark.slow
def test_footage_that_vanishes_or_changes_while_it_is_scanned_is_watched_by_the_next_scan(
    end: Callable[[Path], None], sentence: str, footage: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(footage, tmp_path / "footage")
    first = begin(copy, "--archive", tmp_path / "archive", "--workers", "1")
    assert first.stderr is not None
    assert "Watching" in first.stderr.readline()
    for path in copy.iterdir():
        end(path)
    said, errors = first.communicate(timeout=60)
    assert first.returncode == 6, errors
    assert all(sentence in mishap["reason"] for mishap in json.loads(said)["mishaps"])
    shutil.copytree(footage, copy, dirs_exist_ok=True)
    again = scan(copy, "--archive", tmp_path / "archive")
    assert not again["mishaps"]
    assert again["people"] == 7


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is a matter of Linux")
@pytest.mark.parametrize(
    ("tail", "code"),
    [
        ("| true", 0),
        (">&-", 0),
        (">&- 2>&- <&-", 0),
        ("> /dev/full", 1),
    ],
)
def test_an_output_that_is_closed_or_full_ends_without_a_traceback(tail: str, code: int, archive: Path) -> None:
    command = f'"{sys.executable}" -m crossid people --archive "{archive}" {tail}'
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == code
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "change",
    [
        {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
        {"COLUMNS": "20"},
        {"COLUMNS": "none"},
        {"NO_COLOR": "1"},
        {"HOME": "/nonexistent"},
        {"TERM": "dumb", "FORCE_COLOR": "1"},
    ],
    ids=str,
)
def test_an_odd_environment_is_no_matter(
    change: dict[str, str], odd: Path, odd_scan: subprocess.CompletedProcess[str]
) -> None:
    done = run("people", "--archive", odd / "archive", env=os.environ | change)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_hundreds_of_tiny_files_are_no_matter(tmp_path: Path) -> None:
    folder = tmp_path / "footage"
    folder.mkdir()
    for number in range(500):
        Image.new("RGB", (8 + number % 50, 8 + number // 50), (number % 256, 0, 0)).save(folder / f"{number}.png")
    began = time.monotonic()
    assert scan(folder, "--archive", tmp_path / "archive")["videos"] == 500
    assert time.monotonic() - began < 120
