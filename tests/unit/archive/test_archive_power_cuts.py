"""Power cuts while an archive is sealed, opened, or forgets: whenever it happens, one whole state is left."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest
from test_archive_sealing import PASSPHRASE, locked, unlocked

from benchmarks.disks import build
from benchmarks.hostile.forgetting import ACKNOWLEDGED, MODELS, Disk, acknowledge, leave, steps
from builders import NOON, an_act, fill
from crossid.archive import SEALED, ArchiveSettings, open_archive, paint, sealing
from crossid.archive.trust import forget, seal, unseal, verify
from places import ROOT

SETTINGS = ArchiveSettings()
SOURCE = (
    "import sys; sys.path[:0] = ['tests', 'tests/unit/archive', '.']; import test_archive_power_cuts as t; t.{act}()"
)


def fresh(folder: Path) -> None:
    """An archive in which P-000001 has a name, all of it safe on the disk."""
    store = open_archive(folder, SETTINGS, create=True)
    fill(store)
    store.act(an_act("name", "P-000001", name="Jane Doe"))
    paint(store)
    store.close()
    (folder / "people/mine.txt").write_text("mine")
    for place in [folder.parent, folder, *folder.rglob("*")]:
        number = os.open(place, os.O_RDONLY)
        os.fsync(number)
        os.close(number)


def traced(*acts: str) -> None:
    """Do it in a process that has the shim loaded; each state that was reached is noted among the changes."""
    root, trace = Path(sys.argv[1]), Path(sys.argv[2])
    sealing.locked_key, sealing.unlocked_key = locked, unlocked
    ctypes.CDLL(None).shim_trace(os.fsencode(root), os.fsencode(trace))
    fresh(root / "archive")
    acknowledge(trace, "open")
    for act in acts:
        if act == "seal":
            seal(root / "archive", lambda: PASSPHRASE)
        elif act == "open":
            unseal(root / "archive", lambda: PASSPHRASE)
        else:
            forget(root / "archive", "P-000001", "ann", NOON, SETTINGS)
        acknowledge(trace, act)


def seal_and_open() -> None:
    traced("seal", "open")


def forgetting() -> None:
    traced("forget")


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    (tmp_path / "disk").mkdir()
    return tmp_path / "disk"


def run(act: str, disk: Path) -> list:
    shim = build(disk.parent)
    if shim is None:
        pytest.skip("bad disks are played by a library that is preloaded: that takes Linux and a C compiler")
    trace = disk.parent / "trace"
    command = [sys.executable, "-c", SOURCE.format(act=act), disk, trace]
    done = subprocess.run(
        command, env=os.environ | {"LD_PRELOAD": str(shim)}, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return list(steps(trace))


def cuts(act: str, disk: Path, every: int):
    """(what was acknowledged, what is left) after power cuts from the first acknowledgement on."""
    played, said = Disk(disk), []
    for number, step in enumerate(run(act, disk)):
        played.change(step)
        said += [step.path] if step.what == ACKNOWLEDGED else []
        if said and (number % every == 0 or step.what == ACKNOWLEDGED):
            for model in MODELS:
                place = disk.parent / f"{number}-{model}"
                leave(played.left(model, number), place)
                yield tuple(said), place / "archive"


def content(folder: Path) -> dict[str, bytes]:
    apart = {"crossid.lock", ".crossid.sealing", "sealed.key.age", "SEALED.txt"}
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in apart]
    kept = [path for path in files if not path.name.startswith(".crossid.") and not path.name.endswith("-wal")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in kept}


@pytest.mark.parametrize("every", [pytest.param(40, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)])
def test_whenever_the_power_goes_an_archive_is_open_or_sealed_and_whole(disk, monkeypatch, every):
    monkeypatch.setattr(sealing, "unlocked_key", unlocked)
    whole: dict[str, bytes] = {}
    count = sealed = 0
    for said, left in cuts("seal_and_open", disk, every):
        is_sealed = (left / SEALED).exists()
        if is_sealed:
            unseal(left, lambda: PASSPHRASE)
        whole = whole or content(left)
        assert content(left) == whole, (said, left)
        count, sealed = count + 1, sealed + is_sealed
    assert 0 < sealed < count


@pytest.mark.parametrize("every", [pytest.param(40, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)])
def test_whenever_the_power_goes_forgetting_was_not_begun_or_can_be_finished(disk, every):
    seen = set()
    for said, left in cuts("forgetting", disk, every):
        store = open_archive(left, SETTINGS, write=True)
        begun = "P-000001" in store.forgotten()
        store.close()
        assert begun or said[-1] != "forget"
        forget(left, "P-000001", "ann", NOON, SETTINGS)
        found = verify(left, SETTINGS, originals=False).differences
        assert {one.path for one in found} == {"people/mine.txt"}
        assert not [path for path in left.rglob("*") if path.is_file() and b"Jane Doe" in path.read_bytes()]
        seen.add(begun)
    assert seen == {True, False}
