"""Embedders whose network is an ONNX file that looks at an aligned face and answers with a vector."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crossid.embeddings.alignments import alignment
from crossid.errors import ModelError
from crossid.inference.batching import batch_of
from crossid.inference.session import Session
from crossid.inference.weights import file_of, of_model
from crossid.types import Space

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crossid.embeddings import EmbeddingSettings
    from crossid.inference.feeding import Feed
    from crossid.inference.originals import Network
    from crossid.inference.weights import Graph
    from crossid.types import Crop

# Part of every fingerprint: raise it when the vectors of the same crop change for another reason than a look.
PREPROCESSING = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a network wants to see a face.

    `alignment` is a name of `alignments.ALIGNMENTS`; with `mirror` the vector is the direction of
    the sum of the face's and its mirror image's.
    """

    side_px: int
    alignment: str
    feed: Feed
    mirror: bool = True


class ChipEmbedder:
    """Describes a face by what a network answers to its aligned picture.

    A subclass says which network: `name` (that of the space), `model` (what the catalogue of weights
    calls it), `dimensions` and `look`.

    Args:
        settings: `batch` pictures go through the network at once (0: as many as suit this machine), or one where its
            graph is made for one.

    Raises:
        ModelError: if the weights are missing, are not those that are known, or answer with vectors of
            another length.
    """

    name: str
    model: str
    dimensions: int
    look: Look

    def __init__(self, settings: EmbeddingSettings) -> None:
        self.space = self.space_for(settings)
        self._align = alignment(self.look.alignment)
        self._session = self.network()
        chip = np.zeros((1, self.look.side_px, self.look.side_px, 3), np.uint8)
        self._batch = batch_of(self._session, self.look.feed(chip), settings.batch)

    @classmethod
    def weights(cls) -> str:
        """SHA-256 of the weights, known without reading all of them."""
        (weights,) = of_model(cls.model)
        return weights.digest()

    @classmethod
    def graph(cls) -> Graph:
        """The checked ONNX file: (N, 3, side, side) float32 -> (N, dimensions) float32."""
        return file_of(cls.model)

    @classmethod
    def network(cls) -> Network:
        """What answers: the graph, opened."""
        return Session(cls.graph())

    @classmethod
    def space_for(cls, settings: EmbeddingSettings) -> Space:
        """Its space, known without loading the network."""
        parts = (cls.weights(), cls.look, PREPROCESSING)
        fingerprint = hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:16]
        return Space(name=cls.name, dimensions=cls.dimensions, fingerprint=fingerprint)

    def embed(self, crops: Sequence[Crop]) -> NDArray[np.float32]:
        """Unit vectors (N, D) float32, row by row; (0, D) for no crops."""
        batches = [self._described(crops[start : start + self._batch]) for start in range(0, len(crops), self._batch)]
        return np.concatenate([np.empty((0, self.dimensions), np.float32), *batches])

    def _described(self, crops: Sequence[Crop]) -> NDArray[np.float32]:
        chips = np.stack([self._align(crop, self.look.side_px) for crop in crops])
        vectors = self._answers(chips)
        if self.look.mirror:
            vectors = vectors + self._answers(chips[:, :, ::-1])
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: NDArray[np.float32] = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
        return unit

    def _answers(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        vectors: NDArray[np.float32] = self._session.run(self.look.feed(chips))[0]
        if vectors.shape != (len(chips), self.dimensions):
            raise ModelError(
                f"The network of {self.name} answered with an array {vectors.shape} to {len(chips)} faces.",
                remedy=f"Its vectors should be {self.dimensions} long: if it is your own model, mend its dimensions.",
            )
        return vectors
