"""Pictures come with exact times, upright, in right colours, and the same however a video is cut."""

import gc
import itertools
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from media import lay_down, probed, shade, watched, write_film

from crossid import footage
from crossid.errors import FootageError
from crossid.footage import FootageSettings
from crossid.footage.decoding import LOOKED_UP
from crossid.types import Span

WHOLE = FootageSettings(span_s=1e6)
CUT = FootageSettings(span_s=1.0)

SEEKABLE = {
    "short GOPs": ("a.mp4", "libx264", {"g": "12"}, {}),
    "one GOP": ("a.mp4", "libx264", {"g": "1000"}, {}),
    "open GOPs": ("a.mp4", "libx264", {"bf": "3", "x264-params": "open-gop=1:keyint=20:b-pyramid=normal"}, {}),
    "open GOPs in Matroska": ("a.mkv", "libx264", {"bf": "3", "x264-params": "open-gop=1:keyint=20"}, {}),
    "fragments": ("a.mp4", "libx264", {"g": "25"}, {"movflags": "frag_keyframe+empty_moov"}),
    "no index in Matroska": ("a.mkv", "libx264", {"g": "25"}, {"live": "1"}),
    "intra refresh": ("a.mp4", "libx264", {"x264-params": "intra-refresh=1:keyint=25"}, {}),
    "MPEG-4": ("a.mov", "mpeg4", {"g": "20", "bf": "2"}, {}),
    "MPEG-2": ("a.mkv", "mpeg2video", {"g": "12", "bf": "2", "sc_threshold": "1000000000"}, {}),
    "VP8": ("a.webm", "libvpx", {"g": "30"}, {}),
    "every picture a key": ("a.mov", "mjpeg", {}, {}),
}


@pytest.mark.parametrize(("name", "codec", "options", "muxer"), SEEKABLE.values(), ids=SEEKABLE.keys())
def test_spans_bring_what_an_undivided_read_brings(
    tmp_path: Path, name: str, codec: str, options: dict[str, str], muxer: dict[str, str]
) -> None:
    pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = write_film(tmp_path / name, frames=130, codec=codec, options=options, muxer=muxer, pix_fmt=pix_fmt)
    assert len(footage.spans(probed(path), CUT)) == 6
    whole, cut = watched(path, WHOLE), watched(path, CUT)
    assert [one.moment for one in cut] == [one.moment for one in whole]
    assert [one.number for one in cut] == [one.number for one in whole] == list(range(130))
    assert all(np.array_equal(a.luma, b.luma) for a, b in zip(cut, whole, strict=True))
    assert np.array_equal(cut[60].render(), whole[60].render())


def test_a_span_holds_its_first_moment_and_not_its_last(tmp_path: Path) -> None:
    video = probed(write_film(tmp_path / "a.mp4", frames=50))
    span = Span(video=video, index=1, start_s=0.4, end_s=0.8)
    assert [one.number for one in footage.read(span, WHOLE)] == list(range(10, 20))


