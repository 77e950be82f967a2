"""Opens ONNX graphs on a device and runs them, in smaller batches where memory does not do."""

from __future__ import annotations

import os
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from crossid.errors import ModelError, SettingsError
from crossid.inference.engines import Refusal, engine
from crossid.inference.providers import AUTO, CPU, OPENVINO, OPENVINO_BF16, candidates, chosen, failed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crossid.inference.engines import Engine

THREADS_VARIABLE = "CROSSID_THREADS"


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
    """An opened graph; `name` is what people call it, `mark` tells it from others of that name.

    On "auto" a device that fails is left for the next one, at last for the CPU; one that was asked for
    is taken or refused.

    Args:
        graph: A file, or the bytes of one.
        threads: Threads inside one operator; `default_threads()` if None.
        device: One of `providers.DEVICES`; what the process uses if None.
        exact: Its answers are places in a picture, which three digits do not tell: it is never run in bfloat16.

    Raises:
        ModelError: if the graph cannot be opened, or not on the device that was asked for.
    """

    def __init__(
        self, graph: Path | bytes, *, threads: int | None = None, device: str | None = None, exact: bool = False
    ) -> None:
        self.name = graph.name if isinstance(graph, Path) else "a graph in memory"
        self.mark = _mark(graph)
        self.threads = threads or default_threads()
        source = str(graph) if isinstance(graph, Path) else graph
        asked = device or chosen()
        asked = OPENVINO if exact and asked == OPENVINO_BF16 else asked
        self._engine, self.device = self._opened(source, self.threads, asked)
        self._most = 0

    @property
    def shape(self) -> list[int | None]:
        """The sizes of the first input; None where a size may vary."""
        return self._engine.shape

    def run(self, *inputs: NDArray[Any]) -> list[NDArray[Any]]:
        """The graph's outputs for its inputs, both in the graph's own order.

        A batch that does not fit into memory is halved until it does, and later ones are no larger.

        Raises:
            ModelError: if the inputs do not fit the graph, or not even one picture fits into memory.
        """
        try:
            return self._run(inputs)
        except Refusal as refusal:
            raise ModelError(
                f"{self.name} could not be run on {self.device}: {refusal}",
                remedy="Free some memory or try --device cpu; if it stays, please report it.",
            ) from refusal

    def _run(self, inputs: tuple[NDArray[Any], ...]) -> list[NDArray[Any]]:
        size = len(inputs[0])
        if self._most and size > self._most:
            return self._in_parts(inputs, self._most)
        try:
            return self._engine.run(inputs)
        except Refusal as refusal:
            if not refusal.lacks_memory or size < 2 or self.shape[0] is not None:
                raise
            self._most = size // 2
            return self._in_parts(inputs, self._most)

    def _in_parts(self, inputs: tuple[NDArray[Any], ...], size: int) -> list[NDArray[Any]]:
        starts = range(0, len(inputs[0]), size)
        parts = [self._run(tuple(one[start : start + size] for one in inputs)) for start in starts]
        return [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]

    def _opened(self, source: str | bytes, threads: int, device: str) -> tuple[Engine, str]:
        for name in candidates(device):
            try:
                return engine(source, threads, name), name
            except Refusal as refusal:
                if device == AUTO and name != CPU:
                    continue
                raise self._refused(name, refusal) from refusal
        raise AssertionError("ONNX Runtime always knows the CPU")

    def _refused(self, device: str, refusal: Refusal) -> ModelError:
        """Whether it is the device's fault or the graph's."""
        if device != CPU and failing(device):
            return failed(device, failing(device))
        return ModelError(
            f"{self.name} cannot be opened on {device}: {refusal}",
            remedy="Delete the file if it lies in the cache folder (crossid doctor shows where), and run again.",
        )


def _mark(graph: Path | bytes) -> str:
    """Eight hex digits that tell graphs of one name apart: of the bytes, or of which file it is, in which state."""
    if isinstance(graph, bytes):
        return sha256(graph).hexdigest()[:8]
    state = graph.stat() if graph.exists() else None
    told = (str(graph.absolute()), state and (state.st_size, state.st_mtime_ns))
    return sha256(repr(told).encode()).hexdigest()[:8]


@cache
def failing(device: str) -> str:
    """Why a device that is listed does not work, by trying it on the smallest graph there is; "" if it works."""
    try:
        (answer,) = engine(_smallest(), 1, device).run((np.ones((1, 2), np.float32),))
    except Refusal as refusal:
        return str(refusal)
    return "" if (answer == 2).all() else "it cannot add one and one"


def settled(device: str) -> tuple[str, list[str]]:
    """The device that graphs will run on, and what is to be said of those that are listed and fail.

    Raises:
        ModelError: the one that was asked for is not there or does not work.
    """
    notes = list[str]()
    for name in candidates(device):
        why = failing(name)
        if not why:
            return name, notes
        if device != AUTO:
            raise failed(name, why)
        notes.append(f"{name} is there, but fails and is left alone: {why}")
    raise failed(CPU, "; ".join(notes))


def _smallest() -> bytes:
    from onnx import TensorProto

    from crossid.inference.convert.chain import Chain

    chain = Chain()
    return chain.finish(("x", TensorProto.FLOAT, ("N", 2)), {"y": (chain.add("Add", "x", "x"), ("N", 2))})
