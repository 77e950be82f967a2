"""Opens ONNX graphs with ONNX Runtime and runs them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as refusals

from crossid.errors import ModelError, SettingsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

THREADS_VARIABLE = "CROSSID_THREADS"
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
)


def default_threads() -> int:
    """Threads for one graph: `CROSSID_THREADS`, else one per core.

    Raises:
        SettingsError: if the variable is no positive whole number.
    """
    given = os.environ.get(THREADS_VARIABLE)
    if given is None:
        return os.cpu_count() or 1
    if not given.isdecimal() or int(given) < 1:
        raise SettingsError(
            f"{THREADS_VARIABLE} is {given!r}, which is no positive whole number.",
            remedy=f"Unset {THREADS_VARIABLE}, or set it to the number of threads one process may use.",
        )
    return int(given)


class Session:
    """An opened graph.

    Args:
        graph: A file, or the bytes of one.
        threads: Threads inside one operator; `default_threads()` if None.

    Raises:
        ModelError: if the runtime cannot open the graph.
    """

    def __init__(self, graph: Path | bytes, *, threads: int | None = None) -> None:
        source = str(graph) if isinstance(graph, Path) else graph
        self._name = graph.name if isinstance(graph, Path) else "a graph in memory"
        try:
            self._session = onnxruntime.InferenceSession(
                source, _options(threads or default_threads()), providers=["CPUExecutionProvider"]
            )
        except _REFUSALS as refusal:
            raise ModelError(
                f"{self._name} cannot be opened by ONNX Runtime: {_first_line(refusal)}",
                remedy="Delete the file if it lies in the cache folder (crossid doctor shows where), and run again.",
            ) from refusal
        self._inputs = [value.name for value in self._session.get_inputs()]

    @property
    def shape(self) -> list[int | None]:
        """The sizes of the first input; None where a size may vary."""
        sizes = self._session.get_inputs()[0].shape
        return [size if isinstance(size, int) and size > 0 else None for size in sizes]

    def run(self, *inputs: NDArray[Any]) -> list[NDArray[Any]]:
        """The graph's outputs for its inputs, both in the graph's own order.

        Raises:
            ModelError: if the inputs do not fit, or the run does not fit into memory.
        """
        try:
            outputs: list[NDArray[Any]] = self._session.run(None, dict(zip(self._inputs, inputs, strict=True)))
        except _REFUSALS as refusal:
            raise ModelError(
                f"{self._name} could not be run: {_first_line(refusal)}",
                remedy="Free some memory or lower the batch; if it stays, please report it.",
            ) from refusal
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


def _first_line(refusal: Exception) -> str:
    return str(refusal).strip().partition("\n")[0]
