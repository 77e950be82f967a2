"""The folders that people open: what lies where, and that nothing else is touched."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from manifests import listed, there

from builders import (
    NOON,
    a_membership,
    a_ruling,
    a_video,
    a_watched,
    an_act,
    an_appearance,
    fill,
)
from crossid.archive import PaintedFile, paint
from crossid.archive.pieces import Piece, put
from crossid.archive.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossid.archive import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The archive of `builders.fill`, painted."""
    store = SqliteStore.open(tmp_path / "archive", create=True)
    fill(store)
    paint(store)
    yield store
    store.close()


def files(store: Store) -> list[str]:
    return sorted(path.relative_to(store.folder).as_posix() for path in store.folder.rglob("*") if path.is_file())


def times(store: Store) -> dict[str, int]:
    unstable = {"crossid.db-wal", "crossid.db-shm"}
    return {path: (store.folder / path).stat().st_mtime_ns for path in files(store) if path not in unstable}


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8-sig") as lines:
        return list(csv.DictReader(lines))


def jane(store: Store, name: str | None = "Jane Doe", person: str = "P-000001") -> None:
    store.act(an_act("name", person, name=name, source="passport"))


def test_the_layout_is_the_contracts(store):
    shown = [path for path in files(store) if not path.startswith("crossid.db-")]
    videos = {video.name: video.id[:8] for video in store.videos()}
    one, two = videos["day one/clip.mp4"], videos["day two/clip.mp4"]
    faces = {row.appearance_id: row.face[:8] for row in store.log()}
    rank = {row.start_s: faces[row.appearance_id] for row in store.log("P-000001")}
    (second,), (nobody,) = ([row.face[:8] for row in store.log(who)] for who in ("P-000002", ""))
    assert shown == sorted(
        [
            "archive.json",
            "crossid.db",
            "crossid.lock",
            "manifest-sha256.txt",
            "people/P-000001/appearances.csv",
            "people/P-000001/appearances.json",
            "people/P-000001/contact-sheet.jpg",
            f"people/P-000001/faces/001_clip_00h00m03.600s_{rank[1.0]}.jpg",
            f"people/P-000001/faces/002_clip_00h00m03.600s_{rank[2.0]}.jpg",
            "people/P-000001/person.json",
            "people/P-000002/appearances.csv",
            "people/P-000002/appearances.json",
            "people/P-000002/contact-sheet.jpg",
            f"people/P-000002/faces/001_clip_00h00m02.600s_{second}.jpg",
            "people/P-000002/person.json",
            "reports/coverage.csv",
            f"reports/frames/clip_{one}.csv",
            f"reports/frames/clip_{two}.csv",
            "runs/run-1.json",
            "unidentified/appearances.csv",
            f"unidentified/faces/001_clip_00h00m07.600s_{nobody}.jpg",
            f"videos/clip_{one}.csv",
            f"videos/clip_{two}.csv",
        ]
    )


def test_the_log_has_the_contracts_columns_and_formats(store):
    data = (store.folder / "people/P-000001/appearances.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfperson_id,name,video,video_sha256,appearance_id,start_s,end_s,start,end,")
    assert data.count(b"\r\n") == data.count(b"\n") == 3
    first, second = rows(store.folder / "people/P-000001/appearances.csv")
    assert list(first) == [
        *("person_id", "name", "video", "video_sha256", "appearance_id", "start_s", "end_s", "start", "end"),
        *("recorded_at", "clock", "faces", "face", "left", "top", "right", "bottom"),
        *("probability", "evidence", "status", "source_id"),
    ]
    log = store.log("P-000001")
    assert first == {
        "person_id": "P-000001",
        "name": "",
        "video": "day one/clip.mp4",
        "video_sha256": a_video("day one/clip.mp4").id,
        "appearance_id": log[0].appearance_id,
        "start_s": "1.000",
        "end_s": "4.000",
        "start": "00:00:01.000",
        "end": "00:00:04.000",
        "recorded_at": "2024-05-01T12:00:01.000Z",
        "clock": "quicktime",
        "faces": "12",
        "face": first["face"],
        "left": "100.0",
        "top": "50.0",
        "right": "180.0",
        "bottom": "150.0",
        "probability": "0.9000",
        "evidence": "1/1 toy",
        "status": "proposed",
        "source_id": log[0].appearance_id,
    }
    assert second["video"] == "day two/clip.mp4"


