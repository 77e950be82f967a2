"""Evaluate agrees with the reference tool, draws what it says, and refuses what makes no sense."""

import hashlib
import json
import math
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from builders import a_membership, a_run, a_video, a_watched, an_appearance, fill
from crossid.archive import ArchiveSettings, Store, open_archive
from crossid.cli import app
from crossid.types import Space

SPACE = Space(name="dlib_resnet", dimensions=4, fingerprint="0" * 16)
FIRST = {"identity": "Jane $x^ \x1b[2J", "start_s": 1.0, "end_s": 4.0, "boxes": [[1.0, 100, 50, 180, 150]]}
AGAIN = FIRST | {"start_s": 2.0, "end_s": 5.0}
OTHER = {"identity": "Joan", "start_s": 2.0, "end_s": 3.0, "boxes": [[2.0, 300, 50, 380, 150]]}
CROSSID = [sys.executable, "-m", "crossid"]
TRUTH = {"videos": {"one.mp4": {"shown": [FIRST]}, "two.mp4": {"shown": [AGAIN, OTHER]}}}


def kept(folder: Path, act: Callable[[Store], None]) -> Path:
    store = open_archive(folder, ArchiveSettings(), write=True, create=True)
    try:
        act(store)
    finally:
        store.close()
    return folder


def two_people(store: Store) -> None:
    """Somebody in two videos, and somebody else beside them, described in the built-in space."""
    one, two = a_video("one.mp4"), a_video("two.mp4")
    seen = [
        an_appearance(one, 1, 4, space=SPACE),
        an_appearance(two, 2, 5, space=SPACE),
        an_appearance(two, 2, 3, left=300.0, direction=1, space=SPACE),
    ]
    store.begin_run(a_run())
    for video in (one, two):
        store.add_video(video, 1, "run-1")
        store.keep_span(a_watched(video, *(x for x in seen if x.video == video.id)), 1, "digest", "run-1")
    first, second = store.new_person_ids(2, "run-1")
    store.rule([], [a_membership(x, who) for x, who in zip(seen, (first, first, second), strict=True)])


def truth(folder: Path, content: object = TRUTH) -> Path:
    file = folder / "truth.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def said(*words: object) -> Result:
    return CliRunner().invoke(app, ["evaluate", *map(str, words)])


def figures(*words: object) -> dict[str, object]:
    answer = said(*words, "--json")
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def test_figures_of_an_archive_that_is_right(tmp_path: Path) -> None:
    archive = kept(tmp_path / "kept", two_people)
    before = hashlib.sha256((archive / "crossid.db").read_bytes()).hexdigest()
    found = figures(truth(tmp_path), "--archive", archive, "--thresholds")
    assert (found["found"], found["bcubed_f"], found["link_f"], found["links_due"]) == (1, 1, 1, 1)
    assert (found["mixed"], found["split"], found["stray"], found["judged"]) == (0, 0, 0, 2)
    assert found["calibration_error"] == pytest.approx(0.1)  # 0.9 is said of both, and both are right
    assert found["silhouette"] is not None
    assert [point["shift"] for point in found["thresholds"]] == [step / 2 for step in range(-6, 7)]
    assert hashlib.sha256((archive / "crossid.db").read_bytes()).hexdigest() == before


def test_plots_are_drawn_and_names_in_them_are_no_formulas(tmp_path: Path) -> None:
    archive = kept(tmp_path / "kept", two_people)
    answer = said(truth(tmp_path), "--archive", archive, "--plots", tmp_path / "plots")
    assert answer.exit_code == 0
    drawn = sorted(path.name for path in (tmp_path / "plots").iterdir())
    assert drawn == sorted(
        f"{name}.{kind}" for name in ("dendrogram", "sizes", "similarities", "det") for kind in ("png", "svg")
    )
    first = {path.name: path.read_bytes() for path in (tmp_path / "plots").iterdir()}
    said(truth(tmp_path), "--archive", archive, "--plots", tmp_path / "plots")
    assert {path.name: path.read_bytes() for path in (tmp_path / "plots").iterdir()} == first


def test_videos_that_one_side_does_not_know_are_named(tmp_path: Path) -> None:
    archive = kept(tmp_path / "kept", two_people)
    half = {"videos": {"one.mp4": {"shown": [FIRST]}, "three.mp4": {"shown": [OTHER]}}}
    found = figures(truth(tmp_path, half), "--archive", archive)
    assert (found["not_in_archive"], found["not_in_truth"]) == (["three.mp4"], ["two.mp4"])
    assert found["found"] == 0.5
    told = said(truth(tmp_path, half), "--archive", archive)
    assert "three.mp4" in told.stderr
    assert "two.mp4" in told.stderr


def test_the_truth_of_other_footage_is_refused(tmp_path: Path) -> None:
    archive = kept(tmp_path / "kept", two_people)
    answer = said(truth(tmp_path, {"videos": {"x.mp4": {"shown": [FIRST]}}}), "--archive", archive)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert "truth of other footage" in answer.stderr


def test_an_archive_without_videos_is_refused(tmp_path: Path) -> None:
    answer = said(truth(tmp_path), "--archive", kept(tmp_path / "kept", lambda _: None))
    assert answer.exit_code == 5
    assert "no video" in answer.stderr


def test_two_videos_of_one_name_cannot_be_told_apart(tmp_path: Path) -> None:
    archive = kept(tmp_path / "kept", fill)
    answer = said(truth(tmp_path, {"videos": {"clip.mp4": {"shown": [FIRST]}}}), "--archive", archive)
    assert answer.exit_code == 2
    assert "clip.mp4" in answer.stderr


