"""What a power cut would have left: worked out from a trace of every change to a folder.

A file's bytes are safe from when it was synced; its name, and that of a folder, from when the folder that holds it was
synced. What was not safe is lost, in one of several ways:

- `strict`: all of it: unsynced bytes, and names made, changed or removed in folders that were not synced since.
- `hollow`: names and lengths came through, as on a file system that orders only its own records; bytes are zeros.
- `lottery`: each unsynced write came through or not; of the changes to a folder since it was synced, the first so many.
"""

from __future__ import annotations

import hashlib
import os
import random
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Model = Literal["strict", "hollow", "lottery"]
MODELS: tuple[Model, ...] = ("strict", "hollow", "lottery")
Bytes: TypeAlias = tuple[bytes, int] | None
Left: TypeAlias = dict[str, Bytes]
HEAD = struct.Struct("<cIIIQqq")
ACKNOWLEDGED = "A"


@dataclass(frozen=True, slots=True)
class Step:
    """One change, as `shim.c` notes it; `A` is what was acknowledged, in `path`."""

    what: str
    path: str
    to: str
    file: int
    offset: int
    modified_ns: int
    data: bytes


def steps(trace: Path) -> Iterator[Step]:
    """All changes, in order."""
    content, at = trace.read_bytes(), 0
    while at < len(content):
        what, path, to, data, file, offset, modified_ns = HEAD.unpack_from(content, at)
        at += HEAD.size
        texts = []
        for length in (path, to):
            texts.append(os.fsdecode(content[at : at + length]))
            at += length
        yield Step(what.decode(), *texts, file, offset, modified_ns, content[at : at + data])
        at += data


def acknowledge(trace: Path, line: str) -> None:
    """Note, among the changes, that something was acknowledged."""
    text = os.fsencode(line)
    with trace.open("ab") as file:
        file.write(HEAD.pack(ACKNOWLEDGED.encode(), len(text), 0, 0, 0, 0, 0) + text)


@dataclass(slots=True, eq=False)
class File:
    """A file's bytes as they are, as they were when synced, and the writes in between."""

    data: bytearray = field(default_factory=bytearray)
    modified_ns: int = 0
    safe: bytes = b""
    safe_ns: int = 0
    since: list[Step] = field(default_factory=list)

    def change(self, step: Step) -> None:
        """Take in a write or a cut."""
        self.since.append(step)
        self.modified_ns = step.modified_ns
        _apply(self.data, step)

    def sync(self) -> None:
        """All of it is safe now."""
        self.safe, self.safe_ns, self.since = bytes(self.data), self.modified_ns, []

    def left(self, model: Model, chance: random.Random) -> tuple[bytes, int]:
        """Bytes after the cut, and their time of change."""
        if model == "strict" or not self.since:
            return self.safe, self.safe_ns
        if model == "hollow":
            return self.safe[: len(self.data)].ljust(len(self.data), b"\0"), self.modified_ns
        kept = bytearray(self.safe)
        for step in self.since:
            if chance.random() < 0.5:
                _apply(kept, step)
        return bytes(kept), self.modified_ns


def _apply(data: bytearray, step: Step) -> None:
    if step.what == "T":
        del data[step.offset :]
        data.extend(bytes(step.offset - len(data)))
        return
    data.extend(bytes(max(0, step.offset - len(data))))
    data[step.offset : step.offset + len(step.data)] = step.data


@dataclass(slots=True, eq=False)
class Folder:
    """Names as they are, and every state since the folder was synced, the synced one first."""

    names: dict[str, File | Folder] = field(default_factory=dict)
    states: list[dict[str, File | Folder]] = field(default_factory=lambda: [{}])

    def sync(self) -> None:
        """All names are safe now."""
        self.states = [dict(self.names)]

    def left(self, model: Model, chance: random.Random) -> dict[str, File | Folder]:
        """Names after the cut."""
        return {"strict": self.states[0], "hollow": self.names, "lottery": chance.choice(self.states)}[model]


class Disk:
    """A folder that is changed step by step, and can be asked at any of them what a power cut would leave."""

    def __init__(self, root: Path) -> None:
        self._root, self._top = root, Folder()
        self._files: dict[int, File] = {}

    def change(self, step: Step) -> None:
        """Take in one step."""
        if step.what in "WTS":
            known = self._files.setdefault(step.file, File())
            if step.what == "S":
                known.sync()
            else:
                known.change(step)
        elif step.what == "D":
            self._folder(step.path).sync()
        elif step.what != ACKNOWLEDGED:
            self._rename(step)

    def left(self, model: Model, seed: int) -> Left:
        """What is left, by path below the root: bytes and time of change of a file, None for a folder."""
        return dict(self._left(self._top, "", model, random.Random(seed)))

    def _rename(self, step: Step) -> None:
        above, _, name = step.path.rpartition("/")
        folder = self._folder(above)
        if step.what == "C":
            folder.names[name] = self._files[step.file] = File(modified_ns=step.modified_ns)
        elif step.what == "M":
            folder.names[name] = Folder()
        elif step.what == "U":
            folder.names.pop(name)
        else:
            above, _, other = step.to.rpartition("/")
            target = self._folder(above)
            target.names[other] = folder.names.pop(name)
            if target is not folder:
                target.states.append(dict(target.names))
        folder.states.append(dict(folder.names))

    def _folder(self, path: str) -> Folder:
        found = self._top
        for part in [part for part in path.removeprefix(str(self._root)).split("/") if part]:
            below = found.names[part]
            assert isinstance(below, Folder)
            found = below
        return found

    def _left(self, folder: Folder, above: str, model: Model, chance: random.Random) -> Iterator[tuple[str, Bytes]]:
        for name, known in sorted(folder.left(model, chance).items()):
            if isinstance(known, Folder):
                yield above + name, None
                yield from self._left(known, f"{above}{name}/", model, chance)
                continue
            data, modified_ns = known.left(model, chance)
            if not name.endswith("-shm"):  # mapped into memory, so never seen here; SQLite makes it anew from the log
                yield above + name, (data, modified_ns)


def leave(left: Left, place: Path) -> None:
    """Write what is left to `place`, a new folder."""
    place.mkdir(parents=True)
    for path, known in left.items():
        if known is None:
            (place / path).mkdir()
            continue
        data, modified_ns = known
        (place / path).write_bytes(data)
        os.utime(place / path, ns=(modified_ns, modified_ns))


def digest(left: Left) -> bytes:
    """The same for the same."""
    whole = hashlib.sha256()
    for path, known in left.items():
        data, modified_ns = known or (b"", -1)
        whole.update(f"{path}\0{modified_ns}\0{len(data)}\0".encode())
        whole.update(data)
    return whole.digest()