def test_the_face_of_a_row_is_a_picture_in_the_archive(store):
    for row in store.log():
        folder = f"people/{row.person_id}" if row.person_id else "unidentified"
        shown = {one["appearance_id"]: one["face"] for one in rows(store.folder / folder / "appearances.csv")}
        assert (store.folder / shown[row.appearance_id]).read_bytes() == store.portrait(row.face)


def test_json_holds_the_same_rows_typed(store):
    typed = json.loads((store.folder / "people/P-000001/appearances.json").read_bytes())
    for one, plain in zip(typed, rows(store.folder / "people/P-000001/appearances.csv"), strict=True):
        assert list(one) == list(plain)
        assert (one["start_s"], one["faces"], one["left"], one["probability"]) == (
            float(plain["start_s"]),
            int(plain["faces"]),
            float(plain["left"]),
            float(plain["probability"]),
        )


def test_a_video_shows_everybody_in_it_the_unidentified_included(store):
    video = a_video("day two/clip.mp4")
    shown = rows(store.folder / f"videos/clip_{video.id[:8]}.csv")
    assert [row["person_id"] for row in shown] == [row.person_id for row in store.log() if row.video == video.name]
    assert {row["person_id"] for row in shown} == {"P-000001", "P-000002", ""}


def test_a_person_card_says_who_where_and_when(store):
    jane(store)
    paint(store)
    card = json.loads((store.folder / "people/P-000001 Jane Doe/person.json").read_bytes())
    assert (card["id"], card["name"], card["status"], card["appearances"]) == ("P-000001", "Jane Doe", "proposed", 2)
    assert card["names"] == [
        {"name": "Jane Doe", "alias": False, "by": "ann", "source": "passport", "at": NOON.isoformat()}
    ]
    assert [video["video"] for video in card["videos"]] == ["day one/clip.mp4", "day two/clip.mp4"]
    assert card["first_seen"]["recorded_at"] == "2024-05-01T12:00:01.000Z"
    assert card["last_seen"]["recorded_at"] == "2024-05-02T12:00:02.000Z"


def test_reports_say_why_each_frame_was_kept_or_dropped(store):
    frames = rows(store.folder / f"reports/frames/clip_{a_video('day one/clip.mp4').id[:8]}.csv")
    assert len(frames) == 20
    assert frames[1] == {
        "time_s": "0.500",
        "pts": "500",
        "frame": "15",
        "decision": "kept",
        "reason": "motion",
        "motion": "0.2500",
        "brightness": "0.5000",
    }
    (first, _) = rows(store.folder / "reports/coverage.csv")
    assert (first["video"], first["looked_at"], first["missable_s"]) == ("day one/clip.mp4", "20", "0.500")


def test_a_run_is_recorded_with_settings_models_timings_and_diff(store):
    run = json.loads((store.folder / "runs/run-1.json").read_bytes())
    assert (run["id"], run["versions"]["crossid"]) == ("run-1", "0.1.0")
    assert run["settings"]["pack"] == "builtin"
    assert run["models"][0]["name"] == "toy"
    assert run["timings"] == {"seconds": 1.0}
    assert run["mishaps"] == []
    assert run["diff"] == {"new": ["P-000001", "P-000002"], "seen_again": [], "merged": [], "split": [], "bar": None}


def test_painting_twice_touches_nothing(store):
    before = times(store)
    paint(store)
    assert times(store) == before
    store.close()
    again = SqliteStore.open(store.folder, write=True)
    paint(again)
    again.close()
    assert {path: at for path, at in before.items() if path != "crossid.lock"} == {
        path: at for path, at in times(store).items() if path != "crossid.lock"
    }


