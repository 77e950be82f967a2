"""A graph opens and runs, or says in one sentence why not."""

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto

from crossid.errors import ModelError, SettingsError
from crossid.inference.convert.chain import Chain
from crossid.inference.session import THREADS_VARIABLE, Session, default_threads


def doubling() -> bytes:
    """A graph that doubles a matrix of two columns."""
    chain = Chain()
    doubled = chain.add("Add", "x", "x")
    return chain.finish(("x", TensorProto.FLOAT, ("N", 2)), {"y": (doubled, ("N", 2))})


def test_a_graph_runs_from_bytes_and_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "doubling.onnx"
    file.write_bytes(doubling())
    x = np.ones((3, 2), np.float32)
    for graph in (doubling(), file):
        (y,) = Session(graph, threads=1).run(x)
        np.testing.assert_array_equal(y, 2 * x)


def test_a_file_that_is_no_graph_is_refused_with_a_remedy(tmp_path: Path) -> None:
    file = tmp_path / "broken.onnx"
    file.write_bytes(b"no graph at all")
    with pytest.raises(ModelError, match=r"broken\.onnx") as refusal:
        Session(file)
    assert refusal.value.remedy
    assert "\n" not in str(refusal.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"absent\.onnx"):
        Session(tmp_path / "absent.onnx")


def test_an_input_that_does_not_fit_is_refused_with_a_remedy() -> None:
    session = Session(doubling())
    with pytest.raises(ModelError) as refusal:
        session.run(np.ones((3, 5), np.float32))
    assert refusal.value.remedy


def test_threads_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(THREADS_VARIABLE, "3")
    assert default_threads() == 3
    monkeypatch.delenv(THREADS_VARIABLE)
    assert default_threads() >= 1


@pytest.mark.parametrize("value", ["0", "-1", "many", "", "1.5"])
def test_a_number_of_threads_that_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(THREADS_VARIABLE, value)
    with pytest.raises(SettingsError) as refusal:
        default_threads()
    assert THREADS_VARIABLE in refusal.value.remedy


def test_the_shape_says_which_sizes_may_vary() -> None:
    assert Session(doubling(), threads=1).shape == [None, 2]
