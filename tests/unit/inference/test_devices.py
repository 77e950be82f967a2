"""A device that fails is left or refused with a reason; what does not fit into memory is done in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto
from onnxruntime.capi import onnxruntime_pybind11_state as refusals

from crossid.errors import ModelError, UnknownNameError
from crossid.inference import providers, session
from crossid.inference.convert.chain import Chain
from crossid.inference.session import Session, failing, settled
from crossid.pipeline import diagnosis
from crossid.pipeline.names import check_names
from crossid.settings import Settings, load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def doubling(size: int | str = "N") -> bytes:
    """A graph that doubles a matrix of two columns."""
    chain = Chain()
    return chain.finish(
        ("x", TensorProto.FLOAT, (size, 2)), {"y": (chain.add("Add", "x", "x"), (size, 2)), "x2": ("x", (size, 2))}
    )


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Devices are tried once in a process: each test begins anew."""
    failing.cache_clear()
    yield
    failing.cache_clear()
    providers.use("auto")


@pytest.fixture
def with_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    """ONNX Runtime says that it knows CUDA, as its GPU build does where no driver is; loading it fails."""
    listed = ["CUDAExecutionProvider", "AzureExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: listed)


@pytest.mark.usefixtures("with_cuda")
def test_a_device_that_is_listed_and_fails_is_left_with_the_reason() -> None:
    device, (note,) = settled("auto")
    assert device == "cpu"
    assert note.startswith("cuda is there, but fails and is left alone: ")
    here = Session(doubling())
    assert here.device == "cpu"
    np.testing.assert_array_equal(here.run(np.ones((3, 2), np.float32))[0], np.full((3, 2), 2))


@pytest.mark.usefixtures("with_cuda")
def test_a_device_that_was_asked_for_and_fails_is_refused_with_the_reason() -> None:
    for refused in (lambda: settled("cuda"), lambda: Session(doubling(), device="cuda")):
        with pytest.raises(ModelError, match="cuda is there, but fails") as refusal:
            refused()
        assert "crossid doctor" in refusal.value.remedy


@pytest.mark.usefixtures("with_cuda")
def test_doctor_tries_devices_and_says_which_fail() -> None:
    findings = [one for one in diagnosis.examine() if one.name == "devices"]
    assert [one.status for one in findings] == ["ok", "warning"]
    assert "cpu is taken" in findings[0].found
    assert "cuda is there, but fails" in findings[1].found
    assert findings[1].remedy


@pytest.mark.parametrize("device", ["cuda", "tensorrt", "directml", "coreml"])
def test_a_device_that_this_build_does_not_know_is_refused_with_the_remedy(
    device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(ModelError, match=f"cannot run on {device}") as refusal:
        settled(device)
    assert refusal.value.remedy


def test_a_misspelt_device_is_named_before_the_work() -> None:
    with pytest.raises(UnknownNameError, match="no device named 'kuda'") as refusal:
        check_names(load(given={"device": "kuda"}, environment={}))
    assert "cuda" in refusal.value.remedy


def test_the_device_is_a_setting_that_changes_nothing_that_is_seen() -> None:
    cuda = load(given={}, environment={"CROSSID_DEVICE": "cuda"})
    assert cuda.device == "cuda"
    assert cuda.watch_digest() == Settings().watch_digest()


def test_a_process_uses_the_device_that_it_was_told() -> None:
    providers.use("cpu")
    assert Session(doubling()).device == "cpu"
    with pytest.raises(UnknownNameError):
        providers.use("gpu")


def test_a_server_elsewhere_is_no_device() -> None:
    assert not any("Azure" in name for name in [*providers.available(), *providers.PROVIDERS.values()])


class Cramped:
    """An engine with memory for so many rows; the real one does the work."""

    def __init__(self, real: Any, rows: int) -> None:
        self._real, self._rows = real, rows
        self.shape = real.shape
        self.asked: list[int] = []

    def run(self, inputs: Any) -> Any:
        self.asked.append(len(inputs[0]))
        if len(inputs[0]) > self._rows:
            words = (
                "[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Failed to allocate memory for requested buffer of size 9"
            )
            raise session.Refusal(refusals.RuntimeException(words))
        return self._real.run(inputs)


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_what_does_not_fit_into_memory_is_done_in_smaller_batches(rows: int) -> None:
    here = Session(doubling())
    cramped = here._engine = Cramped(here._engine, rows)
    x = np.arange(22, dtype=np.float32).reshape(11, 2)
    y, also = here.run(x)
    np.testing.assert_array_equal(y, 2 * x)
    np.testing.assert_array_equal(also, x)
    failures = sum(asked > rows for asked in cramped.asked)
    here.run(x)
    assert sum(asked > rows for asked in cramped.asked) == failures  # it has learned how much fits


def test_what_does_not_fit_at_all_is_refused_with_a_remedy() -> None:
    here = Session(doubling())
    here._engine = Cramped(here._engine, 0)
    with pytest.raises(ModelError, match="Failed to allocate") as refusal:
        here.run(np.ones((4, 2), np.float32))
    assert "memory" in refusal.value.remedy


def test_an_input_that_does_not_fit_is_not_tried_in_parts() -> None:
    here = Session(doubling())
    cramped = here._engine = Cramped(here._engine, 99)
    with pytest.raises(ModelError, match="could not be run on cpu"):
        here.run(np.ones((4, 5), np.float32))
    assert cramped.asked == [4]


class TestOpenvino:
    """OpenVINO's own API on the same graphs (extra `openvino`)."""

    @pytest.fixture(autouse=True)
    def _installed(self) -> None:
        from crossid.inference.openvino import installed

        if not installed():
            pytest.skip("openvino is not installed (pip install crossid[openvino])")

    def test_it_gives_the_same_outputs_in_the_same_order(self, tmp_path: Path) -> None:
        (tmp_path / "x.onnx").write_bytes(doubling())
        x = np.arange(6, dtype=np.float32).reshape(3, 2)
        for graph in (doubling(), tmp_path / "x.onnx"):
            here = Session(graph, device="openvino", threads=1)
            assert (here.device, here.shape) == ("openvino", [None, 2])
            for theirs, ours in zip(here.run(x), Session(graph, device="cpu").run(x), strict=True):
                np.testing.assert_array_equal(theirs, ours)

    @pytest.mark.parametrize("before", [0, 3])
    def test_of_no_pictures_it_makes_no_answers_whatever_came_before(self, before: int) -> None:
        here = Session(doubling(), device="openvino", threads=1)
        for size in (before, 0, 2, 0):
            assert [output.shape for output in here.run(np.ones((size, 2), np.float32))] == [(size, 2)] * 2

    def test_a_processor_without_bfloat16_is_said_to_have_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import openvino

        monkeypatch.setattr(openvino.Core, "get_property", lambda *_: ["FP32", "INT8"])
        with pytest.raises(ModelError, match="does not reckon in bfloat16"):
            Session(doubling(), device="openvino-bf16")
        assert "bfloat16" in failing("openvino-bf16")

    @pytest.mark.parametrize("shape", [(3, 5), (3, 2, 1), (3,)])
    def test_an_input_of_another_shape_is_refused(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(ModelError, match="could not be run on openvino"):
            Session(doubling(), device="openvino").run(np.ones(shape, np.float32))

    def test_a_file_that_is_no_graph_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "broken.onnx").write_bytes(b"no graph at all")
        with pytest.raises(ModelError, match=r"broken\.onnx cannot be opened on openvino"):
            Session(tmp_path / "broken.onnx", device="openvino")

    def test_its_reports_to_its_maker_cannot_even_be_imported(self) -> None:
        import subprocess
        import sys

        code = (
            "from crossid.inference.openvino import installed; import sys; assert installed(); "
            "print(*[name for name in sys.modules if 'openvino_telemetry' in name and sys.modules[name]])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.split() == []
