"""An archive may come from anybody: what lies in it as a face is looked at before any decoder meets it."""

from __future__ import annotations

import sqlite3
import struct
import zlib
from contextlib import closing
from io import BytesIO
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image

from builders import NOON, a_kept_archive
from crossid.archive import ArchiveSettings, open_archive
from crossid.archive.manifest import write_manifest
from crossid.archive.portraits import MAX_SIDE_PX, size_of
from crossid.archive.trust import verify
from crossid.errors import ArchiveError
from crossid.pipeline.adopting import adopt

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = ArchiveSettings()
HUGE = 30_000


def jpeg(width: int = 320, height: int = 240, mode: str = "RGB", **how: object) -> bytes:
    packed = BytesIO()
    Image.new(mode, (width, height)).save(packed, "JPEG", **how)
    return packed.getvalue()


def claiming(width: int, height: int) -> bytes:
    """A small JPEG whose frame says that it is of another size."""
    small = jpeg(8, 8)
    at = small.index(b"\xff\xc0")
    return small[: at + 5] + struct.pack(">HH", height, width) + small[at + 9 :]


def png_bomb() -> bytes:
    """900 million black pixels in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", HUGE, HUGE, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((HUGE // 8 + 1) * 1000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return a_kept_archive(tmp_path / "kept")


def swapped(archive: Path, picture: bytes) -> str:
    """Id of a face whose picture somebody exchanged."""
    with closing(sqlite3.connect(archive / "crossid.db", isolation_level=None)) as database:
        (face,) = database.execute("SELECT face FROM crops ORDER BY rank, face LIMIT 1").fetchone()
        database.execute("UPDATE crops SET portrait = ? WHERE face = ?", [picture, face])
    return str(face)


@pytest.mark.parametrize(
    ("how", "size"),
    [
        ({}, (320, 240)),
        ({"width": 1, "height": MAX_SIDE_PX}, (1, MAX_SIDE_PX)),
        ({"progressive": True}, (320, 240)),
        ({"mode": "L"}, (320, 240)),
        ({"optimize": True, "quality": 30}, (320, 240)),
        ({"comment": b"\xff\xc0 is no frame in here", "exif": b"Exif\0\0" + bytes(300)}, (320, 240)),
    ],
)
def test_the_size_of_a_jpeg_is_what_its_frame_says(how: dict[str, object], size: tuple[int, int]) -> None:
    assert size_of(jpeg(**how)) == size  # type: ignore[arg-type]


def test_the_size_of_what_crossid_keeps_is_read_as_the_library_that_writes_it_means_it() -> None:
    packed = cv2.imencode(".jpg", np.zeros((240, 320, 3), np.uint8))[1].tobytes()
    assert size_of(packed) == (320, 240)


GOOD = jpeg(8, 8)
FRAME = GOOD.index(b"\xff\xc0")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no JPEG",
        b"\xff\xd8",
        png_bomb(),
        GOOD[: GOOD.index(b"\xff\xda")],
        GOOD[:FRAME] + GOOD[FRAME + 19 :],
        GOOD[:2] + b"\xff" + GOOD[2:],
        GOOD[:2] + b"\0" + GOOD[2:],
        GOOD[:FRAME] + GOOD[FRAME : FRAME + 19] * 2 + GOOD[FRAME + 19 :],
        GOOD[:FRAME] + b"\xff\xc3" + GOOD[FRAME + 2 :],
        GOOD[:FRAME] + b"\xff\xc0\x00\x07" + GOOD[FRAME + 4 :],
        GOOD[:FRAME] + b"\xff\xfe\x00\x01" + GOOD[FRAME:],
        claiming(0, 8),
        claiming(8, 0),
    ],
    ids=[
        *("nothing", "words", "only a start", "PNG", "no pixels", "no frame", "fill bytes", "rubbish", "two frames"),
        *("lossless", "short frame", "short segment", "no width", "no height"),
    ],
)
def test_what_is_no_plain_jpeg_has_no_size(data: bytes) -> None:
    assert size_of(data) is None


@pytest.mark.parametrize(
    ("picture", "what"),
    [
        (claiming(HUGE, HUGE), "has 30,000 x 30,000 pixels"),
        (claiming(8, MAX_SIDE_PX + 1), "has 8 x 2,049 pixels"),
        (png_bomb(), "is no JPEG"),
        (b"GIF89a", "is no JPEG"),
    ],
)
def test_a_face_that_crossid_never_made_is_refused_in_a_clear_word(archive: Path, picture: bytes, what: str) -> None:
    face = swapped(archive, picture)
    with closing(open_archive(archive, SETTINGS)) as store:
        with pytest.raises(ArchiveError, match=f"picture of face '{face}' {what}: crossid never made it") as caught:
            store.portrait(face)
        assert caught.value.remedy
        with pytest.raises(ArchiveError, match=what):
            [store.portraits(track) for track in store.memberships()]
        assert any(f"the picture of face {face} " in one for one in store.examine())


def test_a_large_picture_is_told_by_verify_though_the_database_is_as_the_manifest_says(archive: Path) -> None:
    """Whoever made the archive made its manifest, too."""
    face = swapped(archive, claiming(HUGE, HUGE))
    with closing(open_archive(archive, SETTINGS, write=True)) as store:
        write_manifest(archive, store.painted().values(), store.settle())
    found = verify(archive, SETTINGS, originals=False).differences
    assert [(one.kind, one.path, one.what) for one in found] == [
        ("damaged", "crossid.db", f"the picture of face {face} has 30,000 x 30,000 pixels")
    ]


def test_a_face_whose_picture_was_not_kept_is_nothing_and_harms_nobody(archive: Path) -> None:
    face = swapped(archive, b"")
    with closing(open_archive(archive, SETTINGS)) as store:
        assert store.portrait(face) == b""


@pytest.mark.parametrize("bomb", [claiming(HUGE, HUGE), png_bomb()])
def test_a_bomb_in_the_folder_of_a_person_is_only_ever_hashed(
    archive: Path, bomb: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = next((archive / "people/P-000001/faces").iterdir())
    picture.write_bytes(bomb)
    (archive / "people/P-000001/faces/another.jpg").write_bytes(bomb)

    def decoded(*_: object, **__: object) -> None:
        pytest.fail("it was decoded")

    monkeypatch.setattr(Image, "open", decoded)
    found = {(one.kind, one.path.rpartition("/")[2]) for one in verify(archive, SETTINGS, originals=False).differences}
    assert found == {("changed", picture.name), ("unexpected", "another.jpg")}
    assert adopt(archive, by="ann", at=NOON, dry_run=True).rulings == ()
