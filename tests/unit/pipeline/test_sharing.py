"""A twin holds what it is said to hold, and not one byte of what it is said to leave out."""

import json
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from builders import a_membership, a_ruling, a_run, a_video, a_watched, an_act, an_appearance
from crossid.archive import ArchiveSettings, Store, open_archive, paint
from crossid.cli import app
from crossid.errors import ArchiveError
from crossid.types import Place

SECRETS = ("Jane Doe", "secret-source", "ward 7", "Pixel 9", "reviewer-bob")


def fill(store: Store) -> dict[str, str]:
    """Two people in a video whose name and making tell too much, and somebody unidentified; face -> person."""
    video = a_video(
        "ward 7/secret-source.mp4", device="Pixel 9", place=Place(latitude=52.51, longitude=13.4), tags=(("by", "ann"),)
    )
    seen = [an_appearance(video, 1, 3), an_appearance(video, 2, 5, left=300.0, direction=1)]
    nobody = an_appearance(video, 7, 8, direction=2, left=200.0)
    store.begin_run(a_run(settings={"footage": "/ward 7/secret-source"}))
    store.add_video(video, 7, "run-1")
    store.keep_span(a_watched(video, *seen, nobody), 1, "settings-a", "run-1")
    people = store.new_person_ids(3, "run-1")[1:]
    store.rule(
        [a_ruling(*pair) for pair in zip(seen, people, strict=True)],
        [a_membership(*pair) for pair in zip(seen, people, strict=True)],
    )
    store.act(an_act("name", people[0], name="Jane Doe", by="reviewer-bob"))
    paint(store)
    return {one.portraits[0].face.id: person for one, person in zip(seen, people, strict=True)}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    store = open_archive(tmp_path / "kept", ArchiveSettings(), write=True, create=True)
    fill(store)
    store.close()
    return tmp_path / "kept"


def share(archive: Path, *words: object) -> Result:
    return CliRunner().invoke(app, ["share", *map(str, words), "--archive", str(archive)])


def everything(folder: Path) -> bytes:
    """All bytes of all files, and their names."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return b"\0".join(path.read_bytes() + path.relative_to(folder).as_posix().encode() for path in files)


def portraits(archive: Path) -> dict[str, bytes]:
    """Person -> the best face's picture."""
    store = open_archive(archive, ArchiveSettings())
    found = {row.person_id: store.portrait(row.face) for row in store.log()}
    store.close()
    return found


def test_a_twin_tells_who_is_seen_when_by_id(archive: Path, tmp_path: Path) -> None:
    told = json.loads(share(archive, tmp_path / "twin", "--json").stdout)
    assert (told["videos"], told["people"], told["appearances"]) == (1, 2, 3)
    original, twin = (open_archive(folder, ArchiveSettings()) for folder in (archive, tmp_path / "twin"))
    kept, given = original.log(), twin.log()
    for one, other in zip(kept, given, strict=True):
        for what in ("person_id", "video_sha256", "start_s", "end_s", "recorded_at", "faces", "box", "probability"):
            assert getattr(one, what) == getattr(other, what), what
    assert {row.video for row in given} == {"video-0001"}
    assert [(one.looked_at, one.missable_s) for one in twin.coverage()] == [
        (one.looked_at, one.missable_s) for one in original.coverage()
    ]
    assert twin.spaces() == []
    original.close()
    twin.close()


def test_nothing_that_is_left_out_is_in_any_byte_of_it(archive: Path, tmp_path: Path) -> None:
    assert share(archive, tmp_path / "twin", "P-000002").exit_code == 0
    before, after = everything(archive), everything(tmp_path / "twin")
    for secret in [*(one.encode() for one in SECRETS), struct.pack(">d", 52.51)]:
        assert secret in before
        assert secret not in after
    assert not list((tmp_path / "twin").glob("*.lock"))
    for direction in range(3):  # embeddings
        vector = an_appearance(a_video(), direction=direction).embeddings[0].vector.astype("<f4").tobytes()
        assert vector in before
        assert vector not in after


