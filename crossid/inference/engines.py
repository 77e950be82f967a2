"""What a graph is opened by: ONNX Runtime on one of its providers, or OpenVINO."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Protocol

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as refusals

from crossid.inference.providers import CPU, OPENVINO, OPENVINO_BF16, PROVIDERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ERRORS_ONLY = 3
_REFUSALS = (
    refusals.EPFail,
    refusals.EngineError,
    refusals.Fail,
    refusals.InvalidArgument,
    refusals.InvalidGraph,
    refusals.InvalidProtobuf,
    refusals.NoModel,
    refusals.NoSuchFile,
    refusals.NotImplemented,
    refusals.RuntimeException,
    ValueError,  # ONNX Runtime's Python says so of a provider that it does not know
)
_NO_MEMORY = ("out of memory", "failed to allocate", "bad_alloc", "alloc_failed", "outofmemory", "not enough memory")


class Refusal(Exception):  # noqa: N818 -- it is no error yet: whoever asked may know another way
    """An engine could not open or run a graph; one line says why."""

    def __init__(self, why: object) -> None:
        super().__init__(str(why).strip().partition("\n")[0])
        self.lacks_memory = any(words in str(why).lower() for words in _NO_MEMORY)


class Engine(Protocol):
    """An opened graph."""

    shape: list[int | None]

    def run(self, inputs: tuple[NDArray[Any], ...]) -> list[NDArray[Any]]:
        """The graph's outputs for its inputs; raises Refusal."""
        ...


def engine(source: str | bytes, threads: int, device: str) -> Engine:
    """A graph (a file's path, or its bytes) opened on a device; raises Refusal."""
    brought = PROVIDERS[OPENVINO] in onnxruntime.get_available_providers()
    if device == OPENVINO_BF16 or (device == OPENVINO and not brought):
        from crossid.inference.openvino import OpenvinoEngine

        return OpenvinoEngine(source, threads, "bf16" if device == OPENVINO_BF16 else "f32")
    return OnnxEngine(source, threads, device)


class OnnxEngine:
    """ONNX Runtime on one of its providers; what that cannot do, the CPU does.

    Raises:
        Refusal: the graph cannot be opened, or the provider is listed and does not load.
    """

    def __init__(self, source: str | bytes, threads: int, device: str) -> None:
        provider = PROVIDERS[device]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it warns where it leaves a provider out; that is asked below
                self._session = onnxruntime.InferenceSession(
                    source, _options(threads), providers=list(dict.fromkeys([provider, PROVIDERS[CPU]]))
                )
        except _REFUSALS as refusal:
            raise Refusal(refusal) from refusal
        if provider not in self._session.get_providers():
            raise Refusal(f"ONNX Runtime lists {provider} and could not load it")
        self._inputs = [value.name for value in self._session.get_inputs()]
        sizes = self._session.get_inputs()[0].shape
        self.shape = [size if isinstance(size, int) and size > 0 else None for size in sizes]

    def run(self, inputs: tuple[NDArray[Any], ...]) -> list[NDArray[Any]]:
        """See `Engine`."""
        try:
            outputs: list[NDArray[Any]] = self._session.run(None, dict(zip(self._inputs, inputs, strict=True)))
        except _REFUSALS as refusal:
            raise Refusal(refusal) from refusal
        return outputs


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = _ERRORS_ONLY
    # An arena keeps the peak of every shape it has seen; pictures come in many shapes.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    # A worker that spins while it waits takes the core of the worker beside it.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options
