"""Does `verify` find every change to an archive? One change at a time, anywhere, each undone before the next.

    python -m benchmarks verify ARCHIVE [COUNT] [SEED]

A change is one flipped bit (the file's time is put back), a file deleted, something added (a file, a link, an empty
folder) or a file renamed (half of them in the case of one letter only). The lock file is left out: it says who wrote
last, and nothing depends on it. ARCHIVE is copied first.
"""

import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import data
from crossid.archive import ArchiveSettings
from crossid.archive.trust import verify

KINDS = ("flip", "delete", "add", "rename")
SPARED = {"crossid.lock"}


@dataclass(frozen=True, slots=True)
class Damage:
    """One change, and how it is taken back."""

    kind: str
    path: str
    undo: Callable[[], object]


def main(words: list[str]) -> None:
    """How many of the changes of each kind are found."""
    if not words:
        sys.exit("usage: python -m benchmarks verify ARCHIVE [COUNT] [SEED]")
    count = int(words[1]) if len(words) > 1 else 10_000
    seed = int(words[2]) if len(words) > 2 else 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "archive"
        shutil.copytree(words[0], folder, symlinks=True)
        made, found = Counter[str](), Counter[str]()
        for damage, seen in trials(folder, count, seed=seed):
            made[damage.kind] += 1
            found[damage.kind] += seen
            if not seen:
                print(f"not found: {damage.kind} {damage.path}")
    for kind in KINDS:
        data.row(kind, {"made": made[kind], "found": found[kind]})
    print(data.machine())


def trials(folder: Path, count: int, seed: int) -> Iterator[tuple[Damage, bool]]:
    """Damage an archive `count` times; each time whether `verify` found it and named the place."""
    chance = random.Random(seed)
    if not verify(folder, ArchiveSettings(), originals=False).sound:
        sys.exit(f"{folder} is not sound to begin with.")
    for number in range(count):
        damage = make(folder, KINDS[number % len(KINDS)], chance)
        try:
            found = verify(folder, ArchiveSettings(), originals=False)
        finally:
            damage.undo()
        named = {one.path for one in found.differences}
        # A line of the manifest that was changed is told of as the manifest's or as the file's that it is about.
        yield damage, bool(named) if damage.path == "manifest-sha256.txt" else damage.path in named


def make(folder: Path, kind: str, chance: random.Random) -> Damage:
    """Do one kind of damage somewhere."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in SPARED]
    if kind == "add":
        return _add(folder, chance)
    file = _some(files, chance)
    if kind == "flip":
        return _flip(folder, file, chance)
    if kind == "delete":
        return _rename(folder, file, folder.with_name("deleted"), kind)
    name = file.name.swapcase() if chance.random() < 0.5 else f"{chance.randrange(10**9)}{file.suffix}"
    return _rename(folder, file, file.with_name(name), kind)


def _some(files: list[Path], chance: random.Random) -> Path:
    """Half of the time any file, half of the time any byte's file: else nearly all would be in the database."""
    sizes = [file.stat().st_size for file in files]
    return chance.choice(files) if chance.random() < 0.5 else chance.choices(files, sizes)[0]


def _flip(folder: Path, file: Path, chance: random.Random) -> Damage:
    status = file.stat()
    place, bit = chance.randrange(status.st_size), 1 << chance.randrange(8)

    def turn() -> None:
        with file.open("r+b") as bytes_:
            bytes_.seek(place)
            (before,) = bytes_.read(1)
            bytes_.seek(place)
            bytes_.write(bytes([before ^ bit]))
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))

    turn()
    return Damage("flip", _name(folder, file), turn)


def _rename(folder: Path, file: Path, to: Path, kind: str) -> Damage:
    file.rename(to)
    return Damage(kind, _name(folder, file), lambda: to.rename(file))


def _add(folder: Path, chance: random.Random) -> Damage:
    places = [folder, *(path for path in sorted(folder.rglob("*")) if path.is_dir())]
    new = chance.choice(places) / f"{chance.randrange(10**9)}{chance.choice(['.jpg', '.csv', '.json', '.part', ''])}"
    shape = chance.randrange(4)
    if shape == 0:
        new.symlink_to(chance.choice(["/etc/passwd", "crossid.db", "nowhere"]))
    elif shape == 1:
        new.mkdir()
        return Damage("add", _name(folder, new), new.rmdir)
    else:
        new.write_bytes(chance.randbytes(chance.randrange(100)))
    return Damage("add", _name(folder, new), new.unlink)


def _name(folder: Path, file: Path) -> str:
    return file.relative_to(folder).as_posix()
