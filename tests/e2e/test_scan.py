"""The main job on real footage: who is found, and that running again, in parts or interrupted changes nothing."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from crossid.footage.staging import who_is_in
from running import content, log_of, run, scan


def test_each_person_is_found_in_all_their_videos_and_in_no_others(archive: Path) -> None:
    found: dict[str, set[str]] = {}
    for row in log_of(archive):
        found.setdefault(row["person_id"], set()).add(row["video"])
    due: dict[str, set[str]] = {}
    for video, people in who_is_in().items():
        for who in people:
            due.setdefault(who, set()).add(video)
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, due.values()))


def test_everything_the_contract_names_is_there_and_the_manifest_holds(archive: Path) -> None:
    for name in ("archive.json", "crossid.db", "reports/coverage.csv", "manifest-sha256.txt"):
        assert (archive / name).is_file(), name
    person = archive / "people" / "P-000001"
    assert {"person.json", "appearances.csv", "appearances.json", "contact-sheet.jpg", "faces"} <= {
        p.name for p in person.iterdir()
    }
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", "manifest-sha256.txt"], cwd=archive, capture_output=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


def test_scanning_again_changes_nothing(archive: Path, footage: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(archive, tmp_path / "archive")
    again = scan(footage, "--archive", copy)
    assert again["watched"] == 0
    assert not any(again["diff"].values())
    assert content(copy) == content(archive)


@pytest.mark.slow
def test_footage_that_comes_later_extends_the_archive_and_leads_to_the_same_people(
    archive: Path, footage: Path, tmp_path: Path
) -> None:
    parts = sorted(path for path in footage.iterdir() if path.is_file())
    grown = tmp_path / "archive"
    for part in reversed(parts):
        scan(part, "--archive", grown)

    def people(place: Path) -> set[frozenset[str]]:
        groups: dict[str, set[str]] = {}
        for row in log_of(place):
            groups.setdefault(row["person_id"], set()).add(row["appearance_id"])
        return {frozenset(group) for group in groups.values()}

    assert people(grown) == people(archive)
    with closing(sqlite3.connect(grown / "crossid.db")) as database:
        ((tracks, rulings),) = database.execute("SELECT (SELECT count(*) FROM tracks), (SELECT count(*) FROM rulings)")
    assert rulings == tracks  # each appearance was decided once: that evidence grew is no decision


def test_a_scan_interrupted_by_ctrl_c_goes_on_and_ends_as_if_undisturbed(
    archive: Path, footage: Path, tmp_path: Path
) -> None:
    resumed = tmp_path / "archive"
    command = [
        sys.executable,
        "-m",
        "crossid",
        "scan",
        str(footage),
        "--archive",
        str(resumed),
        "--workers",
        "1",
        "--json",
    ]
    for patience in (1.5, 4.0):
        scanning = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(patience)
        scanning.send_signal(signal.SIGINT)
        _, said = scanning.communicate(timeout=60)
        if scanning.returncode == 0:
            break
        assert scanning.returncode in (130, -signal.SIGINT), said  # the latter before Python's first line
        assert "Traceback" not in said
    scan(footage, "--archive", resumed)
    assert content(resumed) == content(archive)


@pytest.mark.slow
def test_a_scan_that_was_killed_goes_on_and_ends_as_if_undisturbed(
    archive: Path, footage: Path, tmp_path: Path
) -> None:
    resumed = tmp_path / "archive"
    command = [sys.executable, "-m", "crossid", "scan", str(footage), "--archive", str(resumed), "--json"]
    scanning = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    time.sleep(4)
    os.killpg(scanning.pid, signal.SIGKILL)
    scanning.wait()
    scan(footage, "--archive", resumed)
    assert content(resumed) == content(archive)


def test_a_second_scan_of_the_same_archive_says_so_and_leaves(footage: Path, tmp_path: Path) -> None:
    here = tmp_path / "archive"
    command = [sys.executable, "-m", "crossid", "scan", str(footage), "--archive", str(here), "--json"]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while not (here / "crossid.db").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    second = run("scan", footage, "--archive", here)
    first.send_signal(signal.SIGINT)
    first.wait(60)
    assert second.returncode == 5
    assert "nother crossid" in second.stderr
    assert "Traceback" not in second.stderr


def test_copies_under_other_names_are_one_video(footage: Path, tmp_path: Path) -> None:
    source = next(path for path in sorted(footage.iterdir()) if path.suffix == ".mp4")
    place = tmp_path / "footage"
    (place / "deep er").mkdir(parents=True)
    shutil.copy(source, place / "a.mp4")
    shutil.copy(source, place / "deep er" / "b 'quoted' 😀.mp4")
    outcome = scan(place, "--archive", tmp_path / "archive")
    assert outcome["videos"] == 1
    (record,) = (tmp_path / "archive" / "runs").iterdir()
    timings = json.loads(record.read_text(encoding="utf-8"))["timings"]
    assert "a.mp4" in str(timings["copies"])
    assert {one["video"]: set(one["stages"]) >= {"read", "find"} for one in timings["videos"]} == {"a.mp4": True}


@pytest.mark.slow
def test_the_archive_may_lie_inside_the_footage(footage: Path, tmp_path: Path) -> None:
    place = tmp_path / "footage"
    place.mkdir()
    shutil.copy(next(path for path in sorted(footage.iterdir()) if path.suffix == ".mp4"), place)
    first = scan(place, "--archive", place / "archive")
    again = scan(place, "--archive", place / "archive")
    assert first["videos"] == again["videos"] == 1
    assert again["watched"] == 0


@pytest.mark.slow
def test_rescan_with_other_settings_keeps_people_and_ids(archive: Path, footage: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(archive, tmp_path / "archive")
    told = run("scan", footage, "--archive", copy, "--set", "frames.every_s=0.3")
    assert told.returncode == 0, told.stderr
    assert "--rescan" in told.stderr + told.stdout
    outcome = scan(footage, "--archive", copy, "--set", "frames.every_s=0.3", "--rescan")
    assert outcome["watched"] > 0
    before = {row["person_id"] for row in log_of(archive)}
    after = {row["person_id"] for row in log_of(copy)}
    assert len(before & after) >= len(before) - 1


def test_an_interrupted_rescan_loses_nobody(archive: Path, footage: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(archive, tmp_path / "archive")
    command = [sys.executable, "-m", "crossid", "scan", str(footage), "--archive", str(copy), "--rescan"]
    scanning = subprocess.Popen([*command, "--workers", "1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(4)
    scanning.send_signal(signal.SIGINT)
    scanning.wait(60)
    scan(footage, "--archive", copy)
    assert {row["person_id"] for row in log_of(copy)} == {row["person_id"] for row in log_of(archive)}


def test_people_show_and_export_tell_what_the_archive_holds(archive: Path, tmp_path: Path) -> None:
    people = json.loads(run("people", "--archive", archive, "--json").stdout)
    assert people
    shown = run("show", "P-000001", "--archive", archive)
    assert shown.returncode == 0
    out = tmp_path / "observations.csv"
    assert run("export", "observations", out, "--archive", archive).returncode == 0
    header = out.read_text(encoding="utf-8-sig").splitlines()[0]
    assert header == (
        "video,video_sha256,time_s,pts,frame,left,top,right,bottom,score,quality,seen_by,track_id,appearance_id,person_id"
    )


@pytest.mark.slow
def test_the_demo_answers_programs_with_what_its_scan_found(tmp_path: Path) -> None:
    done = run("demo", tmp_path / "demo", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["people"] >= 5
    assert told["videos"] == told["watched"] == len(list((tmp_path / "demo" / "footage").iterdir()))
    assert {row["person_id"] for row in log_of(tmp_path / "demo" / "archive")} == set(told["diff"]["new"])


@pytest.mark.slow
@pytest.mark.shared
def test_staged_footage_is_read_as_well_as_the_benchmark_table_says(shared_data: Path) -> None:
    from benchmarks.accuracy import measure

    figures = measure(shared_data / "footage" / "staged-dev", [])
    assert figures["found"] >= 0.97
    assert figures["bcubed_f"] >= 0.95
    assert figures["link_p"] >= 0.97
    assert figures["link_f"] >= 0.90
    assert figures["mixed"] <= 2
