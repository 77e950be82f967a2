"""Embeddings: tracks come in, appearances with a vector in each space go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from crossid.inference.own_models import OwnEmbedder
from crossid.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from crossid.types import Appearance, Crop, Embedding, Portrait, Space, Track


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingSettings:
    """How faces are described.

    Attributes:
        embedders: Names of the parts that describe; several are an ensemble, in whatever order.
        batch: How many crops go through a network at once; 0: as many as suit this machine, see `inference.batching`.
        models: Embedders that the user brings; `embedders` may name them.
    """

    embedders: tuple[str, ...] = ("dlib_resnet",)
    batch: int = 0
    models: tuple[OwnEmbedder, ...] = ()


class Embedder(Protocol):
    """Describes crops as unit vectors in its space."""

    space: Space

    def embed(self, crops: Sequence[Crop]) -> NDArray[np.float32]:
        """Unit vectors (N, D) float32, row by row; (0, D) for no crops."""
        ...


class EmbedderPart(Embedder, Protocol):
    """An embedder that can be named, alone or as a member of an ensemble; it is made from the settings."""

    @classmethod
    def space_for(cls, settings: EmbeddingSettings) -> Space:
        """Its space under these settings, known without loading the network."""
        ...


EMBEDDERS = Registry(
    "embedder",
    "crossid.embedders",
    {
        "arcface": "crossid.embeddings.arcface:ArcfaceEmbedder",
        "deepface_facenet512": "crossid.embeddings.originals:DeepfaceFacenet512Embedder",
        "deepface_vggface": "crossid.embeddings.originals:DeepfaceVggfaceEmbedder",
        "dlib_resnet": "crossid.embeddings.dlib_resnet:DlibResnetEmbedder",
        "facenet512": "crossid.embeddings.facenet:Facenet512Embedder",
        "facenet_pytorch": "crossid.embeddings.originals:FacenetPytorchEmbedder",
        "inception_resnet_v1": "crossid.embeddings.inception_resnet_v1:InceptionResnetV1Embedder",
        "sface": "crossid.embeddings.sface:SfaceEmbedder",
        "vggface": "crossid.embeddings.vggface:VggfaceEmbedder",
    },
)


def embedders(settings: EmbeddingSettings) -> list[Embedder]:
    """What describes, one part for each space: the embedder that the settings name, or an ensemble of several."""
    parts = _parts(settings)
    if len(parts) == 1:
        return members(settings)
    from crossid.embeddings.ensemble import EnsembleEmbedder

    return [EnsembleEmbedder(settings, parts)]


def members(settings: EmbeddingSettings) -> list[Embedder]:
    """The embedders that the settings name, each by itself, in the order of their names."""
    return [part(settings) for _, part in sorted(_parts(settings).items())]


def spaces(settings: EmbeddingSettings) -> list[Space]:
    """The spaces in which `embedders` describe, known without loading a network."""
    parts = _parts(settings)
    if len(parts) == 1:
        return [part.space_for(settings) for part in parts.values()]
    from crossid.embeddings.ensemble import fusion, space_of

    return [space_of(fusion(settings, parts))]


def _parts(settings: EmbeddingSettings) -> dict[str, Any]:
    """Name -> class of each embedder that the settings name."""
    return {name: _part(name, settings) for name in settings.embedders}


def _part(name: str, settings: EmbeddingSettings) -> Any:
    """The class of that name: one of the registry, or made for a model of the user's, who cannot shadow those."""
    own = {model.name: model for model in settings.models}
    if name in own and name not in EMBEDDERS.names():
        from crossid.embeddings.own import own_embedder

        return own_embedder(own[name])
    return EMBEDDERS.load(name)


def describe(tracks: Sequence[Track], parts: Sequence[Embedder]) -> list[Appearance]:
    """One appearance per track, pooled over its crops in each space; see `pooling`."""
    from crossid.embeddings.pooling import pool

    return pool(tracks, parts)


def describe_anew(kept: Sequence[Sequence[Portrait]], parts: Sequence[Embedder]) -> list[tuple[Embedding, ...]]:
    """The embeddings, one per space, of each track of which these portraits were kept; see `pooling`."""
    from crossid.embeddings.pooling import pool_anew

    return pool_anew(kept, parts)
