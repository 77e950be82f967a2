"""Faces in a terminal: two pixels in a cell, and nothing where colours or characters are missing."""

from __future__ import annotations

from io import BytesIO, StringIO

import pytest
from PIL import Image
from rich.console import Console

from builders import a_video
from crossid.exports import pixels
from crossid.pipeline import events
from crossid.wizard.pictures import HALF_BLOCK, can_show, picture, row_of
from crossid.wizard.progress import Board


def a_jpeg(upper: tuple[int, int, int], lower: tuple[int, int, int]) -> bytes:
    """A picture of two colours, one above the other."""
    image = Image.new("RGB", (64, 64), lower)
    image.paste(upper, (0, 0, 64, 32))
    out = BytesIO()
    image.save(out, "JPEG", quality=100, subsampling=0)
    return out.getvalue()


class Terminal(StringIO):
    """Says that it is a terminal, in an encoding."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def a_console(**settings: object) -> Console:
    given: dict[str, object] = {"file": Terminal(), "color_system": "truecolor", "width": 80, "height": 24}
    return Console(**(given | {"force_terminal": True, "legacy_windows": False} | settings))  # type: ignore[arg-type]


def test_a_cell_holds_the_pixel_above_in_front_and_the_pixel_below_behind():
    drawn = picture(a_jpeg((200, 0, 0), (0, 0, 200)), 2)
    assert drawn.plain == HALF_BLOCK * 2
    style = drawn.spans[0].style
    assert style.color.triplet.red > 180 > 20 > style.color.triplet.blue  # type: ignore[union-attr]
    assert style.bgcolor.triplet.blue > 180 > 20 > style.bgcolor.triplet.red  # type: ignore[union-attr]


def test_a_picture_is_as_wide_as_asked_and_half_as_many_lines():
    lines = picture(a_jpeg((1, 2, 3), (4, 5, 6)), 12).plain.split("\n")
    assert [len(line) for line in lines] == [12] * 6


def test_what_is_no_picture_leaves_a_blank_of_the_same_size():
    assert pixels(b"no JPEG", 4, 4) == b""
    assert picture(b"no JPEG", 12).plain.split("\n") == [" " * 12] * 6


@pytest.mark.parametrize(
    "settings",
    [{"color_system": None}, {"no_color": True}, {"color_system": "standard"}, {"force_terminal": False}],
    ids=["no colours", "NO_COLOR", "16 colours", "pipe"],
)
def test_where_colours_are_missing_there_are_no_pictures(settings):
    assert can_show(a_console())
    assert not can_show(a_console(**settings))


def test_where_the_encoding_lacks_the_half_block_there_are_no_pictures(monkeypatch):
    monkeypatch.setattr(Terminal, "encoding", "cp437")
    assert not can_show(a_console())


def test_as_many_faces_as_fit_are_drawn_in_one_row():
    console = a_console()
    console.print(row_of([a_jpeg((9, 9, 9), (8, 8, one)) for one in range(8)], 80))
    assert all(line.count(HALF_BLOCK) == 72 for line in console.file.getvalue().splitlines())  # type: ignore[attr-defined]


@pytest.mark.parametrize(("height", "there"), [(24, True), (20, False)])
def test_a_scan_shows_the_latest_faces_where_the_window_is_high_enough(height, there):
    console, video = a_console(height=height), a_video()
    board = Board(console)
    board.hear(events.WorkPlanned(videos=(video,), seconds=10.0, workers=1))
    board.hear(events.VideoOpened(video=video))
    board.hear(events.FacesKept(video=video, portraits=(a_jpeg((9, 9, 9), (8, 8, 8)),)))
    console.print(board._picture())
    assert (HALF_BLOCK in console.file.getvalue()) == there  # type: ignore[attr-defined]
