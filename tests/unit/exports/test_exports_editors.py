"""What leaves for other programs is opened again by readers that are not ours."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import jsonschema
import numpy as np
import opentimelineio as otio
import pytest
from PIL import Image
from typer.testing import CliRunner

from builders import NOON, a_membership, a_ruling, a_video, a_watched, an_act, an_appearance, fill
from crossid import pipeline
from crossid.archive import paint
from crossid.archive.sqlite import SqliteStore
from crossid.cli import app
from crossid.errors import CrossidError, ModelError, PartialError, SettingsError
from crossid.exports.regions import ORIENTATIONS, regions
from crossid.exports.timelines import list_rate, reel
from crossid.footage.turning import of_orientation
from crossid.settings import Settings
from crossid.types import Mishap, Place
from places import ROOT

if TYPE_CHECKING:
    from crossid.archive import Store

EVIL = "-->\n<v X>&amp; \u202e\"'\n\n00:00 --> 00:09\nא"


def keep(store: Store, name: str, person: str = "P-000002", **changes: object) -> None:
    """One more piece of footage in which a person is seen for a second."""
    video = a_video(name, **changes)
    seen = an_appearance(video, 0, 1, direction=1)
    store.add_video(video, 7, "run-1")
    store.keep_span(a_watched(video, seen), 1, "settings-a", "run-1")
    store.rule([a_ruling(seen, person)], [a_membership(seen, person)])


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two people in two videos, a photograph with a place, a PAL video; one of the two has a hostile name."""
    store = SqliteStore.open(tmp_path / "archive", create=True)
    fill(store)
    keep(store, "day two/photo.jpg", kind="still", duration_s=0.0, place=Place(latitude=48.2, longitude=-16.4))
    keep(store, "pal.mov", rate=Fraction(25), recorded_at=NOON + timedelta(days=2))
    store.act(an_act("name", "P-000002", name=EVIL, source="a list"))
    store.keep_mishap(store.videos()[0].id, Mishap(video="x.mp4", moment_s=None, room="footage", reason="cut off"))
    paint(store)
    store.close()
    return tmp_path / "archive"


def exported(archive: Path, kind: str, *people: str) -> Path:
    """Export into a file or folder beside the archive."""
    out = archive.parent / f"out.{kind}"
    pipeline.export(archive, Settings(), kind, out, people)  # type: ignore[arg-type]
    return out


