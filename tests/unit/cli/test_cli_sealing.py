"""`crossid seal` and `open`: the passphrase comes from a file, the environment or a terminal, never from the words."""

import json
import sys
from pathlib import Path

import pexpect
import pytest
from PIL import Image
from typer.testing import CliRunner

from builders import a_kept_archive
from crossid.cli import app
from running import said

PASSPHRASE = "correct horse battery"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return a_kept_archive(tmp_path / "archive")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_is_asked_twice_and_a_file_opens_it_again(archive: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "crossid", "seal", "--archive", str(archive)]
    with pexpect.spawn(command[0], command[1:], encoding="utf-8", timeout=60) as terminal:
        for question, answer in (("Passphrase:", PASSPHRASE), ("Repeat", "other"), ("Passphrase:", PASSPHRASE)):
            terminal.expect(question)
            terminal.sendline(answer)
        terminal.expect("Repeat")
        terminal.sendline(PASSPHRASE)
        terminal.expect(pexpect.EOF)
        seen = terminal.before
    assert "21 files" in seen or "is sealed" in seen
    assert PASSPHRASE not in seen
    refused = said(archive, "people")
    assert (refused.exit_code, "is sealed" in refused.stderr, "crossid open" in refused.stderr) == (5, True, True)
    (tmp_path / "secret").write_text(f"{PASSPHRASE}\r\nand a second line\n")
    answer = said(archive, "open", "--passphrase-file", str(tmp_path / "secret"), "--json")
    assert answer.exit_code == 0, answer.stderr
    assert json.loads(answer.stdout)["state"] == "open"
    assert said(archive, "people").exit_code == 0
    assert said(archive, "verify").exit_code == 0


def test_a_short_passphrase_is_refused_and_nothing_is_changed(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSID_PASSPHRASE", "short")
    answer = said(archive, "seal")
    assert (answer.exit_code, "8 characters" in answer.stderr) == (2, True)
    assert said(archive, "people").exit_code == 0


def test_where_nobody_can_be_asked_it_says_what_helps(archive: Path) -> None:
    answer = said(archive, "seal")
    assert (answer.exit_code, "CROSSID_PASSPHRASE" in answer.stderr) == (2, True)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_passphrase_file_that_cannot_be_read_is_told(archive: Path, tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    answer = said(archive, "seal", "--passphrase-file", str(tmp_path / "secret"))
    assert (answer.exit_code, "cannot be read" in answer.stderr) == (2, True)


def test_the_passphrase_is_no_word_of_the_command_line() -> None:
    for command in ("seal", "open"):
        assert CliRunner().invoke(app, [command, "--passphrase", PASSPHRASE]).exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ["people"],
        ["show", "P-000001"],
        ["verify"],
        ["verify", "--repair"],
        ["report"],
        ["log"],
        ["undo", "1"],
        ["name", "P-000001", "X"],
        ["forget", "P-000001", "--yes"],
        ["together", "P-000001", "P-000002"],
        ["timeline"],
        ["seal"],
        ["scan", "footage"],
        ["export", "observations", "-"],
        ["export", "bagit", "bag"],
    ],
    ids=" ".join,
)
def test_every_command_says_that_an_archive_is_sealed_and_leaves_it_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "footage").mkdir()
    Image.new("RGB", (64, 64)).save(tmp_path / "footage/one.jpg")
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive/sealed.tar.age").write_bytes(b"age")
    answer = CliRunner().invoke(app, words)
    assert (answer.exit_code, "is sealed" in answer.stderr, "crossid open" in answer.stderr) == (5, True, True)
    assert {path.name for path in (tmp_path / "archive").iterdir()} <= {"sealed.tar.age", "crossid.lock"}
