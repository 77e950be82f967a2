"""Files of columns: what is read is what was written, and whatever else lies there is told apart from it."""

from __future__ import annotations

import json
import zlib
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from builders import SPACE, fill
from crossid.archive import ArchiveSettings, open_archive, paint
from crossid.archive.columns import MAGIC, Kind, open_columns, write_columns
from crossid.archive.neighbourhood import NEIGHBOURS
from crossid.archive.references import VECTORS
from crossid.archive.trust import repair, verify
from crossid.types import Neighbours

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SETTINGS = ArchiveSettings()
KIND = Kind("numbers", 7, {"halves": "<f2", "wholes": "<u8", "names": "S4", "none": "<f4"})
COLUMNS = {
    "halves": np.arange(6, dtype="<f2").reshape(2, 3),
    "wholes": np.array([1, 2**64 - 1], "<u8"),
    "names": np.array([b"ab", b"abcd", b""], "S4"),
    "none": np.empty((3, 0), "<f4"),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_columns(tmp_path / "kept", KIND, {"mark": "one"}, COLUMNS)
    return tmp_path / "kept"


def sealed(header: object, body: bytes = b"") -> bytes:
    """A file whose checksum is right, whatever it says."""
    rest = (header if isinstance(header, bytes) else json.dumps(header).encode()) + b"\n" + body
    return MAGIC + f"{zlib.crc32(rest):08x}\n".encode() + rest


def read(file: Path) -> dict[str, NDArray[Any]] | None:
    """All that is in a file, None if it is of another version."""
    opened = open_columns(file, KIND)
    return None if opened is None else opened.read()


def test_what_is_read_is_what_was_written_and_lies_as_a_processor_takes_it(file: Path) -> None:
    opened = open_columns(file, KIND)
    assert opened is not None
    assert opened.said == {"mark": "one"}
    found = opened.read()
    assert found.keys() == COLUMNS.keys()
    for name, column in COLUMNS.items():
        assert (found[name].dtype, found[name].shape) == (column.dtype, column.shape)
        assert np.array_equal(found[name], column)
        assert found[name].flags.aligned


def test_the_file_is_its_owners_and_nothing_else_is_left(file: Path) -> None:
    assert file.stat().st_mode & 0o077 == 0
    assert list(file.parent.iterdir()) == [file]


def test_no_bit_can_be_flipped_and_no_byte_cut_or_added_without_being_noticed(file: Path) -> None:
    data = file.read_bytes()
    flipped = (data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :] for at in range(len(data)) for bit in range(8))
    cut = (data[:length] for length in range(len(data)))
    unnoticed = []
    for number, harmed in enumerate([*flipped, *cut, data + b"\0", data + data]):
        file.write_bytes(harmed)
        with suppress(ValueError):
            read(file)
            unnoticed.append(number)
    assert unnoticed == []


