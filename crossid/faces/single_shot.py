"""Detectors whose network sees a whole picture at once and answers for each of its cells."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from crossid.errors import ModelError
from crossid.faces.levels import letterboxed, levels
from crossid.faces.scores import Scale
from crossid.geometry import suppress
from crossid.inference.convert.loosening import any_size
from crossid.inference.session import Session
from crossid.inference.weights import file_of
from crossid.types import Box, Detection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from crossid.faces import FaceSettings
    from crossid.inference.feeding import Feed
    from crossid.inference.weights import Graph
    from crossid.types import Image

    Array = NDArray[np.float32]

STRIDES = (8, 16, 32)
OVERLAP = 0.4
INSIDE = 0.7
"""A box with so much of it inside a surer one is a part of that face, seen at another level (MTCNN's last step too)."""
CANDIDATES = 1000
PIXELS_AT_ONCE = 1 << 20


class Anchors(NamedTuple):
    """Where parts of an answer belong: cells (A, 2) column and row, their strides (A, 1), number in the cell (A,)."""

    cells: Array
    strides: Array
    numbers: NDArray[np.intp]

    def take(self, index: NDArray[np.intp]) -> Anchors:
        """Some of them, in the order of the index."""
        return Anchors(self.cells[index], self.strides[index], self.numbers[index])


class Answer(NamedTuple):
    """What a network says of anchors: scores (…, A), boxes (…, A, 4) and landmarks (…, A, 10) as it encodes them."""

    scores: Array
    boxes: Array
    landmarks: Array


class Found(NamedTuple):
    """Faces in pixels of a picture: scores (K,) as the network gives them, boxes (K, 4), points (K, 5, 2)."""

    scores: Array
    boxes: Array
    points: Array

    def take(self, index: NDArray[np.intp]) -> Found:
        """Some of them, in the order of the index."""
        return Found(self.scores[index], self.boxes[index], self.points[index])

    def scaled(self, across: float, down: float) -> Found:
        """In pixels of a picture that is so many times as wide and as high."""
        factors = np.array([across, down], np.float32)
        return Found(self.scores, self.boxes * np.tile(factors, 2), self.points * factors)


class SingleShotDetector:
    """Finds faces by one look at each level of a picture; see `levels`.

    A subclass says which network: `name`, `model` (what the catalogue of weights calls it), `feed`,
    `scale` of its scores, how many `anchors` a cell has, and how to `read` and `decode` an answer.

    Args:
        settings: `smallest_px` bounds the detail that is looked at; `min_score` is left to whoever cuts the faces.

    Raises:
        ModelError: if the weights are missing or are not those that are known.
    """

    name: str
    model: str
    feed: Feed
    scale: Scale
    anchors: int

    def __init__(self, settings: FaceSettings) -> None:
        self._settings = settings
        self._session = Session(any_size(self.graph()), exact=True)

    @classmethod
    def graph(cls) -> Graph:
        """The checked ONNX file."""
        return file_of(cls.model)

    def read(self, outputs: Sequence[Array], count: int) -> Answer:
        """The outputs of the network for `count` pictures, in one array of each kind."""
        raise NotImplementedError

    def decode(self, boxes: Array, landmarks: Array, anchors: Anchors) -> tuple[Array, Array]:
        """Boxes (K, 4) and points (K, 5, 2), pixels of the input, of what anchors answered."""
        raise NotImplementedError

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        """For each image the faces in it, by falling score; images may differ in size."""
        found: list[list[Found]] = [[] for _ in images]
        for index, look in self._looks(images):
            found[index].append(look)
        return [self._detections(looks) for looks in found]

    def _looks(self, images: Sequence[Image]) -> Iterator[tuple[int, Found]]:
        """(index of the image, faces of one level in pixels of the image), levels of one size together."""
        by_size: dict[tuple[int, ...], list[tuple[int, Image]]] = {}
        for index, image in enumerate(images):
            for level in levels(image, self._settings.smallest_px(image)):
                by_size.setdefault(level.shape, []).append((index, level))
        for (height, width, _), looks in by_size.items():
            at_once = self._session.shape[0] or max(PIXELS_AT_ONCE // (height * width), 1)
            for start in range(0, len(looks), at_once):
                part = looks[start : start + at_once]
                for (index, _), seen in zip(part, self._seen([level for _, level in part]), strict=True):
                    full_height, full_width = images[index].shape[:2]
                    yield index, seen.scaled(full_width / width, full_height / height)

    def _seen(self, pictures: list[Image]) -> list[Found]:
        """The faces in each of some pictures of one size, in pixels of them."""
        boxed = letterboxed(pictures)
        anchors = _anchors(*boxed.shape[1:3], self.anchors)
        answer = self._answer(boxed, len(anchors.numbers))
        return [self._found(Answer(*(part[row] for part in answer)), anchors) for row in range(len(pictures))]

    def _answer(self, boxed: NDArray[np.uint8], anchors: int) -> Answer:
        try:
            answer = self.read(self._session.run(self.feed(boxed)), len(boxed))
        except (ValueError, IndexError) as error:
            raise self._stranger() from error
        if answer.scores.shape != (len(boxed), anchors):
            raise self._stranger()
        return answer

    def _stranger(self) -> ModelError:
        return ModelError(
            f"The network of {self.name} does not answer as those of its family do.",
            remedy="If it is your own model, mend its family in crossid.toml.",
        )

    def _found(self, answer: Answer, anchors: Anchors) -> Found:
        likely = np.flatnonzero(answer.scores > self.scale.floor)
        likely = likely[np.argsort(-answer.scores[likely], kind="stable")[:CANDIDATES]]
        boxes, points = self.decode(answer.boxes[likely], answer.landmarks[likely], anchors.take(likely))
        return Found(answer.scores[likely], boxes, points)

    def _detections(self, looks: Sequence[Found]) -> list[Detection]:
        found = Found(*(np.concatenate(parts) for parts in zip(*looks, strict=True)))
        best = found.take(suppress(found.boxes, found.scores, OVERLAP))
        best = best.take(suppress(best.boxes, best.scores, INSIDE, by_smaller=True))
        scores = self.scale.calibrated(best.scores)
        return [self._detection(*each) for each in zip(scores, best.boxes, best.points, strict=True)]

    def _detection(self, score: np.float32, box: Array, points: Array) -> Detection:
        left, top, right, bottom = box.tolist()
        return Detection(
            box=Box(left=left, top=top, right=right, bottom=bottom),
            landmarks=points.astype(np.float32),
            score=float(score),
            seen_by=(self.name,),
        )


@lru_cache(maxsize=16)
def _anchors(height: int, width: int, per_cell: int) -> Anchors:
    """All anchors of an input, row by row, the finest stride first."""
    levels = []
    for stride in STRIDES:
        rows, columns = np.mgrid[: height // stride, : width // stride].astype(np.float32)
        cells = np.stack([columns, rows], axis=-1).reshape(-1, 2).repeat(per_cell, axis=0)
        numbers = np.tile(np.arange(per_cell), len(cells) // per_cell)
        levels.append(Anchors(cells, np.full((len(cells), 1), stride, np.float32), numbers))
    return Anchors(*(np.concatenate(parts) for parts in zip(*levels, strict=True)))


def by_kind(outputs: Sequence[Array], count: int, sizes: Sequence[int]) -> list[Array]:
    """Outputs that come as all strides of one kind, then all of the next: one array (count, A, size) of each kind."""
    kinds = [outputs[start : start + len(STRIDES)] for start in range(0, len(outputs), len(STRIDES))]
    return [
        np.concatenate([np.asarray(part).reshape(count, -1, size) for part in kind], axis=1)
        for kind, size in zip(kinds, sizes, strict=True)
    ]