def test_csv_is_the_log_of_everybody(archive):
    with exported(archive, "csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["person_id"] for row in rows].count("P-000001") == 2
    assert {row["person_id"] for row in rows} == {"P-000001", "P-000002", ""}
    with exported(archive, "csv", "P-000002").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert {row["person_id"] for row in rows} == {"P-000002"}
    assert rows[0]["name"] == f"'{EVIL}"
    assert all((archive / row["face"]).is_file() for row in rows)


def test_json_is_what_its_schema_says(archive):
    schema = json.loads((ROOT / "docs" / "export.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    told = json.loads(exported(archive, "json").read_text(encoding="utf-8"))
    jsonschema.validate(told, schema, format_checker=jsonschema.FormatChecker())
    assert [one["id"] for one in told["people"]] == ["P-000001", "P-000002"]
    assert told["people"][1]["names"][0]["source"] == "a list"
    assert len(told["appearances"]) == 6
    assert told["mishaps"][0]["reason"] == "cut off"
    spoilt = told | {"appearances": [told["appearances"][0] | {"status": "certain"}]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(spoilt, schema)


def test_a_persons_timeline_holds_their_appearances_and_says_where_the_media_lie(archive):
    timeline = otio.adapters.read_from_file(str(exported(archive, "otio") / "people" / "P-000001.otio"))
    clips = list(timeline.find_clips())
    assert [clip.media_reference.target_url for clip in clips] == [
        "file:///footage/day%20one/clip.mp4",
        "file:///footage/day%20two/clip.mp4",
    ]
    first = clips[0].source_range
    assert first.start_time.rate == pytest.approx(30000 / 1001)
    assert first.start_time.to_seconds() == pytest.approx(1.0, abs=1 / 29)
    assert first.end_time_exclusive().to_seconds() == pytest.approx(4.0, abs=2 / 29)
    assert clips[0].markers[0].metadata["crossid"]["start_s"] == 1.0
    assert timeline.duration().to_seconds() == pytest.approx(6, abs=0.2)


def test_a_videos_timeline_has_a_marker_for_each_appearance_and_a_colour_for_each_person(archive):
    files = sorted((exported(archive, "otio") / "videos").glob("*.otio"))
    assert len(files) == 4
    timelines = [otio.adapters.read_from_file(str(file)) for file in files]
    two = next(one for one in timelines if one.name == "day two/clip.mp4")
    (clip,) = two.find_clips()
    assert clip.source_range.duration.to_seconds() == pytest.approx(10, abs=0.05)
    assert {marker.metadata["crossid"]["person_id"]: marker.color for marker in clip.markers} == {
        "P-000001": "CYAN",
        "P-000002": "MAGENTA",
    }


def test_an_edit_list_is_read_again_with_the_same_frames(archive):
    folder = exported(archive, "edl")
    assert sorted(file.name for file in folder.iterdir()) == ["P-000001.edl", "P-000002.edl"]
    text = (folder / "P-000001.edl").read_text(encoding="utf-8")
    events = re.findall(r"^(\d{3})  (\S{8}) V +C +(\S+) (\S+) (\S+) (\S+)$", text, re.MULTILINE)
    assert [event[0] for event in events] == ["001", "002"]
    assert all(re.fullmatch("[A-Z0-9]{8}", event[1]) for event in events)
    assert events[0][2:] == ("00:00:00:29", "00:00:04:01", "00:00:00:00", "00:00:03:02")
    assert events[1][4] == events[0][5]
    again = otio.adapters.read_from_string(text, "cmx_3600", rate=30)
    clips = list(again.find_clips())
    assert [clip.source_range.start_time.value for clip in clips] == [29, 59]
    assert [clip.name for clip in clips] == ["day one/clip.mp4", "day two/clip.mp4"]


def test_a_hostile_name_adds_no_line_to_an_edit_list(archive):
    text = (exported(archive, "edl") / "P-000002.edl").read_text(encoding="utf-8")
    assert all(re.match(r"TITLE: |FCM: |\* |\d{3}  |$", line) for line in text.splitlines())


def test_reels_tell_videos_of_one_name_apart():
    one, other = a_video("day one/clip.mp4"), a_video("day two/clip.mp4")
    assert reel(one) != reel(other)
    assert {len(reel(video)) for video in (one, other, a_video("é.mp4"), a_video("x" * 99))} == {8}


def test_a_list_counts_at_the_rate_that_most_footage_has():
    ntsc, pal = a_video("a.mp4"), a_video("b.mp4", rate=Fraction(25))
    assert list_rate([ntsc, pal, pal]) == 25
    assert list_rate([ntsc]) == 30
    assert list_rate([a_video("c.jpg", rate=Fraction(0))]) == 25


def test_captions_are_read_by_ffmpeg_with_one_cue_for_each_appearance(archive):
    folder = exported(archive, "vtt")
    files = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.vtt"))
    assert files == ["day one/clip.vtt", "day two/clip.vtt", "pal.vtt"]
    with av.open(str(folder / "day two" / "clip.vtt")) as file:
        cues = [
            (float(one.pts * one.time_base), float(one.duration * one.time_base), bytes(one))
            for one in file.demux()
            if one.pts is not None
        ]
    assert [cue[:2] for cue in cues] == [(2.0, 3.0), (2.0, 1.0)]
    assert cues[0][2].decode().startswith("P-000001")
    text = cues[1][2].decode()
    assert text.startswith("P-000002 --&gt;\\n&lt;v X&gt;&amp;amp;")
    assert "\n" not in text


def test_captions_of_a_moment_last_long_enough_to_be_read(tmp_path):
    from test_exports_report import a_row

    from crossid.exports.captions import captions

    assert "00:00:03.000 --> 00:00:03.500" in captions([a_row(1, 1, start_s=3.0, end_s=3.0)])


def test_captions_beside_videos_replace_only_their_own(tmp_path):
    folder = tmp_path / "footage"
    folder.mkdir()
    store = SqliteStore.open(tmp_path / "archive", create=True)
    fill(store)
    keep(store, "here.mp4", path=folder / "here.mp4")
    store.close()
    for _ in range(2):
        done = pipeline.captions_beside(tmp_path / "archive", Settings())
        assert done.files == (folder / "here.vtt",)
    (folder / "here.vtt").write_text("WEBVTT\n\nNOTE mine", encoding="utf-8")
    with pytest.raises(CrossidError, match="is there already"):
        pipeline.captions_beside(tmp_path / "archive", Settings())
    assert (folder / "here.vtt").read_text(encoding="utf-8") == "WEBVTT\n\nNOTE mine"


@pytest.mark.parametrize("kind", ["csv", "json", "otio", "edl", "vtt", "xmp", "geojson"])
def test_an_export_takes_its_own_place_and_nobody_elses(archive, kind):
    out = exported(archive, kind)
    files = sorted(path for path in out.rglob("*") if path.is_file()) if out.is_dir() else [out]
    exported(archive, kind)
    for file in files:
        written = file.read_bytes()
        file.write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nmy own notes\n", encoding="utf-8")
        with pytest.raises(SettingsError, match="is not replaced"):
            exported(archive, kind)
        assert "my own notes" in file.read_text(encoding="utf-8")
        file.write_bytes(written)


def test_captions_of_two_videos_of_one_name_do_not_take_each_others_place(tmp_path):
    """`a.mov` beside `a.mp4`; and another film that once lay where `c.mp4` lies now."""
    folder = tmp_path / "footage"
    folder.mkdir()
    store = SqliteStore.open(tmp_path / "archive", create=True)
    fill(store)
    for name, person, path in (
        ("a.mp4", "P-000001", "a.mp4"),
        ("a.mov", "P-000002", "a.mov"),
        ("b.mp4", "P-000001", "b.mp4"),
        ("c.mp4", "P-000001", "c.mp4"),
        ("old c.mp4", "P-000002", "c.mp4"),
    ):
        keep(store, name, person, path=folder / path)
    ids = {video.name: video.id for video in store.videos()}
    store.close()
    pipeline.captions_beside(tmp_path / "archive", Settings())
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    who = {name: "P-000001" if "P-000001" in text else "P-000002" for name, text in texts.items()}
    assert who == {
        "a.mp4.vtt": "P-000001",
        "a.mov.vtt": "P-000002",
        "b.vtt": "P-000001",
        f"c.mp4.{ids['c.mp4'][:8]}.vtt": "P-000001",
        f"c.mp4.{ids['old c.mp4'][:8]}.vtt": "P-000002",
    }


def test_a_name_too_long_for_captions_costs_only_its_own(tmp_path):
    """`.ts` is shorter than `.vtt`: a name can be as long as a file system takes, and its captions' name longer."""
    folder, longest = tmp_path / "footage", "x" * 252 + ".ts"
    folder.mkdir()
    store = SqliteStore.open(tmp_path / "archive", create=True)
    fill(store)
    for name in (longest, "y" * 251 + ".mp4", "here.mp4"):
        keep(store, name, path=folder / name)
    store.close()
    done = CliRunner().invoke(app, ["export", "vtt", "--beside", "--archive", str(tmp_path / "archive"), "--json"])
    assert done.exit_code == PartialError.exit_code, done.stderr
    told = json.loads(done.stdout)
    assert sorted(Path(path).name for path in told["files"]) == ["here.vtt", "y" * 251 + ".vtt"]
    assert told["rows"] == 2
    reasons = {one["video"]: one["reason"] for one in told["mishaps"]}
    assert "File name too long" in reasons.pop(longest)
    assert set(reasons.values()) == {"the folder in which it was found is not there"}
    assert sorted(path.name for path in folder.iterdir()) == ["here.vtt", "y" * 251 + ".vtt"]


def test_regions_of_a_photograph_are_where_the_face_is(archive):
    (file,) = exported(archive, "xmp").rglob("*.xmp")
    assert file.name == "photo.jpg.xmp"
    space = {"rs": "http://www.metadataworkinggroup.com/schemas/regions/", "a": "http://ns.adobe.com/xmp/sType/Area#"}
    tree = ET.fromstring(file.read_bytes())
    (area,) = tree.iterfind(".//rs:Area", space)
    x, y, w, h = (float(area.get(f"{{{space['a']}}}{key}", "")) for key in "xywh")
    assert (x * 640, y * 360, w * 640, h * 360) == pytest.approx((140, 100, 80, 100), abs=0.01)
    assert tree.findtext(".//rs:Name", namespaces=space) == EVIL.replace("\n", "\\n").replace("\u202e", "\\u202e")


@pytest.mark.parametrize(("orientation", "words"), [*enumerate(["Horizontal (normal)", *ORIENTATIONS], start=1)])
def test_regions_lie_in_the_picture_as_it_is_stored(orientation, words):
    """A white face painted into the stored picture, turned upright, found, and led back."""
    stored = np.zeros((60, 100, 3), np.uint8)
    stored[10:20, 70:90] = 255
    upright = of_orientation(orientation).upright(stored)
    rows, columns = np.nonzero(upright[:, :, 0])
    height, width = upright.shape[:2]
    from test_exports_report import a_row

    box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    photograph = a_video("p.jpg", kind="still", width=width, height=height, tags=(("Image Orientation", words),))
    text = regions(photograph, [a_row(1, 1, box=tuple(map(float, box)))]).decode()
    found = {key: float(value) for key, value in re.findall(r'stArea:([xywh])="([0-9.]+)"', text)}
    assert found == pytest.approx({"x": 0.8, "y": 0.25, "w": 0.2, "h": 1 / 6}, abs=1e-5)
    assert 'stDim:w="100" stDim:h="60"' in text


def test_orientations_are_in_the_order_of_exif():
    import exifread.tags.exif as exif

    words = next(value[1] for value in exif.EXIF_TAGS.values() if value[0] == "Orientation")
    assert [words[number] for number in range(2, 9)] == list(ORIENTATIONS)


def test_places_are_points_of_longitude_and_latitude(archive):
    told = json.loads(exported(archive, "geojson").read_text(encoding="utf-8"))
    assert told["type"] == "FeatureCollection"
    (feature,) = told["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [-16.4, 48.2]}
    assert feature["properties"]["people"] == [{"id": "P-000002", "name": EVIL, "appearances": 1}]


@pytest.mark.parametrize(
    ("kind", "what"), [("geojson", "No footage in this archive says"), ("xmp", "Nobody is recognised")]
)
def test_where_there_is_nothing_to_write_it_is_said(tmp_path, kind, what):
    store = SqliteStore.open(tmp_path / "archive", create=True)
    fill(store)
    store.close()
    with pytest.raises(CrossidError, match=what) as error:
        exported(tmp_path / "archive", kind)
    assert error.value.remedy
    assert not (tmp_path / f"out.{kind}").exists()


@pytest.mark.parametrize("kind", ["csv", "json", "otio", "edl", "vtt"])
def test_an_archive_without_people_can_be_exported(tmp_path, kind):
    SqliteStore.open(tmp_path / "archive", create=True).close()
    exported(tmp_path / "archive", kind)


def test_somebody_who_is_not_there_is_an_error(archive):
    with pytest.raises(CrossidError, match="P-000099"):
        exported(archive, "csv", "P-000099")


def test_what_is_several_files_does_not_go_to_stdout(archive):
    with pytest.raises(CrossidError, match="several files"):
        pipeline.export(archive, Settings(), "edl", Path("-"))


def test_without_the_library_the_command_that_installs_it_is_named(archive, tmp_path):
    code = (
        "import sys; sys.modules['opentimelineio'] = None\n"
        "from crossid.cli import app\n"
        f"app(['export', 'edl', {str(tmp_path / 'lists')!r}, '--archive', {str(archive)!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == ModelError.exit_code
    assert 'pip install "crossid[editors]"' in done.stderr
    assert not (tmp_path / "lists").exists()


def test_a_picture_with_its_sidecar_is_read_by_pillow(archive, tmp_path):
    """Pillow finds the regions once the packet is inside a JPEG."""
    (file,) = exported(archive, "xmp").rglob("*.xmp")
    Image.new("RGB", (640, 360)).save(tmp_path / "photo.jpg", xmp=file.read_bytes())
    with Image.open(tmp_path / "photo.jpg") as photo:
        assert b"mwg-rs:Regions" in photo.info["xmp"]
