"""`export observations`: the contract's columns, a file that is whole or absent."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossid.errors import CrossidError, SettingsError
from crossid.exports import write_observations
from crossid.exports.files import opened
from crossid.types import Observation
from places import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

SEEN = Observation(
    video="day one/clip.mp4",
    video_sha256="ab" * 32,
    time_s=1.23456,
    pts=111110,
    frame=37,
    box=(-3.25, 10.0, 80.0, 110.5),
    score=0.998765,
    quality=0.5,
    seen_by="mtcnn,scrfd",
    track_id="t",
    appearance_id="a",
    person_id="",
)


OLD = b"\xef\xbb\xbfvideo,video_sha256\r\nold"
"""What an earlier export wrote."""


def test_rows_have_the_contracts_columns_in_order(tmp_path):
    out = tmp_path / "out.csv"
    assert write_observations([SEEN, replace(SEEN, person_id="P-000001")], out) == 2
    assert out.read_bytes() == (
        b"\xef\xbb\xbfvideo,video_sha256,time_s,pts,frame,left,top,right,bottom,score,quality,seen_by,track_id,"
        b"appearance_id,person_id\r\n"
        + (
            f'day one/clip.mp4,{"ab" * 32},1.235,111110,37,-3.2,10.0,80.0,110.5,0.9988,0.5000,"mtcnn,scrfd",t,a,\r\n'
        ).encode()
        + (
            f"day one/clip.mp4,{'ab' * 32},1.235,111110,37,-3.2,10.0,80.0,"
            '110.5,0.9988,0.5000,"mtcnn,scrfd",t,a,P-000001\r\n'
        ).encode()
    )


@pytest.mark.parametrize("name", ["=cmd.mp4", "+1.mp4", "-1.mp4", "@x.mp4", "\tx.mp4"])
def test_names_that_a_spreadsheet_would_run_are_quoted(tmp_path, name):
    write_observations([replace(SEEN, video=name)], tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert (row["video"], row["left"]) == (f"'{name}", "-3.2")


def test_a_name_that_is_no_text_is_shown(tmp_path):
    write_observations([replace(SEEN, video="caf\udce9.mp4")], tmp_path / "out.csv")
    assert b"caf\\udce9.mp4," in (tmp_path / "out.csv").read_bytes()


def test_a_dash_is_stdout(capfdbinary):
    assert write_observations([SEEN], Path("-")) == 1
    assert capfdbinary.readouterr().out.count(b"\r\n") == 2
    assert not sys.stdout.closed


def test_nobody_seen_is_a_header(tmp_path):
    assert write_observations([], tmp_path / "out.csv") == 0
    assert (tmp_path / "out.csv").read_bytes().endswith(b"person_id\r\n")


def test_what_breaks_off_leaves_the_old_file_and_no_other(tmp_path):
    def broken() -> Iterator[Observation]:
        yield SEEN
        raise ZeroDivisionError

    out = tmp_path / "out.csv"
    out.write_bytes(OLD)
    with pytest.raises(ZeroDivisionError):
        write_observations(broken(), out)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("out.csv", OLD)]


def test_whoever_reads_the_old_file_reads_it_to_its_end(tmp_path):
    out = tmp_path / "out.csv"
    out.write_bytes(OLD)
    with out.open("rb") as reader:
        write_observations([SEEN], out)
        assert reader.read() == OLD


def test_a_place_where_nothing_can_be_written_is_one_sentence_with_a_remedy(tmp_path):
    (tmp_path / "file").touch()
    for out in (tmp_path / "file" / "out.csv", tmp_path / "file" / "none" / "out.csv", tmp_path):
        with pytest.raises(CrossidError, match="cannot be written") as caught:
            write_observations([SEEN], out)
        assert caught.value.remedy


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    write_observations([SEEN], tmp_path / "none" / "yet" / "out.csv")
    assert (tmp_path / "none" / "yet" / "out.csv").stat().st_size


def test_footage_is_never_replaced(tmp_path: Path) -> None:
    film = tmp_path / "clip.mp4"
    film.write_bytes(b"\0\0\0\x20ftypisom" + bytes(1000))
    with pytest.raises(SettingsError, match="may be footage"), opened(film):
        pass
    assert film.stat().st_size == 1012


@pytest.mark.parametrize("name", ["", ".", "/"])
def test_a_folder_is_no_file_to_write(name: str) -> None:
    with pytest.raises(SettingsError, match="it is a folder"), opened(Path(name)):
        pass


def test_a_table_may_be_written_again(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text("old")
    with opened(table) as file:
        file.write(b"new")
    assert table.read_text() == "new"


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of Windows break otherwise")
def test_whoever_stops_reading_leaves_stdout_as_it_is():
    """`| head`: what comes after must not trip over a stream that was closed on the way."""
    program = (
        "import gc, sys, test_exports_observations as here\n"
        "from crossid.exports import write_observations\n"
        "try:\n    write_observations([here.SEEN] * 10_000, here.Path('-'))\n"
        "except BrokenPipeError:\n    pass\n"
        "gc.collect()\nsys.stderr.write(f'closed: {sys.stdout.buffer.closed}')\n"
    )
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-c", program],
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd=Path(__file__).parent,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "tests", Path(__file__).parent)))},
        )
    finally:
        os.close(write)
    assert done.stderr.startswith("closed: False")
