"""Contact sheets: legible for whatever videos are called."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from crossid.archive.sheets import FACE_PX, GAP_PX, TITLE_PX, Caption, contact_sheet


def portrait(colour: tuple[int, int, int]) -> bytes:
    out = BytesIO()
    Image.new("RGB", (50, 50), colour).save(out, "JPEG")
    return out.getvalue()


def page(title: str, faces: list[tuple[bytes, Caption]]) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(contact_sheet(title, faces))).convert("RGB")).astype(int)


def test_faces_stand_in_rows_in_the_order_given():
    colours = [(250, 0, 0), (0, 250, 0), (0, 0, 250), (250, 250, 0), (0, 250, 250), (250, 0, 250), (120, 120, 120)]
    sheet = page("P-000001", [(portrait(one), Caption(video="a.mp4", time="00:00:01.000")) for one in colours])
    middle, step = GAP_PX + FACE_PX // 2, FACE_PX + GAP_PX
    for place, colour in enumerate(colours[:6]):
        assert sheet[TITLE_PX + middle, place * step + middle] == pytest.approx(colour, abs=12)
    assert sheet[-middle - 30, middle] == pytest.approx(colours[6], abs=12)


def test_video_and_time_stand_under_the_face():
    sheet = page("P-000001", [(portrait((250, 250, 250)), Caption(video="a.mp4", time="00:00:01.000"))])
    below = sheet[TITLE_PX + GAP_PX + FACE_PX :, : FACE_PX + GAP_PX]
    lines = [row.min() < 100 for row in below]
    starts = sum(now and not before for before, now in zip([False, *lines], lines, strict=False))
    assert starts == 2


@pytest.mark.parametrize(
    "name",
    [
        "a" * 300 + ".mp4",
        "🎥👨\u200d👩\u200d👧.mov",
        "مظاهرة في الميدان.mp4",
        "\u202egpj.exe",
        "a\nb\0c",
        "\udcff\ud800",
        "",
    ],
)
def test_no_name_of_a_video_is_too_odd_or_too_long(name):
    sheet = page(f"P-000001 {name}", [(portrait((0, 0, 0)), Caption(video=name, time="00:00:01.000"))] * 2)
    assert sheet[TITLE_PX + GAP_PX + FACE_PX :, FACE_PX + GAP_PX + 2 : FACE_PX + 2 * GAP_PX - 2].min() > 200, (
        "no overlap"
    )


def test_nobody_is_an_empty_page():
    assert page("P-000001", []).shape[0] < 100
