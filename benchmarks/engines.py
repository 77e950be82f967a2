"""OpenVINO's own API beside ONNX Runtime on the same graphs: how alike the numbers are, and the ratio of time.

    python -m benchmarks engines [--models crossid.toml] [--device NAME]

One thread, batches of 16 random pictures of the size that the graph takes; the two take turns, and the ratio is that of
their quickest turns (processor time). `--device` compares another device than openvino.
"""

import time

import numpy as np

from benchmarks import data
from crossid.errors import ModelError
from crossid.inference.convert import dlib_resnet
from crossid.inference.own_models import OwnEmbedder
from crossid.inference.session import Session

TURNS = 12
BATCH = 16


def main(words: list[str]) -> None:
    """One line per graph."""
    device = words[words.index("--device") + 1] if "--device" in words else "openvino"
    graphs = {"dlib_resnet": (dlib_resnet.graph(), (BATCH, dlib_resnet.SIDE_PX, dlib_resnet.SIDE_PX, 3), np.uint8)}
    for model in data.own_models(words):
        if isinstance(model, OwnEmbedder):
            graphs[model.name] = (model.file(), (BATCH, 3, model.side_px, model.side_px), np.float32)
    for name, (graph, shape, kind) in graphs.items():
        try:
            sessions = [Session(graph, threads=1, device=one) for one in ("cpu", device)]
        except ModelError as error:
            print(f"{name}: not measured ({error})")
            continue
        x = np.random.default_rng(3).uniform(0, 255 if kind is np.uint8 else 1, shape).astype(kind)
        (first,), (second,) = (session.run(x) for session in sessions)
        cosines = (first * second).sum(1) / np.linalg.norm(first, axis=1) / np.linalg.norm(second, axis=1)
        quickest = [min(times) for times in zip(*(_turn(sessions, x) for _ in range(TURNS)), strict=True)]
        data.row(name, {"least_cosine": float(cosines.min()), f"{device}/cpu": quickest[1] / quickest[0]})
    print(data.machine())


def _turn(sessions: list[Session], x: np.ndarray) -> list[float]:
    times = []
    for session in sessions:
        began = time.process_time()
        session.run(x)
        times.append(time.process_time() - began)
    return times
