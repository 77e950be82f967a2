"""MTCNN: three networks, each stricter than the one before (Zhang et al. 2016, arXiv 1604.02878).

P-Net looks at a pyramid of the picture and proposes boxes, R-Net refines them, O-Net judges them and
finds the landmarks. Thresholds, overlaps and the pyramid's factor are those of the authors' code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from crossid.faces.octaves import Octaves
from crossid.geometry import suppress
from crossid.inference.batching import batch_of
from crossid.inference.convert import mtcnn
from crossid.inference.session import Session
from crossid.types import Box, Detection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from crossid.faces import FaceSettings
    from crossid.types import Image

    Array = NDArray[np.float32]

CELL_PX = 12
STRIDE_PX = 2
REFINE_PX = 24
OUTPUT_PX = 48
PYRAMID_FACTOR = 0.709
PROPOSAL_SCORE, REFINE_SCORE, OUTPUT_SCORE = 0.6, 0.7, 0.7
OVERLAP_IN_LEVEL = 0.5
OVERLAP = 0.7
CANDIDATES = 1000
BAND_PIXELS = 1 << 18


class Candidates(NamedTuple):
    """Boxes that may be faces: image (N,) index, boxes (N, 4) pixels of the image, scores (N,)."""

    image: NDArray[np.intp]
    boxes: Array
    scores: Array

    def take(self, index: NDArray[np.intp] | NDArray[np.bool_]) -> Candidates:
        """Some of them, in the order of the index."""
        return Candidates(self.image[index], self.boxes[index], self.scores[index])


class MtcnnDetector:
    """Finds faces with MTCNN.

    Args:
        settings: `smallest_px` bounds the pyramid; `min_score` is left to whoever cuts the faces.

    Raises:
        ModelError: if the weights are missing or are not those of the catalogue.
    """

    name = "mtcnn"
    model = "mtcnn"

    def __init__(self, settings: FaceSettings) -> None:
        self._settings = settings
        self._proposal, refine, output = (Session(graph, exact=True) for graph in mtcnn.graphs())
        self._refine, self._output = (
            (session, batch_of(session, np.zeros((1, side, side, 3), np.uint8)))
            for session, side in ((refine, REFINE_PX), (output, OUTPUT_PX))
        )

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        """For each image the faces in it, by falling score; images may differ in size."""
        octaves = [Octaves(image) for image in images]
        smallest = [self._settings.smallest_px(image) for image in images]
        proposed = _join(
            [self._propose(index, *each) for index, each in enumerate(zip(octaves, smallest, strict=True))]
        )
        refined = self._refined(octaves, proposed)
        detections: list[list[Detection]] = [[] for _ in images]
        for image, detection in self._judged(octaves, refined):
            detections[image].append(detection)
        return detections

    def confirm(self, image: Image, boxes: Array) -> list[Detection]:
        """The faces about `boxes` (N, 4), by falling score: R-Net and O-Net, without a search by P-Net."""
        octaves = [Octaves(image)]
        expected = Candidates(np.zeros(len(boxes), np.intp), boxes, np.ones(len(boxes), np.float32))
        return [detection for _, detection in self._judged(octaves, self._refined(octaves, expected))]

    def _propose(self, index: int, picture: Octaves, smallest_px: float) -> Candidates:
        """P-Net on every level of the pyramid of one picture."""
        levels = [self._propose_in_level(index, picture, scale) for scale in _scales(picture, smallest_px)]
        return _suppressed(_join(levels), OVERLAP)

    def _propose_in_level(self, index: int, picture: Octaves, scale: float) -> Candidates:
        level = picture.scaled(round(picture.width * scale), round(picture.height * scale))
        scores, offsets = self._cells(level)
        rows, columns = np.nonzero(scores > PROPOSAL_SCORE)
        corner = np.stack([columns, rows, columns, rows], axis=1) * STRIDE_PX
        boxes = corner + np.array([0, 0, CELL_PX, CELL_PX]) + offsets[:, rows, columns].T * CELL_PX
        height, width = level.shape[:2]
        to_picture = np.array([picture.width / width, picture.height / height] * 2)
        found = Candidates(np.full(len(rows), index), (boxes * to_picture).astype(np.float32), scores[rows, columns])
        best = np.argsort(-found.scores, kind="stable")[:CANDIDATES]
        return _suppressed(found.take(best), OVERLAP_IN_LEVEL)

    def _cells(self, level: Image) -> tuple[Array, Array]:
        """P-Net's scores (h, w) and offsets (4, h, w).

        A large level is taken in bands, which bounds memory; as a cell sees 12 rows and the next one
        2 rows further down 12 others, bands that share 10 rows see what the whole would.
        """
        shared = CELL_PX - STRIDE_PX
        height, width = level.shape[:2]
        rows = max(BAND_PIXELS // width, CELL_PX) // STRIDE_PX * STRIDE_PX
        bands = [self._proposal.run(level[None, top : top + rows + shared]) for top in range(0, height - shared, rows)]
        scores, offsets = (np.concatenate(parts, axis=2)[0] for parts in zip(*bands, strict=True))
        return scores[0], offsets

    def _refined(self, octaves: Sequence[Octaves], proposed: Candidates) -> Candidates:
        """R-Net on every proposal of all pictures."""
        boxes = _squared(proposed.boxes)
        scores, offsets = _on_crops(self._refine, octaves, proposed.image, boxes, REFINE_PX)
        judged = Candidates(proposed.image, _moved(boxes, offsets), scores[:, 0])
        return _suppressed(judged.take(judged.scores > REFINE_SCORE), OVERLAP)

    def _judged(self, octaves: Sequence[Octaves], refined: Candidates) -> Iterator[tuple[int, Detection]]:
        """O-Net on what is left: each image's detections by falling score."""
        boxes = _squared(refined.boxes)
        scores, offsets, landmarks = _on_crops(self._output, octaves, refined.image, boxes, OUTPUT_PX)
        points = landmarks.reshape(-1, 2, 5).transpose(0, 2, 1) * _sides(boxes)[:, None] + boxes[:, None, :2]
        judged = Candidates(refined.image, _moved(boxes, offsets), scores[:, 0])
        sure = judged.scores > OUTPUT_SCORE
        judged, points = judged.take(sure), points[sure]
        for index in _survivors(judged, OVERLAP, by_smaller=True):
            yield int(judged.image[index]), _detection(judged.boxes[index], points[index], judged.scores[index])


