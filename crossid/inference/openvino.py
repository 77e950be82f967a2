"""OpenVINO's own API on the same ONNX files, behind the same interface (extra `crossid[openvino]`)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from crossid.inference.engines import Refusal

if TYPE_CHECKING:
    from numpy.typing import NDArray

TELEMETRY = "openvino_telemetry"
"""A package beside OpenVINO that reports to its maker; what is None here cannot be imported, so it never runs."""


def installed() -> bool:
    """Whether OpenVINO can be imported; imports it."""
    try:
        _runtime()
    except ImportError:
        return False
    return True


class OpenvinoEngine:
    """A graph compiled by OpenVINO for the CPU, in "f32" or "bf16", for the lowest latency on so many threads.

    Raises:
        Refusal: OpenVINO is not installed, cannot read the graph, or the processor has no bfloat16.
    """

    def __init__(self, source: str | bytes, threads: int, precision: str) -> None:
        try:
            core = _runtime().Core()
            if precision == "bf16" and "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
                raise Refusal("this processor does not reckon in bfloat16")
            model = core.read_model(source) if isinstance(source, str) else core.read_model(model=source)
            precise = {
                "INFERENCE_NUM_THREADS": threads,
                "INFERENCE_PRECISION_HINT": precision,
                "PERFORMANCE_HINT": "LATENCY",
            }
            self._graph = core.compile_model(model, "CPU", precise)
        except ImportError as error:
            raise Refusal("it is not installed (pip install crossid[openvino])") from error
        except (RuntimeError, ValueError) as error:
            raise Refusal(_last_line(error)) from error
        self._request = self._graph.create_infer_request()
        self._shapes = [
            [dimension.get_length() if dimension.is_static else None for dimension in one.get_partial_shape()]
            for one in self._graph.inputs
        ]
        self.shape: list[int | None] = self._shapes[0]

    def run(self, inputs: tuple[NDArray[Any], ...]) -> list[NDArray[Any]]:
        """See `engines.Engine`."""
        for given, wanted in zip(inputs, self._shapes, strict=True):
            # OpenVINO itself takes pictures of another size than the graph says, and answers nonsense.
            if len(given.shape) != len(wanted) or any(
                want not in (None, size) for size, want in zip(given.shape, wanted, strict=True)
            ):
                raise Refusal(f"it takes {wanted} and was given {list(given.shape)}")
        if not len(inputs[0]):  # it would answer as it did the last time
            one_each = tuple(np.zeros((1, *given.shape[1:]), given.dtype) for given in inputs)
            return [output[:0] for output in self.run(one_each)]
        try:
            found = self._request.infer([np.ascontiguousarray(one) for one in inputs])
            return [found[output].copy() for output in self._graph.outputs]
        except (RuntimeError, ValueError) as error:
            raise Refusal(_last_line(error)) from error


def _runtime() -> Any:
    sys.modules.setdefault(TELEMETRY, None)  # type: ignore[arg-type]
    import openvino

    return openvino


def _last_line(error: Exception) -> str:
    """Its messages begin with where in its sources they were thrown."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
