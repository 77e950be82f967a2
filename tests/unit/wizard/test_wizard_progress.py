"""What is seen of a scan fits the screen, believes no early rate, and repeats no hostile name."""

import io
from collections.abc import Iterable
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from builders import a_video
from crossid.pipeline import events
from crossid.types import Diff, Mishap, Video
from crossid.wizard.progress import MAX_VIDEO_LINES, Board, bars, mishap_line
from crossid.wizard.tally import WARM_UP_S, Tally

CLIP = a_video("clip.mp4", duration_s=100.0)


class Screen(io.StringIO):
    """A terminal that remembers all that was sent to it."""

    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def heard(tally: Tally, *told: events.Event) -> Tally:
    for event in told:
        tally.hear(event)
    return tally


def planned(*videos: Video) -> events.WorkPlanned:
    return events.WorkPlanned(videos=videos, seconds=sum(video.duration_s for video in videos), workers=2)


def advanced(video: Video, seconds: float, faces: int = 0, tracks: int = 0) -> events.Advanced:
    return events.Advanced(video=video, seconds=seconds, faces=faces, tracks=tracks)


def drawn(tally: Tally, width: int = 80) -> list[str]:
    page = Console(file=io.StringIO(), width=width, color_system=None)
    with page.capture() as captured:
        page.print(bars(tally, width))
    return captured.get().splitlines()


def told(words: Iterable[events.Event], *, verbose: bool = False, clock: Clock | None = None) -> list[str]:
    """What a board writes where it cannot draw."""
    page = io.StringIO()
    board = Board(Console(file=page, width=160), verbose=verbose, tally=Tally(now=clock or Clock()))
    with board.shown():
        for word in words:
            board.hear(word)
    return page.getvalue().splitlines()


def test_no_rate_is_believed_at_first_and_loading_models_does_not_count() -> None:
    clock = Clock()
    tally = heard(Tally(now=clock), planned(CLIP))
    clock.time = 100.0
    heard(tally, advanced(CLIP, 10.0))
    clock.time += WARM_UP_S - 0.1
    assert heard(tally, advanced(CLIP, 9.0)).pace() == "estimating"
    clock.time = 115.0
    assert heard(tally, advanced(CLIP, 21.0)).pace() == "2.0 × real time, about 30 s left"


def test_more_footage_than_was_announced_is_no_more_than_all_of_it() -> None:
    assert heard(Tally(now=Clock()), planned(CLIP), advanced(CLIP, 130.0)).share == 1.0


def test_every_line_fits_the_terminal_whatever_videos_are_called() -> None:
    long = replace(CLIP, id="b", name="deep/folder/" + "very long name 王" * 20 + ".mp4")
    hostile = replace(CLIP, id="c", name="two\nlines \x1b[2J[red]x[bold].mp4")
    clock = Clock()
    tally = heard(Tally(now=clock), planned(CLIP, long, hostile))
    clock.time = 10.0
    heard(tally, *(advanced(video, 50.0, faces=12345, tracks=678) for video in (CLIP, long, hostile)))
    for width in (40, 80, 200):
        lines = drawn(tally, width)
        assert len(lines) == 6
        assert all(cell_len(line) <= width for line in lines)
    assert "two\\nlines \\x1b[2J[red]x[bold].mp4" in "\n".join(drawn(tally, 120))
    assert "37,035 faces" in lines[-1]


def test_a_video_that_is_watched_gives_up_its_line() -> None:
    tally = heard(Tally(now=Clock()), planned(CLIP), events.VideoOpened(video=CLIP), advanced(CLIP, 99.0))
    assert any("clip.mp4" in line for line in drawn(tally))
    heard(tally, events.VideoWatched(video=CLIP, appearances=3))
    assert not any("clip.mp4" in line for line in drawn(tally))
    assert "1 of 1 video watched" in drawn(tally)[-1]


def test_many_open_videos_are_counted_instead_of_filling_the_screen() -> None:
    videos = [replace(CLIP, id=str(number)) for number in range(MAX_VIDEO_LINES + 5)]
    tally = heard(Tally(now=Clock()), planned(*videos), *(events.VideoOpened(video=video) for video in videos))
    assert "and 5 more" in drawn(tally)[MAX_VIDEO_LINES + 1]


def test_a_photograph_has_no_length_to_divide_by() -> None:
    still = replace(CLIP, kind="still", duration_s=0.0)
    tally = heard(Tally(now=Clock()), planned(still), events.VideoOpened(video=still))
    assert "100%" in drawn(tally)[1]


def test_without_a_terminal_there_are_plain_lines() -> None:
    skipped = Mishap(video="bad\n.mp4", moment_s=None, room="footage", reason="It is empty.", remedy="Copy it again.")
    lines = told(
        [
            events.FootageFound(files=3, known=0),
            events.FileIdentified(name="clip.mp4"),
            events.FileIdentified(name="again.mp4"),
            events.CopyFound(name="again.mp4", copy_of="clip.mp4"),
            events.Skipped(mishap=skipped),
            planned(CLIP),
            events.VideoOpened(video=CLIP),
            advanced(CLIP, 100.0, 7, 2),
            events.VideoWatched(video=CLIP, appearances=2),
            events.Recognising(appearances=2),
            events.Painting(people=1),
            events.Done(diff=Diff(), people=1, seconds=3.0),
        ]
    )
    assert lines == [
        "Skipped: bad\\n.mp4: It is empty.",
        "1 file is a copy of another one and not watched twice.",
        "Watching 1 video, 1 min 40 s, with 2 workers",
        "[1/1] clip.mp4: 2 tracks",
        "Working out who is who in 2 tracks",
        "Writing the folders of 1 person",
    ]


@pytest.mark.parametrize(
    ("reason", "line"),
    [
        ("It is empty.", "deep/clip.mp4 (at 2.0 s): It is empty."),
        ("clip.mp4 is empty.", "deep/clip.mp4 (at 2.0 s) is empty."),
        ("clip.mp4x is no name.", "deep/clip.mp4 (at 2.0 s): clip.mp4x is no name."),
    ],
)
def test_a_file_is_named_once(reason: str, line: str) -> None:
    assert mishap_line(Mishap(video="deep/clip.mp4", moment_s=2.0, room="footage", reason=reason)) == line


def test_verbose_names_copies() -> None:
    assert told([events.CopyFound(name="b.mp4", copy_of="a.mp4")], verbose=True) == ["b.mp4 is a copy of a.mp4"]


def test_a_long_video_gives_a_sign_of_life_now_and_then() -> None:
    clock = Clock()

    def told_slowly() -> Iterable[events.Event]:
        yield planned(CLIP)
        for _ in range(70):
            clock.time += 1.0
            yield advanced(CLIP, 1.0)

    lines = told(told_slowly(), clock=clock)
    assert len(lines) == 3
    assert lines[1].startswith("30% watched, 1.0 × real time, about 1 min left")


@pytest.mark.parametrize("ends_with", [None, KeyboardInterrupt])
def test_a_terminal_gets_its_cursor_back(ends_with: type[BaseException] | None) -> None:
    screen = Screen()
    board = Board(Console(file=screen, force_terminal=True, width=80, height=24))
    try:
        with board.shown():
            board.hear(planned(CLIP))
            if ends_with:
                raise ends_with
    except KeyboardInterrupt:
        pass
    shown = screen.getvalue()
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")