def _scales(picture: Octaves, smallest_px: float) -> Iterator[float]:
    scale = CELL_PX / max(smallest_px, CELL_PX)
    while min(picture.width, picture.height) * scale >= CELL_PX:
        yield scale
        scale *= PYRAMID_FACTOR


def _detection(box: Array, points: Array, score: np.float32) -> Detection:
    left, top, right, bottom = box.tolist()
    return Detection(
        box=Box(left=left, top=top, right=right, bottom=bottom),
        landmarks=points.astype(np.float32),
        score=float(score),
        seen_by=(MtcnnDetector.name,),
    )


def _on_crops(
    network: tuple[Session, int], octaves: Sequence[Octaves], image: NDArray[np.intp], boxes: Array, side: int
) -> list[Array]:
    """A network's outputs for the crops of all boxes, as many at a time as suit it, which bounds memory, too."""
    session, batch = network
    outputs = []
    for start in range(0, max(len(boxes), 1), batch):
        part = slice(start, start + batch)
        crops = [octaves[index].crop(box, side) for index, box in zip(image[part], boxes[part], strict=True)]
        outputs.append(session.run(np.array(crops, np.uint8).reshape(-1, side, side, 3)))
    return [np.concatenate(parts) for parts in zip(*outputs, strict=True)]


def _join(parts: Sequence[Candidates]) -> Candidates:
    none = Candidates(np.empty(0, np.intp), np.empty((0, 4), np.float32), np.empty(0, np.float32))
    return Candidates(*(np.concatenate(columns) for columns in zip(none, *parts, strict=True)))


def _suppressed(candidates: Candidates, overlap: float) -> Candidates:
    return candidates.take(_survivors(candidates, overlap))


def _survivors(candidates: Candidates, overlap: float, *, by_smaller: bool = False) -> NDArray[np.intp]:
    """Indices of those that no better one of the same image overlaps: image after image, by falling score."""
    stay = [np.empty(0, np.intp)]
    for image in np.unique(candidates.image):
        own = np.flatnonzero(candidates.image == image)
        stay.append(own[suppress(candidates.boxes[own], candidates.scores[own], overlap, by_smaller=by_smaller)])
    return np.concatenate(stay)


def _sides(boxes: Array) -> Array:
    """Width and height (N, 2)."""
    return boxes[:, 2:] - boxes[:, :2]


def _moved(boxes: Array, offsets: Array) -> Array:
    """Boxes with each edge moved by its share of the box's side."""
    return boxes + offsets * np.tile(_sides(boxes), 2)


def _squared(boxes: Array) -> Array:
    """Squares about the same centres, as large as the longer sides."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = _sides(boxes).max(axis=1, keepdims=True, initial=0) / 2
    return np.hstack([centres - half, centres + half])
