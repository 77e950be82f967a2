"""Clips, redaction and calibration read originals in limited workers; the process that holds the archive never does."""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
import time
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from builders import a_video
from crossid.archive import ArchiveSettings, open_archive
from crossid.cli import app
from crossid.errors import CrossidError, FootageError
from crossid.exports.files import write_file
from crossid.faces import detector
from crossid.pipeline.clipping import ClipSettings, clip
from crossid.pipeline.labelled import Album, Tally, crops_of
from crossid.pipeline.limits import Limits, WorkerError
from crossid.pipeline.reading import Readers, WorkerBugError
from crossid.pipeline.redacting import RedactSettings, redact
from crossid.settings import Settings
from flashes import archive_of, write_flashes

posix = pytest.mark.skipif(os.name == "nt", reason="this system does not limit processes in this way")


def numbers(count: int) -> object:
    """An errand that yields."""
    yield from range(count)


def many_then_death(count: int) -> object:
    """An errand whose worker dies on the way."""
    yield from range(count)
    os.abort()


def bug_of_ours() -> float:
    """An errand with a bug."""
    return 1 / len([])


def write_much(out: Path, size_bytes: int) -> int:
    """An errand that writes a file."""
    write_file(out, bytes(size_bytes))
    return size_bytes


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return write_flashes(tmp_path / "film.mp4", seconds=2.0)


@pytest.fixture
def archive(film: Path, tmp_path: Path) -> Path:
    return archive_of(tmp_path / "archive", [film], {"film.mp4": [(0.5, 1.5)]})


