"""The file that is quicker to read than the tables: never older, never damaged, never needed."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from builders import SPACE, an_act, fill
from crossid import sketches
from crossid.archive import ArchiveSettings, Store, open_archive, paint
from crossid.archive.references import VECTORS
from crossid.archive.trust import verify
from crossid.types import References


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_archive(tmp_path / "kept", ArchiveSettings(), write=True, create=True)
    fill(store)
    yield store
    store.close()


def same(a: References, b: References) -> bool:
    columns = ("ids", "who", "qualities", "vectors")
    return a.people == b.people and all(np.array_equal(getattr(a, one), getattr(b, one)) for one in columns)


def test_what_is_read_from_the_file_is_what_was_read_from_the_tables(store: Store) -> None:
    made = store.references(SPACE)
    assert len(made) == 5
    file = store.folder / VECTORS
    written = file.stat().st_mtime_ns
    assert same(store.references(SPACE), made)
    assert file.stat().st_mtime_ns == written
    assert file.stat().st_mode & 0o077 == 0


def test_a_ruling_is_seen_at_once(store: Store) -> None:
    before = store.references(SPACE)
    track = store.log("P-000002")[0].appearance_id
    store.act(an_act("reject", "P-000002", appearances=(track,)))
    after = store.references(SPACE)
    assert (before.people, after.people) == (("P-000001", "P-000002"), ("P-000001",))


@pytest.mark.parametrize("harm", ["cut", "flipped", "empty", "rubbish", "gone"])
def test_a_damaged_file_is_made_anew(store: Store, harm: str) -> None:
    made = store.references(SPACE)
    file = store.folder / VECTORS
    data = bytearray(file.read_bytes())
    data[-3] ^= 1
    harmed = {"cut": data[:-5], "flipped": data, "empty": b"", "rubbish": b"crossid vectors 1\n[]\n", "gone": None}[
        harm
    ]
    file.unlink()
    if harmed is not None:
        file.write_bytes(harmed)
    assert same(store.references(SPACE), made)
    assert file.read_bytes()[-3] == data[-3] ^ 1


def test_painting_leaves_no_vectors_behind(store: Store) -> None:
    """Whoever is erased is in no file of the archive."""
    store.references(SPACE)
    paint(store)
    assert not (store.folder / VECTORS).exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes everywhere")
def test_an_archive_that_cannot_be_written_answers_all_the_same(store: Store) -> None:
    store.folder.chmod(0o500)
    try:
        assert len(store.references(SPACE)) == 5
    finally:
        store.folder.chmod(0o700)


def test_an_alias_is_followed(store: Store) -> None:
    store.alias("P-000002", "P-000001", "run-1")
    assert store.references(SPACE).people == ("P-000001",)


def test_one_appearance_is_a_row_of_the_log(store: Store) -> None:
    rows = {track: row for row in store.log() for track in row.tracks}
    alone = next(track for track, row in rows.items() if len(row.tracks) == 1)
    assert store.sighting(alone) == rows[alone]
    with pytest.raises(KeyError):
        store.sighting("0" * 16)


def test_verify_does_not_mind_the_file(store: Store) -> None:
    paint(store)
    folder = store.folder
    store.close()
    reader = open_archive(folder, ArchiveSettings())
    reader.references(SPACE)
    reader.close()
    assert (folder / VECTORS).exists()
    assert not verify(folder, ArchiveSettings(), originals=False).differences


def test_sketches_are_kept_where_there_are_many(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(store.references(SPACE).sketches) == 0
    store.forget_references()
    monkeypatch.setattr(sketches, "WORTH", 5)
    made, read = store.references(SPACE), store.references(SPACE)
    assert len(made.sketches) == len(read.sketches) == 5
    for name in ("centre", "bits", "along", "away"):
        assert np.array_equal(getattr(made.sketches, name), getattr(read.sketches, name))
    assert store.check_references() == ""
