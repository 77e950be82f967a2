"""A truth that somebody wrote by hand is understood, or the place that makes no sense is named."""

import json
from pathlib import Path

import pytest

from builders import a_video
from crossid.errors import SettingsError
from crossid.people.showings import match
from crossid.people.truth import read_truth
from crossid.types import Observation

SHOWN = {"identity": "Jane", "start_s": 1.0, "end_s": 2.0, "boxes": [[1.0, 100, 50, 180, 150]]}


def written(folder: Path, content: object) -> Path:
    file = folder / "truth.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


def seen(video: str, when_s: float, left: float = 100.0, track: str = "t") -> Observation:
    return Observation(
        video=video,
        video_sha256=a_video(video).id,
        time_s=when_s,
        pts=0,
        frame=0,
        box=(left, 50, left + 80, 150),
        score=1,
        quality=1,
        seen_by="",
        track_id=track,
        appearance_id=track,
        person_id="",
    )


def test_a_face_belongs_to_the_showing_that_holds_its_middle(tmp_path: Path) -> None:
    truth = read_truth(written(tmp_path, {"videos": {"C:\\day\\clip.mp4": {"shown": [SHOWN]}}}))
    faces = [seen("day/clip.mp4", 1.5), seen("day/clip.mp4", 1.5, left=300), seen("day/clip.mp4", 3), seen("b.mp4", 1)]
    found = match(truth, faces)
    assert (len(found.showings[0].tracks), found.stray) == (1, 2)
    assert found.identities() == {"t": "Jane"}


def test_without_boxes_a_person_fills_the_picture(tmp_path: Path) -> None:
    bare = {key: value for key, value in SHOWN.items() if key != "boxes"}
    found = match(
        read_truth(written(tmp_path, {"videos": {"clip.mp4": {"shown": [bare]}}})), [seen("clip.mp4", 1, 900)]
    )
    assert len(found.showings[0].tracks) == 1


def test_between_two_shots_the_nearer_in_time_holds_the_face(tmp_path: Path) -> None:
    after = SHOWN | {"identity": "Joan", "start_s": 2.0, "end_s": 3.0}
    truth = read_truth(written(tmp_path, {"videos": {"clip.mp4": {"shown": [SHOWN, after]}}}))
    found = match(truth, [seen("clip.mp4", 2.1)])
    assert [len(one.tracks) for one in found.showings] == [0, 1]


def test_what_is_dark_is_in_no_figure(tmp_path: Path) -> None:
    dark = SHOWN | {"dark": True, "identity": "Joan"}
    found = match(read_truth(written(tmp_path, {"videos": {"clip.mp4": {"shown": [SHOWN, dark]}}})), [])
    assert [one.identity for one in found.showings] == ["Jane"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "no table 'videos'"),
        ({"videos": []}, "no table 'videos'"),
        ({"videos": {}}, "of no video who is shown"),
        ({"videos": {"a.mp4": {"shown": []}}}, "of no video who is shown"),
        ({"videos": {"a.mp4": {"shown": [SHOWN | {"dark": True}]}}}, "of no video who is shown"),
        ({"videos": {"a.mp4": []}}, "'a.mp4' has no list 'shown'"),
        ({"videos": {"x/a.mp4": {"shown": [SHOWN]}, "y/a.mp4": {"shown": []}}}, "two videos 'a.mp4'"),
        ({"videos": {"a.mp4": {"shown": [SHOWN, {}]}}}, "Showing 1 of 'a.mp4' makes no sense: it has no 'identity'"),
        ({"videos": {"a.mp4": {"shown": ["Jane"]}}}, "Showing 0"),
        ({"videos": {"a.mp4": {"shown": [SHOWN | {"identity": ""}]}}}, "no name"),
        ({"videos": {"a.mp4": {"shown": [SHOWN | {"start_s": 3}]}}}, "lasts from 3.0 s to 2.0 s"),
        ({"videos": {"a.mp4": {"shown": [SHOWN | {"start_s": -1}]}}}, "lasts from"),
        ({"videos": {"a.mp4": {"shown": [SHOWN | {"end_s": "nan"}]}}}, "lasts from"),
        ({"videos": {"a.mp4": {"shown": [SHOWN | {"end_s": None}]}}}, "is none"),
        ({"videos": {"a.mp4": {"shown": [SHOWN | {"dark": "yes"}]}}}, "neither true nor false"),
        ({"videos": {"a.mp4": {"shown": [SHOWN | {"boxes": [[1, 2, 3, 4]]}]}}}, "is none"),
        ({"videos": {"a.mp4": {"shown": [SHOWN | {"boxes": [[1, 9, 3, 4, 5]]}]}}}, "box at 1.0 s is empty"),
    ],
)
def test_what_makes_no_sense_is_named(tmp_path: Path, content: object, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as refused:
        read_truth(written(tmp_path, content))
    assert refused.value.remedy


def test_a_truth_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    for file in (tmp_path / "none.json", tmp_path):
        with pytest.raises(SettingsError, match="cannot be read"):
            read_truth(file)