def test_only_what_changed_is_written(store):
    before = times(store)
    video = a_video("day three/clip.mp4")
    appearance = an_appearance(video, quality=0.01)
    store.add_video(video, 7, "run-2")
    store.keep_span(a_watched(video, appearance), 1, "settings-a", "run-2")
    store.rule([a_ruling(appearance, "P-000002")], [a_membership(appearance, "P-000002")])
    paint(store)
    after = times(store)
    changed = {path for path in after if after[path] != before.get(path)}
    (face,) = [row.face[:8] for row in store.log("P-000002") if row.video == video.name]
    assert changed == {
        "crossid.db",
        "manifest-sha256.txt",
        "people/P-000002/appearances.csv",
        "people/P-000002/appearances.json",
        "people/P-000002/contact-sheet.jpg",
        f"people/P-000002/faces/002_clip_00h00m01.600s_{face}.jpg",
        "people/P-000002/person.json",
        "reports/coverage.csv",
        f"reports/frames/clip_{video.id[:8]}.csv",
        f"videos/clip_{video.id[:8]}.csv",
    }


def test_what_is_made_from_the_same_is_not_made_again(tmp_path):
    made = []
    piece = Piece(path="people/sheet.jpg", source="three faces", make=lambda: made.append(1) or b"jpeg")
    before = put(tmp_path, piece, None)
    assert put(tmp_path, piece, before) == before
    put(tmp_path, replace(piece, source="four faces"), before)
    assert len(made) == 2


def test_what_somebody_changed_or_removed_is_painted_again(store):
    card, sheet = (store.folder / "people/P-000001" / name for name in ("person.json", "contact-sheet.jpg"))
    before = card.read_bytes(), sheet.read_bytes()
    card.write_text("scribble")
    sheet.unlink()
    paint(store)
    assert (card.read_bytes(), sheet.read_bytes()) == before


def test_a_folder_takes_the_name_of_its_person_with_all_that_lies_in_it(store):
    note = store.folder / "people/P-000001/my notes.txt"
    note.write_text("seen at the square")
    faces = [path.stat().st_mtime_ns for path in sorted((store.folder / "people/P-000001/faces").iterdir())]
    jane(store)
    paint(store)
    folder = store.folder / "people/P-000001 Jane Doe"
    assert (folder / "my notes.txt").read_text() == "seen at the square"
    assert [path.stat().st_mtime_ns for path in sorted((folder / "faces").iterdir())] == faces
    assert not (store.folder / "people/P-000001").exists()
    jane(store, None)
    paint(store)
    assert (store.folder / "people/P-000001/my notes.txt").exists()
    assert not folder.exists()


def test_a_folder_that_was_renamed_just_before_a_crash_is_recognised(store):
    jane(store)
    (store.folder / "people/P-000001").rename(store.folder / "people/P-000001 Jane Doe")
    before = [path.stat().st_mtime_ns for path in sorted((store.folder / "people/P-000001 Jane Doe/faces").iterdir())]
    paint(store)
    after = [path.stat().st_mtime_ns for path in sorted((store.folder / "people/P-000001 Jane Doe/faces").iterdir())]
    assert after == before
    assert listed(store.folder) == there(store.folder)


def test_names_that_are_no_names_of_folders_are_made_so(store):
    jane(store, "../../Jane\n/\u202econ: 'the \"Cat\"'. ")
    paint(store)
    names = {path.name for path in (store.folder / "people").iterdir()}
    assert names == {"P-000001 _.._Jane _con_ 'the _Cat_'", "P-000002"}


def test_the_folder_of_an_alias_disappears_and_its_id_resolves(store):
    store.alias("P-000002", "P-000001", "run-2")
    paint(store)
    assert [path.name for path in (store.folder / "people").iterdir()] == ["P-000001"]
    assert store.resolve("P-000002") == "P-000001"
    card = json.loads((store.folder / "people/P-000001/person.json").read_bytes())
    assert card["aliases"] == ["P-000002"]
    assert listed(store.folder) == there(store.folder)