def test_faces_are_of_those_who_are_named_and_of_nobody_else(archive: Path, tmp_path: Path) -> None:
    import cv2

    def colours(pictures: dict[str, bytes]) -> dict[str, np.ndarray]:
        images = {who: cv2.imdecode(np.frombuffer(jpeg, np.uint8), 1) for who, jpeg in pictures.items()}
        return {who: image.reshape(-1, 3).mean(axis=0) for who, image in images.items()}

    share(archive, tmp_path / "twin", "P-000002")
    kept, given = colours(portraits(archive)), colours(portraits(tmp_path / "twin"))
    assert np.abs(kept["P-000002"] - given["P-000002"]).max() < 4
    for hidden in ("P-000003", ""):
        assert np.abs(given[hidden] - 128).max() < 2
        assert np.abs(kept[hidden] - 128).max() > 10
    share(archive, tmp_path / "faceless")
    assert all(np.abs(colour - 128).max() < 2 for colour in colours(portraits(tmp_path / "faceless")).values())


def test_a_twin_is_an_archive_that_holds_what_was_recorded(archive: Path, tmp_path: Path) -> None:
    share(archive, tmp_path / "twin")
    checked = CliRunner().invoke(app, ["verify", "--archive", str(tmp_path / "twin"), "--json"])
    assert checked.exit_code == 0, checked.stdout
    listed = CliRunner().invoke(app, ["people", "--archive", str(tmp_path / "twin"), "--json"])
    assert [one["id"] for one in json.loads(listed.stdout)] == ["P-000002", "P-000003"]


def test_a_twin_goes_into_a_folder_of_its_own(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert share(archive, tmp_path).exit_code == 2
    assert share(archive, archive / "twin").exit_code == 2
    assert share(archive, tmp_path / "twin", "P-000009").exit_code == 5
    assert not (tmp_path / "twin").exists()


def test_what_reviewers_ruled_is_told_without_who_did(archive: Path, tmp_path: Path) -> None:
    def statuses(folder: Path) -> list[tuple[str, str, float]]:
        store = open_archive(folder, ArchiveSettings())
        found = [(row.person_id, row.status, row.start_s) for row in store.log()]
        store.close()
        return found

    store = open_archive(archive, ArchiveSettings(), write=True)
    row = store.log("P-000003")[0]
    store.act(an_act("confirm", "P-000002", by="reviewer-bob"))
    store.act(an_act("reject", "P-000003", appearances=row.tracks, by="reviewer-bob", why="ward 7"))
    store.close()
    assert share(archive, tmp_path / "twin").exit_code == 0
    assert statuses(archive) == statuses(tmp_path / "twin")
    assert {status for _, status, _ in statuses(archive)} >= {"confirmed", "rejected"}
    after = everything(tmp_path / "twin")
    assert not [secret for secret in SECRETS if secret.encode() in after]


def test_a_twin_that_could_not_be_finished_is_not_there(archive: Path, tmp_path: Path) -> None:
    """The portrait of somebody whose face is to be in it is gone from the database."""
    with closing(sqlite3.connect(archive / "crossid.db")) as database:
        database.execute("DELETE FROM crops")
        database.commit()
    assert share(archive, tmp_path / "twin", "P-000002").exit_code != 0
    assert not (tmp_path / "twin").exists()


def test_a_disk_that_is_full_is_told_as_it_is_nothing_of_the_twin_is_kept(archive: Path, small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(900_000))
    done = share(archive, small_disk / "twin")
    assert done.exit_code == 1
    assert "disk is full" in done.stderr
    assert "Nothing is left of the twin" in done.stderr
    assert "goes on where it stopped" not in done.stderr
    assert not (small_disk / "twin").exists()


def test_nobody_is_looked_up_in_a_twin_and_that_is_said(archive: Path, tmp_path: Path) -> None:
    share(archive, tmp_path / "twin")
    done = CliRunner().invoke(app, ["find", "film.mp4@1", "--archive", str(tmp_path / "twin")])
    assert done.exit_code == ArchiveError.exit_code
    assert "nothing to recognise a face by" in done.stderr


def test_no_footage_is_scanned_into_a_twin(archive: Path, tmp_path: Path) -> None:
    share(archive, tmp_path / "twin")
    (tmp_path / "footage").mkdir()
    Image.new("RGB", (64, 64)).save(tmp_path / "footage" / "photo.png")
    before = everything(tmp_path / "twin")
    done = CliRunner().invoke(app, ["scan", str(tmp_path / "footage"), "--archive", str(tmp_path / "twin")])
    assert done.exit_code == ArchiveError.exit_code
    assert "crossid share left that out of it" in done.stderr
    assert everything(tmp_path / "twin").count(b"photo.png") == before.count(b"photo.png") == 0
