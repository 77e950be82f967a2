"""What footage claims is read where it makes sense and dropped where it does not; nothing raises."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from media import probed, write_film
from PIL import Image

from crossid.footage.metadata import MOST_TAGS, claims_of_film, date_in_name, iso_6709, iso_date, tidy
from crossid.types import Place

WHEN = datetime(2023, 1, 15, 14, 25, 30, tzinfo=UTC)
ANYTHING = st.text(max_size=60)
KEYS = st.sampled_from(
    ["creation_time", "com.apple.quicktime.creationdate", "location", "make", "model", "com.android.version"]
)


@pytest.mark.parametrize(
    "text",
    ["2023-01-15T14:25:30.000000Z", "2023-01-15T15:25:30+0100", "2023-01-15 14:25:30", "2023-01-15T09:25:30-05:00"],
)
def test_dates_become_utc(text: str) -> None:
    assert iso_date(text) == WHEN


@pytest.mark.parametrize(
    "text",
    ["", "2023-01-15", "2023-02-30T00:00:00", "yesterday, at about noon", "0001-01-01T00:00:00+23:00", "9" * 40]
    + [f"{zero}-01-01T00:00:00Z" for zero in (1904, 1970, 1980)]
    + ["1970-01-01T01:00:00+0100", "1969-12-31T23:59:59Z"],
)
def test_dates_that_are_none(text: str) -> None:
    assert iso_date(text) is None


@pytest.mark.parametrize(
    "name",
    [
        "VID_20230115_142530.mp4",
        "PXL_20230115_142530123.mp4",
        "IMG_20230115_142530.jpg",
        "folder/2023-01-15 14.25.30.mov",
        "WhatsApp Video 2023-01-15 at 14.25.30.mp4",
        "Screen 2023-01-15T14:25:30.webm",
    ],
)
def test_names_that_say_when(name: str) -> None:
    assert date_in_name(name) == WHEN


@pytest.mark.parametrize(
    "name",
    [
        "VID-20230115-WA0001.mp4",
        "20230115.mp4",
        "VID_20231315_142530.mp4",
        "VID_20230115_256199.mp4",
        "1234520230115_142530.mp4",
        "2023-01-15 14.25.30/clip.mp4",
        "2023-0115 1425.30.mp4",
    ],
)
def test_names_that_do_not(name: str) -> None:
    assert date_in_name(name) is None


def test_apples_date_goes_before_the_containers_and_both_before_the_name() -> None:
    tags = {"creation_time": "2022-01-01T00:00:00Z", "com.apple.quicktime.creationdate": "2023-01-15T15:25:30+0100"}
    claims = claims_of_film(tags, "VID_20200101_000000.mp4")
    assert (claims.recorded_at, claims.clock) == (WHEN, "quicktime")
    nothing = claims_of_film({"creation_time": "1970-01-01T00:00:00Z"}, "VID_20230115_142530.mp4")
    assert (nothing.recorded_at, nothing.clock) == (WHEN, "filename")
    assert claims_of_film({}, "clip.mp4").clock == "none"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("+29.8531+121.5454+10.069992/", Place(latitude=29.8531, longitude=121.5454, altitude=10.069992)),
        ("-33.8568-070.6483/", Place(latitude=-33.8568, longitude=-70.6483)),
        ("+4030.5-07400.0/", Place(latitude=40 + 30.5 / 60, longitude=-74.0)),
        ("+403030-0740000/", Place(latitude=40 + 30 / 60 + 30 / 3600, longitude=-74.0)),
        ("+27.5916+086.5640+8850CRSWGS_84/", Place(latitude=27.5916, longitude=86.564, altitude=8850)),
    ],
)
def test_places_by_iso_6709(text: str, place: Place) -> None:
    found = iso_6709(text)
    assert found is not None
    assert (found.latitude, found.longitude) == pytest.approx((place.latitude, place.longitude))
    assert found.altitude == place.altitude


@pytest.mark.parametrize("text", ["", "here", "+00.0000+000.0000/", "+91.0+010.0/", "+10.0+181.0/", "+1e5+010/"])
def test_places_that_are_none(text: str) -> None:
    assert iso_6709(text) is None


@pytest.mark.parametrize(
    ("tags", "device"),
    [
        ({"com.apple.quicktime.make": "Apple", "com.apple.quicktime.model": "iPhone 14"}, "Apple iPhone 14"),
        ({"make": "Canon", "model": "Canon EOS 5D"}, "Canon EOS 5D"),
        ({"com.android.version": "13"}, "Android 13"),
        ({"MAKE": " Sony "}, "Sony"),
        ({"make": "\x1b[2J\n"}, "\\x1b[2J"),
        ({}, None),
    ],
)
def test_devices(tags: dict[str, str], device: str | None) -> None:
    assert claims_of_film(tags, "a.mp4").device == device


@given(tags=st.dictionaries(KEYS, ANYTHING), name=ANYTHING)
def test_no_tag_and_no_name_can_raise(tags: dict[str, str], name: str) -> None:
    claims = claims_of_film(tags, name)
    assert claims.recorded_at is None or claims.recorded_at.tzinfo is UTC
    assert claims.device is None or len(claims.device) <= 100


def test_tags_are_sorted_visible_and_bounded() -> None:
    tags = tidy({f"k{n:04}": "\0" * 9000 for n in range(1000)} | {"a\n": "b"})
    assert len(tags) == MOST_TAGS
    assert tags[0] == ("a\\n", "b")
    assert all(value.isprintable() and len(value) <= 500 for _, value in tags)


def test_a_container_is_heard(tmp_path: Path) -> None:
    said = {"creation_time": "2023-01-15T14:25:30Z", "location": "+48.8584+002.2945/", "title": "Täst"}
    video = probed(write_film(tmp_path / "a.mp4", frames=2, tags=said))
    assert (video.recorded_at, video.clock) == (WHEN, "quicktime")
    assert video.place == Place(latitude=48.8584, longitude=2.2945)
    assert dict(video.tags)["title"] == "Täst"


def write_photograph(path: Path, **exif: object) -> Path:
    tags = Image.Exif()
    tags[0x010F], tags[0x0110] = "Fairphone", "FP4"
    details, gps = tags.get_ifd(0x8769), tags.get_ifd(0x8825)
    details[0x9003] = exif.get("date", "2023:01:15 15:25:30")
    details[0x9011] = exif.get("offset", "+01:00")
    gps[1], gps[2], gps[3], gps[4] = "S", exif.get("latitude", (33.0, 30.0, 0.0)), "W", (70.0, 0.0, 36.0)
    gps[5], gps[6] = b"\x01", 12.5
    Image.new("RGB", (8, 6)).save(path, exif=tags)
    return path


def test_exif_is_heard(tmp_path: Path) -> None:
    video = probed(write_photograph(tmp_path / "a.jpg"))
    assert (video.recorded_at, video.clock, video.device) == (WHEN, "exif", "Fairphone FP4")
    assert video.place is not None
    assert (video.place.latitude, video.place.longitude) == pytest.approx((-33.5, -70.01))
    assert video.place.altitude == -12.5


def test_an_exif_date_without_an_offset_is_taken_for_utc(tmp_path: Path) -> None:
    assert probed(write_photograph(tmp_path / "a.jpg", date="2023:01:15 14:25:30", offset="")).recorded_at == WHEN


def test_senseless_exif_is_no_claim(tmp_path: Path) -> None:
    path = write_photograph(tmp_path / "a.jpg", date="0000:00:00 00:00:00", offset="x", latitude=(400.0, 0.0, 0.0))
    video = probed(path)
    assert (video.recorded_at, video.clock, video.place) == (None, "none", None)


@settings(deadline=None, max_examples=50)
@given(where=st.integers(0, 300), what=st.binary(min_size=1, max_size=40))
def test_damaged_exif_never_stops_a_photograph_from_being_one(
    tmp_path_factory: pytest.TempPathFactory, where: int, what: bytes
) -> None:
    path = write_photograph(tmp_path_factory.mktemp("exif") / "a.jpg")
    content = bytearray(path.read_bytes())
    where, end = where + content.index(b"Exif\0\0") + 6, content.index(b"\xff\xdb")
    content[where : min(where + len(what), end)] = what[: max(0, end - where)]
    path.write_bytes(content)
    assert probed(path).width in (6, 8)
