"""What somebody did with a file manager is read back as what they meant; what is not clear is left to them."""

from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from builders import NOON, a_kept_archive, a_video, an_act, an_appearance, asked_of
from crossid.archive import ArchiveSettings, open_archive
from crossid.archive.trust import verify
from crossid.errors import ArchiveError
from crossid.pipeline.adopting import adopt
from crossid.pipeline.reviewing import review

if TYPE_CHECKING:
    from pathlib import Path

    from crossid.pipeline.adopting import Adopted

SETTINGS = ArchiveSettings()
JANE, JOHN, NEW = "P-000001", "P-000002", "P-000003"
NOBODYS = an_appearance(a_video("day two/clip.mp4"), 7, 8, quality=0.1, direction=2).id


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Jane is seen in two videos, John in one, somebody unidentified once."""
    return a_kept_archive(tmp_path / "kept")


def faces(archive: Path, person: str) -> list[Path]:
    """Pictures of a person, best first."""
    return sorted((archive / "people").glob(f"{person}*/faces/*"))


def files(archive: Path) -> set[str]:
    return {path.relative_to(archive).as_posix() for path in archive.rglob("*") if path.is_file()}


def adopted(archive: Path) -> Adopted:
    """Adopted as tried before; afterwards the folders are in order, and there is nothing more to adopt."""
    before = files(archive)
    tried = adopt(archive, by="ann", at=NOON, dry_run=True)
    assert files(archive) == before
    done = adopt(archive, by="ann", at=NOON)
    assert [(one.kind, one.number, one.changes) for one in done.rulings] == [
        (one.kind, one.number, one.changes) for one in tried.rulings
    ]
    assert done.conflicts == tried.conflicts
    assert {one.kind for one in verify(archive, SETTINGS, originals=False).differences} <= {"unexpected"}
    return done


def in_order(archive: Path) -> bool:
    """Whether all is as painted, and nothing is left to adopt."""
    again = adopt(archive, by="ann", at=NOON, dry_run=True)
    return verify(archive, SETTINGS, originals=False).sound and not (again.rulings or again.conflicts or again.missing)


def test_folders_as_painted_mean_nothing(archive):
    before = files(archive)
    done = adopted(archive)
    assert (done.rulings, done.conflicts, done.missing) == ((), (), 0)
    assert files(archive) == before


@pytest.mark.parametrize("called", [f"{JANE} Jane Doe", "Jane Doe"])
def test_a_folder_renamed_is_a_name(archive, called):
    (archive / "people" / JANE / "note.txt").write_text("mine")
    (archive / "people" / JANE).rename(archive / "people" / called)
    done = adopted(archive)
    assert [one.kind for one in done.rulings] == ["name"]
    assert asked_of(archive, lambda store: [one.name for one in store.people()]) == ["Jane Doe", None]
    assert (archive / f"people/{JANE} Jane Doe/note.txt").read_text() == "mine"
    assert {path.name for path in (archive / "people").iterdir()} == {f"{JANE} Jane Doe", JOHN}
    (archive / f"people/{JANE} Jane Doe/note.txt").unlink()
    assert in_order(archive)


def test_a_name_taken_off_a_folder_is_taken_back(archive):
    review(archive, an_act("name", JANE, name="Jane"))
    (archive / f"people/{JANE} Jane").rename(archive / "people" / JANE)
    adopted(archive)
    assert asked_of(archive, lambda store: store.people()[0].name) is None
    assert in_order(archive)


def test_an_id_taken_off_a_folder_means_nothing_and_comes_back(archive):
    review(archive, an_act("name", JANE, name="Jane"))
    (archive / f"people/{JANE} Jane").rename(archive / "people/Jane")
    assert adopted(archive).rulings == ()
    assert (archive / f"people/{JANE} Jane/person.json").is_file()
    assert in_order(archive)


def test_a_picture_in_another_folder_is_a_move(archive):
    picture = faces(archive, JANE)[0]
    picture.rename(archive / "people" / JOHN / "faces" / picture.name)
    done = adopted(archive)
    assert [one.kind for one in done.rulings] == ["move"]
    assert (len(faces(archive, JANE)), len(faces(archive, JOHN))) == (1, 2)
    assert in_order(archive)


def test_a_picture_dropped_anywhere_in_a_persons_folder_is_theirs(archive):
    (picture,) = (archive / "unidentified/faces").iterdir()
    picture.rename(archive / "people" / JOHN / "whoever.jpg")
    assert [one.kind for one in adopted(archive).rulings] == ["move"]
    assert asked_of(archive, lambda store: store.memberships()[NOBODYS].person) == JOHN
    assert in_order(archive)


def test_a_picture_among_the_unidentified_is_a_rejection(archive):
    picture = faces(archive, JANE)[0]
    picture.rename(archive / "unidentified/faces" / picture.name)
    assert [one.kind for one in adopted(archive).rulings] == ["reject"]
    assert len(faces(archive, JANE)) == 1
    assert in_order(archive)


def test_pictures_in_a_folder_of_their_own_are_somebody_new(archive):
    (archive / "people/Joan").mkdir()
    picture = faces(archive, JANE)[0]
    picture.rename(archive / "people/Joan" / picture.name)
    assert [one.kind for one in adopted(archive).rulings] == ["move", "name"]
    assert asked_of(archive, lambda store: store.people()[-1].name) == "Joan"
    assert faces(archive, f"{NEW} Joan")
    assert not (archive / "people/Joan").exists()
    assert in_order(archive)


@pytest.mark.parametrize("how", ["into", "contents"])
def test_folders_merged_are_a_merge(archive, how):
    if how == "into":
        (archive / "people" / JOHN).rename(archive / "people" / JANE / JOHN)
    else:
        shutil.copytree(archive / "people" / JOHN, archive / "people" / JANE, dirs_exist_ok=True)
        shutil.rmtree(archive / "people" / JOHN)
    assert [one.kind for one in adopted(archive).rulings] == ["merge"]
    assert asked_of(archive, lambda store: store.aliases()) == {JOHN: JANE}
    assert {path.name for path in (archive / "people").iterdir()} == {JANE}
    assert in_order(archive)


def test_what_was_adopted_can_be_undone(archive):
    before = files(archive)
    (archive / "people" / JOHN).rename(archive / "people" / JANE / JOHN)
    adopted(archive)
    review(archive, an_act("undo"))
    assert files(archive) == before


def test_a_picture_in_two_places_is_not_clear(archive):
    picture = faces(archive, JANE)[0]
    shutil.copy(picture, archive / "people" / JOHN / "faces")
    done = adopted(archive)
    assert done.rulings == ()
    assert "is where it was and in 'P-000002', too" in done.conflicts[0]
    picture.unlink()
    shutil.copy(archive / "people" / JOHN / "faces" / picture.name, archive / "unidentified/faces")
    (archive / "people" / JANE / "faces" / picture.name).unlink(missing_ok=True)
    done = adopt(archive, by="ann", at=NOON, dry_run=True)
    assert any("lies in 2 places" in one for one in done.conflicts)


def test_two_folders_of_one_person_are_not_clear(archive):
    shutil.copytree(archive / "people" / JANE, archive / "people" / f"{JANE} Jane")
    done = adopt(archive, by="ann", at=NOON, dry_run=True)
    assert done.rulings == ()
    assert "are both the folder of P-000001" in done.conflicts[0]


def test_a_picture_that_goes_into_one_of_two_folders_of_one_person_is_not_clear_either(archive):
    shutil.copytree(archive / "people" / JANE, archive / "people" / f"{JANE} Jane")
    shutil.move(faces(archive, JOHN)[0], archive / "people" / JANE / "faces")
    done = adopt(archive, by="ann", at=NOON, dry_run=True)
    assert done.rulings == ()
    assert "are both the folder of P-000001" in done.conflicts[0]


def test_a_folder_that_is_gone_says_nothing(archive):
    shutil.rmtree(archive / "people" / JOHN)
    done = adopted(archive)
    assert done.rulings == ()
    assert "The folder of P-000002 is gone" in done.conflicts[0]
    assert in_order(archive)


def test_a_picture_that_was_deleted_says_nothing_and_comes_back(archive):
    faces(archive, JANE)[0].unlink()
    done = adopted(archive)
    assert (done.rulings, done.missing) == ((), 1)
    assert len(faces(archive, JANE)) == 2


def test_a_folder_that_names_nobody_is_not_clear(archive):
    (archive / "people" / JANE).rename(archive / "people/P-000099 Jane")
    done = adopt(archive, by="ann", at=NOON, dry_run=True)
    assert done.rulings == ()
    assert any("names somebody who is not in this archive" in one for one in done.conflicts)


def test_a_new_folder_called_as_somebody_is_not_clear(archive):
    review(archive, an_act("name", JOHN, name="John"))
    (archive / "people/john").mkdir()
    picture = faces(archive, JANE)[0]
    picture.rename(archive / "people/john" / picture.name)
    done = adopt(archive, by="ann", at=NOON, dry_run=True)
    assert done.rulings == ()
    assert "may be P-000002 or somebody new" in done.conflicts[0]


def test_files_that_are_not_crossids_and_links_are_left_alone(archive, tmp_path):
    outside = tmp_path / "outside.jpg"
    outside.write_bytes(faces(archive, JANE)[0].read_bytes())
    (archive / "people" / JOHN / "faces/link.jpg").symlink_to(outside)
    (archive / "people" / JOHN / "faces/mine.jpg").write_bytes(b"mine")
    (archive / "people/elsewhere").symlink_to(tmp_path)
    assert adopted(archive).rulings == ()
    assert (archive / "people" / JOHN / "faces/mine.jpg").read_bytes() == b"mine"
    assert outside.is_file()


@pytest.mark.parametrize("name", ["=cmd()", "\u202eenaJ", "..", "x" * 200, "-rf", "名前"])
def test_a_folder_may_be_called_anything(archive, name):
    (archive / "people" / JANE).rename(archive / "people" / f"{JANE} {name}")
    adopted(archive)
    assert len(list((archive / "people").iterdir())) == 2


def test_what_is_not_clear_in_a_folder_without_a_name_names_the_folder(archive):
    picture = faces(archive, JANE)[0]
    (archive / "people" / "..  ").mkdir()
    picture.rename(archive / "people" / "..  " / picture.name)
    assert adopted(archive).conflicts == ("'..  ': The name has no letters.",)


def test_a_name_that_is_no_text_is_not_clear(archive):
    (archive / "people" / JANE).rename(archive / "people" / f"{JANE} Jane\udcff")
    done = adopted(archive)
    assert "is no text" in done.conflicts[0]


def test_what_was_done_twice_over_is_read_in_one(archive):
    """Named, and a picture moved to a folder that was renamed meanwhile."""
    (archive / "people" / JOHN).rename(archive / "people" / f"{JOHN} John")
    picture = faces(archive, JANE)[0]
    picture.rename(archive / "people" / f"{JOHN} John" / "faces" / picture.name)
    assert sorted(one.kind for one in adopted(archive).rulings) == ["move", "name"]
    assert in_order(archive)


def test_nobody_adopts_while_somebody_else_writes(archive):
    with closing(open_archive(archive, SETTINGS, write=True)), pytest.raises(ArchiveError, match="is using"):
        adopt(archive, by="ann", at=NOON)
