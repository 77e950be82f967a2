"""dlib's ResNet: 128 numbers, public domain, quick; compared by cosine."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import cv2
import numpy as np

from crossid.geometry import similarity_transform
from crossid.inference.batching import batch_of
from crossid.inference.convert import dlib_resnet
from crossid.inference.session import Session
from crossid.inference.weights import of_model
from crossid.types import Space

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crossid.embeddings import EmbeddingSettings
    from crossid.types import Crop, Image

# Where dlib's own chip (150 px, padding 0.25) puts MTCNN's five points, on median.
CHIP_POINTS = np.array([[47.1, 45.0], [101.5, 45.4], [74.6, 78.2], [49.9, 104.2], [98.1, 104.3]], np.float32)
# Part of the fingerprint: raise it when chips or vectors of the same crop change.
PREPROCESSING = "five points, bilinear, mirror added; 1"


class DlibResnetEmbedder:
    """Describes a face by the direction of the sum of its own and its mirror image's vector.

    Args:
        settings: `batch` crops go through the network at once; 0: as many as suit this machine.

    Raises:
        ModelError: if the weights are missing or are not those of the catalogue.
    """

    model = "dlib_resnet"

    def __init__(self, settings: EmbeddingSettings) -> None:
        self._session = Session(dlib_resnet.graph())
        side = dlib_resnet.SIDE_PX
        self._batch = batch_of(self._session, np.zeros((1, side, side, 3), np.uint8), settings.batch)
        self.space = self.space_for(settings)

    @classmethod
    def space_for(cls, settings: EmbeddingSettings) -> Space:
        """Its space, known without loading the network."""
        return Space(name="dlib_resnet", dimensions=dlib_resnet.DIMENSIONS, fingerprint=_fingerprint())

    def embed(self, crops: Sequence[Crop]) -> NDArray[np.float32]:
        """Unit vectors (N, 128) float32, row by row; (0, 128) for no crops."""
        batches = [self._vectors(crops[start : start + self._batch]) for start in range(0, len(crops), self._batch)]
        return np.concatenate([np.empty((0, self.space.dimensions), np.float32), *batches])

    def _vectors(self, crops: Sequence[Crop]) -> NDArray[np.float32]:
        chips = np.stack([_chip(crop) for crop in crops])
        (faces,) = self._session.run(chips)
        (mirrored,) = self._session.run(np.ascontiguousarray(chips[:, :, ::-1]))
        both = faces + mirrored
        unit: NDArray[np.float32] = both / np.linalg.norm(both, axis=1, keepdims=True)
        return unit


def _chip(crop: Crop) -> Image:
    transform = similarity_transform(crop.landmarks, CHIP_POINTS)
    side = dlib_resnet.SIDE_PX
    chip: Image = cv2.warpAffine(crop.portrait, transform, (side, side), flags=cv2.INTER_LINEAR)
    return chip


def _fingerprint() -> str:
    parts = [*(weights.sha256 for weights in of_model("dlib_resnet")), PREPROCESSING]
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:16]