def test_one_person_alone_has_figures_where_there_are_any(tmp_path: Path) -> None:
    def one_person(store: Store) -> None:
        video = a_video("one.mp4")
        seen = an_appearance(video, 1, 4, space=SPACE)
        store.begin_run(a_run())
        store.add_video(video, 1, "run-1")
        store.keep_span(a_watched(video, seen), 1, "digest", "run-1")
        (person,) = store.new_person_ids(1, "run-1")
        store.rule([], [a_membership(seen, person)])

    archive = kept(tmp_path / "kept", one_person)
    alone = {"videos": {"one.mp4": {"shown": [FIRST]}}}
    found = figures(truth(tmp_path, alone), "--archive", archive, "--thresholds", "--plots", tmp_path / "p")
    assert (found["found"], found["bcubed_f"], found["nmi"], found["silhouette"]) == (1, 1, None, None)
    assert (found["calibration_error"], found["fnir"]["0.1"]) == (None, None)


def test_where_nobody_was_seen_nothing_but_that_is_said(tmp_path: Path) -> None:
    def nobody(store: Store) -> None:
        store.begin_run(a_run())
        store.add_video(a_video("one.mp4"), 1, "run-1")

    archive = kept(tmp_path / "kept", nobody)
    found = figures(truth(tmp_path), "--archive", archive, "--thresholds", "--plots", tmp_path / "p")
    assert (found["found"], found["silhouette"], found["thresholds"], found["plots"]) == (0, None, [], [])


def test_a_probability_that_is_no_number_is_left_out_and_said_so(tmp_path: Path) -> None:
    def without(store: Store) -> None:
        two_people(store)
        store.rule([], [replace(one, probability=math.nan) for one in store.memberships().values()])

    archive = kept(tmp_path / "kept", without)
    found = figures(truth(tmp_path), "--archive", archive)
    assert (found["calibration_error"], found["judged"], found["without_probability"]) == (None, 0, 2)
    assert "2 appearances without a usable probability" in said(truth(tmp_path), "--archive", archive).stderr


def test_plots_belong_nowhere_in_the_archive(tmp_path: Path) -> None:
    archive = kept(tmp_path / "kept", two_people)
    for place in (archive, archive / "reports" / "plots"):
        assert said(truth(tmp_path), "--archive", archive, "--plots", place).exit_code == 2


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    archive = kept(tmp_path / "kept", two_people)
    (tmp_path / "file").write_text("")
    answer = said(truth(tmp_path), "--archive", archive, "--plots", tmp_path / "file" / "plots")
    assert answer.exit_code == 1
    assert "cannot be written" in answer.stderr


@pytest.mark.shared
@pytest.mark.parametrize("seed", range(3))
def test_figures_agree_with_the_reference_tool_to_the_last_digit(tmp_path: Path, shared_data: Path, seed: int) -> None:
    """An archive that is often wrong: people missed, mixed, split, and faces of nobody."""
    dice, shown = random.Random(seed), {}

    def wrong(store: Store) -> None:
        store.begin_run(a_run())
        people = [*store.new_person_ids(6, "run-1"), None]
        for name in ("one.mp4", "two.mp4", "three.mp4"):
            video, seen, shown[name] = a_video(name), [], []
            for place in range(6):
                start, left = dice.uniform(0, 4), place * 150.0
                box = [[start, left + 40, 40, left + 120 + dice.uniform(0, 60), 160]]
                entry = {"identity": dice.choice("abcd"), "start_s": start, "end_s": start + 2, "boxes": box}
                shown[name].append(entry | {"dark": dice.random() < 0.1})
                if dice.random() < 0.8:
                    seen.append(
                        an_appearance(video, start + dice.uniform(-0.2, 0.2), start + 1.5, left=left + 40, space=SPACE)
                    )
            store.add_video(video, 1, "run-1")
            store.keep_span(a_watched(video, *seen), 1, "digest", "run-1")
            store.rule([], [a_membership(one, dice.choice(people)) for one in seen])

    archive = kept(tmp_path / "kept", wrong)
    file = truth(tmp_path, {"videos": {name: {"shown": entries} for name, entries in shown.items()}})
    expected = reference(shared_data, file, archive, tmp_path)
    found = figures(file, "--archive", archive)
    assert {name: found[name] for name in expected} == expected
    assert expected["mixed"]
    assert expected["split"]


@pytest.mark.shared
@pytest.mark.slow
def test_figures_of_staged_footage_agree_with_the_reference_tool(tmp_path: Path, shared_data: Path) -> None:
    staged, archive = shared_data / "footage" / "staged-dev", tmp_path / "archive"
    subprocess.run([*CROSSID, "scan", staged, "--archive", archive, "-q"], check=True)
    expected = reference(shared_data, staged / "truth.json", archive, tmp_path)
    found = figures(staged / "truth.json", "--archive", archive)
    assert {name: found[name] for name in expected} == expected


def reference(data: Path, file: Path, archive: Path, folder: Path) -> dict[str, object]:
    """What the reference tool says of the archive's exported observations."""
    rows = folder / "rows.csv"
    subprocess.run([*CROSSID, "export", "observations", rows, "--archive", archive], check=True, capture_output=True)
    tool = [sys.executable, data / "tools" / "score_archive.py", file, rows, "--json"]
    return json.loads(subprocess.run(tool, check=True, capture_output=True).stdout)