def test_what_a_person_put_into_a_folder_that_disappears_stays(store):
    note = store.folder / "people/P-000002/faces/note.txt"
    note.write_text("mine")
    store.alias("P-000002", "P-000001", "run-2")
    paint(store)
    assert [path for path in files(store) if "P-000002" in path] == ["people/P-000002/faces/note.txt"]
    assert "note.txt" not in (store.folder / "manifest-sha256.txt").read_text()


def test_what_a_reviewer_rejected_is_listed_but_not_shown_among_the_faces(store):
    video = a_video("day two/clip.mp4")
    (row,) = store.log("P-000002")
    again = an_appearance(video, 2, 3, left=300.0, direction=1)
    store.act(an_act("reject", "P-000002", seen=[again]))
    paint(store)
    assert not (store.folder / "people/P-000002").exists()
    shown = {one["appearance_id"]: one for one in rows(store.folder / f"videos/clip_{video.id[:8]}.csv")}
    assert (shown[row.appearance_id]["status"], shown[row.appearance_id]["face"]) == ("rejected", "")


def test_the_manifest_lists_every_file_but_itself_lock_and_log(store):
    assert listed(store.folder) == there(store.folder)
    assert list(listed(store.folder)) == sorted(listed(store.folder))


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="there is no sha256sum here")
def test_sha256sum_can_check_the_manifest_whatever_files_are_called(store):
    for name in (
        "a\nb.mp4",
        "back\\slash.mp4",
        "-rf.mp4",
        " lead.mp4",
        "🎥 مظاهرة.mov",
        "=1+1.mp4",
        "b\udcff.mp4",
        ".hid",
    ):
        video = a_video(name)
        store.add_video(video, 7, "run-2")
        store.keep_span(a_watched(video, an_appearance(video)), 1, "settings-a", "run-2")
    paint(store)
    store.close()
    said = subprocess.run(
        ["sha256sum", "--check", "--strict", "manifest-sha256.txt"], cwd=store.folder, capture_output=True, check=False
    )
    assert said.returncode == 0, said.stdout
    assert listed(store.folder) == there(store.folder)


def test_a_video_whose_name_is_a_formula_does_not_run_in_a_spreadsheet(store):
    video = a_video('=HYPERLINK("http://x").mp4')
    store.add_video(video, 7, "run-2")
    store.keep_span(a_watched(video, an_appearance(video, left=-20.0)), 1, "settings-a", "run-2")
    paint(store)
    (row,) = [one for one in rows(store.folder / "unidentified/appearances.csv") if one["video_sha256"] == video.id]
    assert row["video"] == '\'=HYPERLINK("http://x").mp4'
    assert row["left"] == "-20.0"


def test_an_archive_from_elsewhere_cannot_make_painting_remove_what_is_not_its_own(store, tmp_path):
    (tmp_path / "precious").touch()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").touch()
    (store.folder / "link").symlink_to(outside)
    stray = ["../precious", str(tmp_path / "precious"), "link/file", "people/../../precious"]
    store.record_painted([PaintedFile(path=path) for path in stray])
    paint(store)
    assert (tmp_path / "precious").exists()
    assert (outside / "file").exists()
    assert not store.painted().keys() & set(stray)


def test_an_archive_of_nobody_is_painted_too(tmp_path):
    store = SqliteStore.open(tmp_path, create=True)
    paint(store)
    store.close()
    assert listed(tmp_path) == there(tmp_path)
    assert rows(tmp_path / "unidentified/appearances.csv") == []


def test_two_archives_of_the_same_facts_look_the_same(store, tmp_path):
    twin = SqliteStore.open(tmp_path / "twin", create=True)
    fill(twin, "another-run")
    paint(twin)
    twin.close()
    store.close()

    def seen(folder: Path) -> dict[str, str]:
        return {
            path: sha for path, sha in there(folder).items() if path.startswith(("people", "unid", "videos", "rep"))
        }

    assert seen(store.folder) == seen(tmp_path / "twin")
