"""Pools the views of a track into one vector per space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from crossid.embeddings.ensemble import EnsembleEmbedder
from crossid.types import Appearance, Crop, Embedding, Portrait

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crossid.embeddings import Embedder
    from crossid.types import Track

LEAST_WEIGHT = 1e-3
JPEG_QUALITY = 95


def pool(tracks: Sequence[Track], parts: Sequence[Embedder]) -> list[Appearance]:
    """One appearance per track, in order; the crops of all tracks go through each embedder together.

    In each space the appearance's vector is the mean direction of its views, weighted by their
    crops' quality. A view that is no direction (zero, or not finite) is left out; a track without
    any view in a space has no embedding there.
    """
    embedded = _embedded([track.crops for track in tracks], parts)
    return [_appearance(track, embeddings) for track, embeddings in zip(tracks, embedded, strict=True)]


def pool_anew(kept: Sequence[Sequence[Portrait]], parts: Sequence[Embedder]) -> list[tuple[Embedding, ...]]:
    """The embeddings, one per space, of each track of which these portraits were kept; see `pool`.

    A portrait that cannot be decoded is left out.
    """
    return _embedded([[crop for one in portraits for crop in _crop(one)] for portraits in kept], parts)


def _embedded(views: Sequence[Sequence[Crop]], parts: Sequence[Embedder]) -> list[tuple[Embedding, ...]]:
    """The embeddings, one per space, of each track whose crops these are."""
    if not views:
        return []
    crops = [crop for some in views for crop in some]
    ends = np.cumsum([len(some) for some in views])[:-1]
    vectors = [np.split(part.embed(crops), ends) for part in parts]
    found = [
        [_embedding(part, of_part[index], some) for part, of_part in zip(parts, vectors, strict=True)]
        for index, some in enumerate(views)
    ]
    return [tuple(one for one in embeddings if one is not None) for embeddings in found]


def _appearance(track: Track, embeddings: tuple[Embedding, ...]) -> Appearance:
    return Appearance(
        id=track.id,
        video=track.start.video,
        faces=track.faces,
        portraits=tuple(_portrait(crop) for crop in track.crops),
        embeddings=embeddings,
        quality=pooled_quality([crop.face.quality for crop in track.crops]),
    )


def _portrait(crop: Crop) -> Portrait:
    packed = cv2.imencode(
        ".jpg", cv2.cvtColor(crop.portrait, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    )[1]
    return Portrait(face=crop.face, jpeg=packed.tobytes(), landmarks=crop.landmarks)


def _crop(portrait: Portrait) -> list[Crop]:
    pixels = cv2.imdecode(np.frombuffer(portrait.jpeg, np.uint8), cv2.IMREAD_COLOR) if portrait.jpeg else None
    if pixels is None:
        return []
    return [Crop(face=portrait.face, portrait=cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), landmarks=portrait.landmarks)]


def pooled_quality(qualities: Sequence[float]) -> float:
    """Quality-weighted mean of the better half (rounded up) of a track's crops, [0, 1]; 0 without crops.

    The vector leans on the good views, so they decide how far it can be trusted.
    """
    best = np.sort(np.asarray(qualities, np.float64))[::-1][: (len(qualities) + 1) // 2]
    return float(best @ best / best.sum()) if best.sum() > 0 else 0.0


def _embedding(part: Embedder, vectors: NDArray[np.float32], crops: Sequence[Crop]) -> Embedding | None:
    lengths = np.linalg.norm(vectors, axis=1)
    sound = np.isfinite(lengths) & (lengths > 0)
    views = vectors[sound] / lengths[sound, None]
    weights = np.array([max(crop.face.quality, LEAST_WEIGHT) for crop in crops], np.float32)[sound]
    mean = weights @ views
    if isinstance(part, EnsembleEmbedder):
        mean = part.levelled(mean)
    length = np.linalg.norm(mean)
    if not length > 0:
        return None
    return Embedding(space=part.space, vector=mean / length, views=views, weights=weights)