def test_the_container_may_count_from_anywhere(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mkv", frames=60, stamps=[90_000 + 40 * n for n in range(60)])
    assert [one.moment.pts for one in watched(path, WHOLE)] == [40 * n for n in range(60)]
    assert [one.moment.pts for one in watched(path, CUT)] == [40 * n for n in range(60)]
    assert probed(path).duration_s == pytest.approx(2.4)


@pytest.mark.parametrize("turn", [(1, 0, 0, 1), (0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0), (-1, 0, 0, 1)])
def test_what_lies_is_set_upright(tmp_path: Path, turn: tuple[int, int, int, int]) -> None:
    """A point (p, q) of the stored picture is shown where the display matrix puts it."""
    a, b, c, d = turn
    lying = write_film(tmp_path / "a.mp4", frames=2, size=(64, 32), draw=corner, options={"crf": "5"})
    picture = watched(lay_down(lying, *turn))[0]
    wide, high = (32, 64) if b else (64, 32)
    x, y = a * 8 + c * 4, b * 8 + d * 4  # where the middle of the red corner (8, 4) goes
    x, y = x % wide, y % high
    image = picture.render()
    assert image.shape == (high, wide, 3)
    assert picture.luma.shape == (high, wide)
    red = image[..., 0].astype(int) - image[..., 2] > 100
    assert red[y, x]
    assert red.mean() == pytest.approx(1 / 16, abs=0.01)
    assert (picture.luma > 40).mean() == pytest.approx(1 / 16, abs=0.02)


def test_a_display_matrix_that_makes_no_sense_leaves_pictures_as_they_are(tmp_path: Path) -> None:
    lying = write_film(tmp_path / "a.mp4", frames=30, options={"g": "5"})
    upright = [one.luma for one in watched(lying)]
    assert np.array_equal([one.luma for one in watched(lay_down(lying, 0, 0, 0, 0))], upright)


def corner(_number: int, width: int, height: int) -> np.ndarray:
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 4, : width // 4] = (255, 0, 0)
    return image


def test_luma_is_as_wide_as_asked_for_and_never_wider_than_the_picture(tmp_path: Path) -> None:
    wide = write_film(tmp_path / "wide.mp4", frames=1, size=(640, 360))
    small = write_film(tmp_path / "small.mp4", frames=1, size=(100, 50))
    tall = write_film(tmp_path / "tall.mp4", frames=1, size=(360, 640))
    assert [watched(path)[0].luma.shape for path in (wide, small, tall)] == [(180, 320), (50, 100), (569, 320)]
    assert watched(wide, replace(WHOLE, luma_width_px=64))[0].luma.shape == (36, 64)


def test_luma_is_full_range_and_smooth(tmp_path: Path) -> None:
    """Video black 16 and white 235 become 0 and 255; fine stripes become an even grey, they do not flicker."""
    halves = write_film(tmp_path / "a.mp4", frames=1, size=(64, 64), draw=half_black, options={"crf": "1"})
    luma = watched(halves)[0].luma
    assert luma[:, :24].max() <= 2
    assert luma[:, 40:].min() >= 253
    stripes = write_film(tmp_path / "b.mp4", frames=1, size=(640, 64), draw=striped, options={"crf": "1"})
    grey = watched(stripes)[0].luma
    assert grey.mean() == pytest.approx(127, abs=8)
    assert grey.std() < 4


def half_black(_number: int, width: int, height: int) -> np.ndarray:
    image = np.zeros((height, width, 3), np.uint8)
    image[:, width // 2 :] = 255
    return image


def striped(_number: int, width: int, height: int) -> np.ndarray:
    image = np.zeros((height, width, 3), np.uint8)
    image[:, ::2] = 255
    return image


@pytest.mark.parametrize(
    ("size", "matrix", "full", "stored"),
    [
        ((64, 48), 2, False, (81, 90, 240)),  # small and unmarked: BT.601
        ((1280, 720), 2, False, (63, 102, 240)),  # large and unmarked: BT.709
        ((64, 48), 1, False, (63, 102, 240)),  # marked as BT.709
        ((1280, 720), 6, False, (81, 90, 240)),  # marked as BT.601
        ((64, 48), 6, True, (76, 85, 255)),  # full range
    ],
)
def test_pure_red_is_red(
    tmp_path: Path, size: tuple[int, int], matrix: int, full: bool, stored: tuple[int, int, int]
) -> None:
    """Red as ITU-R BT.601 and BT.709 store it comes out red (a wrong matrix is off by 23)."""
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = (*size, "yuv420p")
        stream.codec_context.colorspace, stream.codec_context.color_range = matrix, 2 if full else 1
        frame = av.VideoFrame(*size, "yuv420p")
        for plane, value in zip(frame.planes, stored, strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.colorspace, frame.color_range, frame.pts = matrix, 2 if full else 1, 0
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    picture = watched(path)[0]
    assert picture.render()[20, 20].tolist() == pytest.approx([255, 0, 0], abs=3)
    assert int(picture.luma[20, 20]) == pytest.approx(stored[0] if full else (stored[0] - 16) * 255 / 219, abs=1)


def test_render_is_right_whenever_it_is_called(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", frames=40, options={"crf": "5"})
    pictures = watched(path)
    path.unlink()
    for number in (39, 0, 17):
        wanted = shade(number, 96, 64)
        assert np.abs(pictures[number].render()[40:].astype(int) - wanted[40:]).mean() < 6


def test_a_size_that_changes_midway_is_survived(tmp_path: Path) -> None:
    """Luma keeps its size, so that pictures can be compared; images are as large as they are."""
    first = write_film(tmp_path / "a.ts", frames=50, size=(96, 64))
    second = write_film(tmp_path / "b.ts", frames=50, size=(64, 48))
    path = tmp_path / "joined.ts"
    path.write_bytes(first.read_bytes() + second.read_bytes())
    pictures = watched(path)
    assert {one.luma.shape for one in pictures} == {(64, 96)}
    assert {one.render().shape for one in pictures} == {(64, 96, 3), (48, 64, 3)}


def test_recordings_joined_end_to_end_go_on_in_time(tmp_path: Path) -> None:
    part = write_film(tmp_path / "a.ts", frames=60).read_bytes()
    (tmp_path / "joined.ts").write_bytes(part + part)
    times = [one.moment.seconds for one in watched(tmp_path / "joined.ts")]
    assert len(times) >= 118
    assert all(0 < later - earlier < 0.2 for earlier, later in itertools.pairwise(times))


def test_times_rise_even_where_those_of_the_file_do_not(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mkv", frames=6, codec="ffv1", stamps=[0, 40, 80, 120, 160, 200])
    content = bytearray(path.read_bytes())
    for stamp in (b"\x81\x00\x50", b"\x81\x00\x78"):  # a block's track and time: 80 and 120 ms become 20 ms
        content[content.index(stamp) + 2] = 20
    path.write_bytes(content)
    assert [one.moment.pts for one in watched(path)] == [0, 40, 160, 200]


def test_a_video_that_is_gone_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", frames=2)
    video = probed(path)
    path.unlink()
    with pytest.raises(FootageError, match=r"a\.mp4 is not there") as caught:
        list(footage.read(footage.spans(video, WHOLE)[0], WHOLE))
    assert caught.value.remedy


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"g": "20"}, {"g": "1"}])
def test_frames_are_let_go_as_they_are_read(tmp_path: Path, options: dict[str, str]) -> None:
    """A frame and its side data hold each other; by the hundred they were most of what a worker held."""
    path = write_film(tmp_path / "a.mp4", frames=130, options=options)
    (span,) = footage.spans(probed(path), WHOLE)
    most = 0
    gc.collect()
    gc.disable()
    try:
        for _ in footage.read(span, WHOLE):
            most = max(most, sum(type(one) is av.VideoFrame for one in gc.get_objects()))
    finally:
        gc.enable()
    assert most <= 2 * LOOKED_UP