@pytest.fixture
def no_decoding(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the archive is made, no film or picture can be opened in this process; workers are not touched by that."""
    assert archive.is_dir()
    opened = av.open

    def refuse(file: object, mode: str = "r", **words: object) -> object:
        assert mode == "w", f"{file} is read here"
        return opened(file, mode, **words)

    def refuse_picture(file: object, *_: object, **__: object) -> object:
        raise AssertionError(f"{file} is read here")

    monkeypatch.setattr(av, "open", refuse)
    monkeypatch.setattr(Image, "open", refuse_picture)


def run(*words: object) -> dict:
    done = CliRunner().invoke(app, [*map(str, words), "--json"])
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.usefixtures("no_decoding")
@pytest.mark.parametrize("words", [(), ("--boxes", "--joined"), ("--fast",)])
def test_clips_are_made_of_what_workers_read(archive: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    (made,) = run("clips", "P-000001", tmp_path / "out", "--archive", archive, *words)["clips"]
    assert made["pictures"] > 20


@pytest.mark.usefixtures("no_decoding")
def test_a_film_is_redacted_out_of_what_workers_read(film: Path, tmp_path: Path) -> None:
    assert run("redact", film, tmp_path / "safe.mp4", "--looks", 2)["pictures"] == 50


@pytest.mark.usefixtures("no_decoding")
def test_photographs_for_a_calibration_are_read_by_workers(tmp_path: Path) -> None:
    photos = [tmp_path / f"{number}.png" for number in range(2)]
    for photo in photos:
        Image.fromarray(np.full((90, 90, 3), 120, np.uint8)).save(photo)
    photos.append(tmp_path / "broken.png")
    photos[-1].write_bytes(photos[0].read_bytes()[:60])
    tally, settings = Tally(), Settings()
    with Readers(settings) as readers:
        album, chance = Album(name="Jane", photos=photos), np.random.default_rng(0)
        assert crops_of(album, detector(settings.faces), settings, chance, tally, readers=readers) == []
    assert (tally.faceless, tally.unreadable) == (2, 1)


def kill_next_worker() -> None:
    """A signal ends the first process that this one starts from now on, as the system does when memory is short."""
    before = {child.pid for child in multiprocessing.active_children()}

    def strike() -> None:
        while not (new := [one for one in multiprocessing.active_children() if one.pid not in before]):
            time.sleep(0.001)
        new[0].kill()

    threading.Thread(target=strike).start()


@posix
@pytest.mark.parametrize("fast", [False, True])
def test_an_original_that_kills_its_worker_costs_its_own_clips_and_says_so(tmp_path: Path, fast: bool) -> None:
    films = [
        write_flashes(tmp_path / name, seconds=5.0, rate=5 + number) for number, name in enumerate(["a.mp4", "b.mp4"])
    ]
    seen = [(0.5, 1.0), (4.0, 4.5)]
    archive = archive_of(tmp_path / "archive", films, {"a.mp4": seen, "b.mp4": seen})
    told = list[str]()

    def tell(stem: str) -> None:
        if not told:
            kill_next_worker()
        told.append(stem)

    store = open_archive(archive, ArchiveSettings())
    made = clip(store, ["P-000001"], tmp_path / "out", Settings(), ClipSettings(handles_s=0.2, fast=fast), tell=tell)
    store.close()
    assert [one.video for one in made.mishaps] == ["a.mp4"]
    assert "a.mp4: The process that read it was ended by the system." in made.mishaps[0].reason
    assert made.mishaps[0].remedy
    assert [one["video"] for one in made.clips] == ["b.mp4", "b.mp4"]
    assert len(told) == 3, "the second stretch of the film that cost a worker is not tried"
    assert not list((tmp_path / "out").glob(".*"))


@posix
def test_a_film_that_kills_its_worker_is_not_redacted_and_leaves_no_half(film: Path, tmp_path: Path) -> None:
    def tell(what: str) -> None:
        if what == "Covering them":
            kill_next_worker()

    with pytest.raises(WorkerError, match=r"film.mp4: .*ended by the system") as caught:
        redact(film, tmp_path / "safe.mp4", Settings(), RedactSettings(looks_per_s=2), tell=tell)
    assert caught.value.exit_code == 3
    assert caught.value.remedy
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


@posix
def test_what_a_worker_said_before_it_died_is_heard_and_then_that_it_died(film: Path) -> None:
    video = a_video("film.mp4", path=film)
    with Readers(Settings()) as readers:
        got = list[int]()
        with pytest.raises(WorkerError, match="crashed"):
            got.extend(readers.each(video, many_then_death, 3))
        assert got == [0, 1, 2]


def test_several_streams_are_read_at_once_and_one_may_be_left_early(film: Path) -> None:
    video = a_video("film.mp4", path=film)
    with Readers(Settings()) as readers:
        one, other = readers.each(video, numbers, 10**9), readers.each(video, numbers, 3)
        assert [next(one), next(other), next(one), next(other)] == [0, 0, 1, 1]
        one.close()
        assert list(other) == [2]
        assert list(readers.each(video, numbers, 2)) == [0, 1]
    assert not multiprocessing.active_children()


@posix
def test_a_file_that_costs_too_many_workers_is_left(film: Path) -> None:
    with Readers(Settings()) as readers:
        for _ in range(3):
            with pytest.raises(WorkerError, match="crashed"):
                readers.call(film, os.abort)
        with pytest.raises(FootageError, match=r"film.mp4 was left") as caught:
            readers.call(film, os.getpid)
    assert caught.value.remedy


@posix
def test_only_who_copies_a_film_writes_and_no_more_than_it_holds(film: Path, tmp_path: Path) -> None:
    video, size_bytes = a_video("film.mp4", path=film), film.stat().st_size
    with Readers(Settings(), Limits(file_bytes=1000)) as readers:
        assert readers.copy(video, write_much, tmp_path / "copy", size_bytes) == size_bytes
        for read in (readers.copy, readers.call):
            with pytest.raises(CrossidError, match="too large"):
                read(video, write_much, tmp_path / "too much", size_bytes + 1001)
        with pytest.raises(CrossidError, match="too large"):
            readers.call(video, write_much, tmp_path / "too much", size_bytes)


def test_a_bug_that_is_met_in_a_worker_keeps_its_traceback_and_is_not_laid_on_the_file(film: Path) -> None:
    with Readers(Settings()) as readers:
        with pytest.raises(WorkerBugError, match=r"(?s)Traceback.*bug_of_ours.*ZeroDivisionError") as caught:
            readers.call(film, bug_of_ours)
        assert not isinstance(caught.value, CrossidError), "a front door ends with 70, and no photograph is blamed"
        assert readers.call(film, os.getpid) != os.getpid()


@posix
def test_a_film_that_hangs_its_worker_costs_a_sentence(film: Path) -> None:
    with Readers(Settings(), Limits(silence_s=0.5)) as readers, pytest.raises(WorkerError, match="Nothing was heard"):
        readers.call(film, time.sleep, 3600)