@pytest.mark.parametrize(
    "data",
    [b"crossid vectors 2\n{}\n", b"crossid neighbours 1\n{}\n", sealed({"kind": "numbers", "version": 6})],
    ids=["vectors of old", "neighbours of old", "another version"],
)
def test_what_another_version_wrote_is_passed_over_and_no_damage(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    assert open_columns(file, KIND) is None


def test_where_there_is_no_file_there_is_nothing_to_read(tmp_path: Path) -> None:
    assert open_columns(tmp_path / "kept", KIND) is None
    assert open_columns(tmp_path, KIND) is None


SAID = {"kind": "numbers", "version": 7, "said": {}}
NOTHING = {"halves": [0], "wholes": [0], "names": [0], "none": [0]}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"something else\n",
        sealed([]),
        sealed(b"[" * 50_000),
        sealed(b" " * (1 << 17)),
        sealed({**SAID, "kind": "letters", "shapes": NOTHING}),
        sealed({"kind": "numbers", "version": 7, "shapes": NOTHING}),
        sealed(SAID),
        sealed({**SAID, "shapes": {}}),
        sealed({**SAID, "shapes": {**NOTHING, "wholes": [-1]}}),
        sealed({**SAID, "shapes": {**NOTHING, "wholes": [2**80]}}),
        sealed({**SAID, "shapes": {**NOTHING, "wholes": ["1"]}}),
        sealed({**SAID, "shapes": {**NOTHING, "wholes": [1]}}, bytes(63)),
    ],
    ids=[
        *("empty", "another file", "a list", "deep", "long", "another kind", "nothing said", "no shapes", "no shape"),
        *("less than none", "more than there is", "no number", "cut, with a checksum that holds"),
    ],
)
def test_a_file_that_somebody_made_up_is_refused(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    with pytest.raises(ValueError, match=r"."):
        read(file)


def kept(folder: Path) -> None:
    """An archive with both files that are made of columns."""
    with closing(open_archive(folder, SETTINGS, write=True, create=True)) as store:
        fill(store)
        paint(store)
    with closing(open_archive(folder, SETTINGS)) as store:
        marks, others = np.array([1, 2], np.uint64), np.array([1, 0], np.int32)
        sure = np.array([5.0, 5.0], np.float32)
        store.keep_neighbours(
            Neighbours(mark="1", marks=marks, counts=marks.astype(int) * 0 + 1, columns=others, evidence=sure)
        )
        store.references(SPACE)


@pytest.mark.parametrize("name", [VECTORS, NEIGHBOURS])
def test_verify_notices_a_flipped_bit_wherever_it_is_and_repair_makes_it_good(tmp_path: Path, name: str) -> None:
    kept(tmp_path / "kept")
    file = tmp_path / "kept" / name
    data = file.read_bytes()
    end = data.index(b"\n", len(MAGIC) + 9)
    for at in (0, len(MAGIC) - 2, len(MAGIC), data.index(b"version") + 10, data.index(b"said") + 9, end, -1):
        harmed = bytearray(data)
        harmed[at] ^= 1
        file.write_bytes(harmed)
        found = verify(tmp_path / "kept", SETTINGS, originals=False)
        assert [(one.kind, one.path, one.mendable) for one in found.differences] == [("changed", name, True)], at
    repair(tmp_path / "kept", SETTINGS, found)
    assert not verify(tmp_path / "kept", SETTINGS, originals=False).differences


def test_one_file_in_the_place_of_the_other_is_noticed(tmp_path: Path) -> None:
    kept(tmp_path / "kept")
    (tmp_path / "kept" / VECTORS).replace(tmp_path / "kept" / NEIGHBOURS)
    (difference,) = verify(tmp_path / "kept", SETTINGS, originals=False).differences
    assert difference.path == NEIGHBOURS


@pytest.mark.parametrize("old", [b"crossid vectors 2\n{}\n", b"crossid neighbours 1\n{}\n"])
def test_files_of_an_older_version_are_made_anew_and_nothing_is_wrong_with_them(tmp_path: Path, old: bytes) -> None:
    kept(tmp_path / "kept")
    (tmp_path / "kept" / VECTORS).write_bytes(old)
    (tmp_path / "kept" / NEIGHBOURS).write_bytes(old)
    assert not verify(tmp_path / "kept", SETTINGS, originals=False).differences
    with closing(open_archive(tmp_path / "kept", SETTINGS)) as store:
        assert store.neighbours() is None
        assert len(store.references(SPACE)) == 5
    assert (tmp_path / "kept" / VECTORS).read_bytes().startswith(MAGIC)


def test_vectors_that_lead_nowhere_are_not_used_though_every_byte_is_as_written(tmp_path: Path) -> None:
    """Whoever gave the archive away may have written the file as well."""
    kept(tmp_path / "kept")
    file = tmp_path / "kept" / VECTORS
    with closing(open_archive(tmp_path / "kept", SETTINGS)) as store:
        who = store.references(SPACE).who.tolist()
        data = file.read_bytes()
        rest = data[len(MAGIC) + 9 :]
        at = rest.rindex(np.array(who, "<i4").tobytes())
        rest = rest[:at] + (99).to_bytes(4, "little") + rest[at + 4 :]
        file.write_bytes(MAGIC + f"{zlib.crc32(rest):08x}\n".encode() + rest)
        assert store.check_references() == "it is damaged"
        assert store.references(SPACE).who.tolist() == who
