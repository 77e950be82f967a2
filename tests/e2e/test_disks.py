"""Disks that forget what was not synced, and disks that fail: an archive stands both."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.hostile.forgetting import MODELS, Disk, Step, leave
from places import ROOT

bad_disks = pytest.mark.skipif(
    sys.platform != "linux" or not (shutil.which("gcc") or shutil.which("cc")),
    reason="bad disks are played by a library that is preloaded: that takes Linux and a C compiler",
)
UNHARMED = "failed 0, damaged 0, lost 0, unequal 0"


def disks(*words: object) -> str:
    """What the benchmark said in its last lines."""
    command = [sys.executable, "-m", "benchmarks", "disks", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@bad_disks
def test_a_disk_that_forgets_or_fails_costs_nothing_that_was_acknowledged(footage: Path, tmp_path: Path) -> None:
    shutil.copy(footage / "harbour.mp4", tmp_path)
    shutil.copy(footage / "market.mp4", tmp_path)
    said = disks("--cuts", 1, "--failures", 1, "--footage", tmp_path)
    assert said.count(UNHARMED) == 2, said


@bad_disks
@pytest.mark.slow
@pytest.mark.timeout(24 * 3600)
def test_a_disk_that_forgets_or_fails_at_any_step_costs_nothing_that_was_acknowledged() -> None:
    said = disks("--cuts", 0, "--failures", 0)
    assert said.count(UNHARMED) == 2, said


def a_step(what: str, path: str, file: int = 0, *, to: str = "", data: bytes = b"", offset: int = 0) -> Step:
    """A change below /disk."""
    return Step(what, f"/disk/{path}".rstrip("/"), f"/disk/{to}" if to else "", file, offset, 7, data)


WRITTEN = [a_step("C", "a", 1), a_step("W", "a", 1, data=b"bytes")]


def left_after(steps: list[Step], place: Path) -> list[dict[str, bytes]]:
    """Names and bytes after a power cut, by model."""
    disk = Disk(Path("/disk"))
    for step in steps:
        disk.change(step)
    found = []
    for model in MODELS:
        leave(disk.left(model, 1), place / model)
        found.append({path.name: path.read_bytes() for path in (place / model).iterdir()})
    return found


def test_what_was_never_synced_is_lost_its_name_too(tmp_path: Path) -> None:
    strict, hollow, _ = left_after(WRITTEN, tmp_path)
    assert strict == {}
    assert hollow == {"a": bytes(5)}


def test_bytes_are_safe_once_the_file_is_synced_and_its_name_once_the_folder_is(tmp_path: Path) -> None:
    synced = [*WRITTEN, a_step("S", "a", 1)]
    strict, hollow, _ = left_after(synced, tmp_path / "file")
    assert (strict, hollow) == ({}, {"a": b"bytes"})
    safe = [*synced, a_step("D", "")]
    assert left_after(safe, tmp_path / "folder") == [{"a": b"bytes"}] * 3


def test_a_name_that_was_changed_or_removed_comes_back_unless_the_folder_was_synced(tmp_path: Path) -> None:
    safe = [*WRITTEN, a_step("S", "a", 1), a_step("D", "")]
    for number, change in enumerate([a_step("R", "a", to="b"), a_step("U", "a")]):
        assert left_after([*safe, change], tmp_path / f"{number}")[0] == {"a": b"bytes"}
        assert "a" not in left_after([*safe, change, a_step("D", "")], tmp_path / f"{number} synced")[0]


def test_a_file_that_was_cut_and_written_again_holds_what_was_synced_last(tmp_path: Path) -> None:
    safe = [*WRITTEN, a_step("S", "a", 1), a_step("D", "")]
    cut = [a_step("T", "a", 1, offset=2), a_step("W", "a", 1, data=b"!", offset=4)]
    assert left_after([*safe, *cut], tmp_path / "not synced")[0] == {"a": b"bytes"}
    assert left_after([*safe, *cut, a_step("S", "a", 1)], tmp_path / "synced")[0] == {"a": b"by\0\0!"}
