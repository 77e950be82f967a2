"""Batches are as large as was measured here; it is measured once, and changes no answer."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto

from crossid.errors import SettingsError
from crossid.inference import batching
from crossid.inference.batching import BATCH_VARIABLE, LARGEST, USUAL, batch_of, chosen, quickest
from crossid.inference.convert import dlib_resnet, mtcnn
from crossid.inference.convert.chain import Chain
from crossid.inference.session import Session
from crossid.inference.weights import CACHE_VARIABLE

ROW = np.ones((1, 2), np.float32)


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder; where measurements go."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.delenv(BATCH_VARIABLE, raising=False)
    return tmp_path / "cache" / "batches.json"


def graph_of(deed: str, size: str | int = "N") -> bytes:
    """A network that does one thing with what it gets and itself."""
    chain = Chain()
    done = chain.add(deed, "x", "x")
    return chain.finish(("x", TensorProto.FLOAT, (size, 2)), {"y": (done, (size, 2))})


def doubling(size: str | int = "N") -> Session:
    return Session(graph_of("Add", size), threads=1)


def machine(cost: Callable[[int], float]) -> tuple[Callable[[int], None], Callable[[], float], list[int]]:
    """A network that takes `cost(size)` seconds for a picture, its clock, and the batches that it was given."""
    now, given = [0.0], []

    def run(size: int) -> None:
        given.append(size)
        now[0] += size * cost(size)

    return run, lambda: now[0], given


@pytest.mark.parametrize(
    ("cost", "batch"),
    [
        (lambda _size: 1e-4, 1),
        (lambda size: 1e-4 * (1 + 1 / size), 32),
        (lambda size: 1e-4 * (1.0 if 8 <= size <= 16 else 1.2), 8),
        (lambda size: 1e-4 * (1 + (size - 4) ** 2), 4),
    ],
    ids=["all alike", "the more the better", "from eight on", "four"],
)
def test_the_smallest_batch_that_is_about_as_quick_as_any_is_taken(cost: Callable[[int], float], batch: int) -> None:
    run, clock, given = machine(cost)
    assert quickest(run, clock) == batch
    assert max(given) <= LARGEST


@pytest.mark.parametrize("per_picture_s", [1e-5, 1e-3, 0.005, 0.1, 1.0, 30.0])
def test_measuring_takes_a_second_at_most_unless_two_pictures_take_longer(per_picture_s: float) -> None:
    run, clock, _ = machine(lambda _size: per_picture_s)
    quickest(run, clock)
    assert clock() <= max(1.1, 3 * per_picture_s)


def test_it_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    session, measured = doubling(), []
    monkeypatch.setattr(batching, "quickest", lambda *_: measured.append(1) or 8)
    assert [batch_of(session, ROW), batch_of(doubling(), ROW)] == [8, 8]
    assert len(measured) == 1
    assert chosen() == {f"a graph in memory ({session.mark}) on cpu, 1 thread": 8}


def test_two_networks_of_one_name_are_measured_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = iter([8, 32])
    monkeypatch.setattr(batching, "quickest", lambda *_: next(sizes))
    files = [tmp_path / "one" / "model.onnx", tmp_path / "other" / "model.onnx"]
    for file, content in zip(files, (graph_of("Add"), graph_of("Mul")), strict=True):
        file.parent.mkdir()
        file.write_bytes(content)
    assert [batch_of(Session(file, threads=1), ROW) for file in [*files, *files]] == [8, 32, 8, 32]
    assert len(chosen()) == 2
    assert Session(graph_of("Add")).mark != Session(graph_of("Mul")).mark


def test_other_libraries_and_other_machines_are_measured_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "quickest", lambda *_: 8)
    batch_of(doubling(), ROW)
    monkeypatch.setattr(batching, "_machine", lambda: " [onnxruntime 99, another processor, 64 cores]")
    assert not chosen()
    monkeypatch.setattr(batching, "quickest", lambda *_: 32)
    assert batch_of(doubling(), ROW) == 32
    monkeypatch.undo()


def test_what_the_user_says_holds_and_nothing_is_measured(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert batch_of(doubling(), ROW, 5) == 5
    monkeypatch.setenv(BATCH_VARIABLE, "7")
    assert batch_of(doubling(), ROW) == 7
    assert not kept.exists()


def test_a_graph_that_is_made_for_one_size_gets_that(kept: Path) -> None:
    assert batch_of(doubling(3), ROW, 5) == 3
    assert not kept.exists()


def test_where_nothing_can_be_measured_the_usual_batch_is_taken(kept: Path) -> None:
    assert batch_of(doubling(), np.ones((1, 9), np.float32)) == USUAL  # the graph refuses it
    assert batch_of(object(), ROW) == USUAL
    assert not kept.exists()


@pytest.mark.parametrize("value", ["0", "-1", "many", "", "1.5"])
def test_a_batch_that_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(BATCH_VARIABLE, value)
    with pytest.raises(SettingsError, match=BATCH_VARIABLE) as refusal:
        batch_of(doubling(), ROW)
    assert refusal.value.remedy


@pytest.mark.parametrize("content", ["", "[]", "no json", '{"a": "b", "c": 0, "d": 1e9, "e": true}', "\xff"])
def test_a_damaged_record_is_as_good_as_none(kept: Path, content: str) -> None:
    kept.parent.mkdir(parents=True)
    kept.write_text(content, encoding="latin-1")
    size = batch_of(doubling(), ROW)
    assert list(json.loads(kept.read_text()).values()) == [size]


def test_a_folder_that_cannot_be_written_is_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "file" / "cache"))
    assert 1 <= batch_of(doubling(), ROW) <= LARGEST


@pytest.mark.parametrize(
    ("graph", "side"),
    [
        (dlib_resnet.graph, dlib_resnet.SIDE_PX),
        (lambda: mtcnn.graphs().refine, 24),
        (lambda: mtcnn.graphs().output, 48),
    ],
    ids=["dlib_resnet", "mtcnn-rnet", "mtcnn-onet"],
)
def test_no_batch_changes_an_answer(graph: Callable[[], Path], side: int) -> None:
    session = Session(graph(), threads=1, device="cpu")
    pictures = np.random.default_rng(1).integers(0, 256, (9, side, side, 3), np.uint8)
    whole = session.run(pictures)
    for size in (1, 2, 4, 8):
        parts = [session.run(pictures[start : start + size]) for start in range(0, len(pictures), size)]
        for one, other in zip(whole, (np.concatenate(each) for each in zip(*parts, strict=True)), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)
