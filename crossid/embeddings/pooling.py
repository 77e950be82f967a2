"""Pools the views of a track into one vector per space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from crossid.embeddings.ensemble import EnsembleEmbedder
from crossid.types import Appearance, Embedding, Portrait

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crossid.embeddings import Embedder
    from crossid.types import Crop, Track

LEAST_WEIGHT = 1e-3
JPEG_QUALITY = 95


def pool(tracks: Sequence[Track], parts: Sequence[Embedder]) -> list[Appearance]:
    """One appearance per track, in order; the crops of all tracks go through each embedder together.

    In each space the appearance's vector is the mean direction of its views, weighted by their
    crops' quality. A view that is no direction (zero, or not finite) is left out; a track without
    any view in a space has no embedding there.
    """
    crops = [crop for track in tracks for crop in track.crops]
    ends = np.cumsum([len(track.crops) for track in tracks])[:-1]
    vectors = [np.split(part.embed(crops), ends) for part in parts] if tracks else []
    return [
        _appearance(
            track, [_embedding(part, views[index], track.crops) for part, views in zip(parts, vectors, strict=True)]
        )
        for index, track in enumerate(tracks)
    ]


def _appearance(track: Track, embeddings: Sequence[Embedding | None]) -> Appearance:
    return Appearance(
        id=track.id,
        video=track.start.video,
        faces=track.faces,
        portraits=tuple(_portrait(crop) for crop in track.crops),
        embeddings=tuple(embedding for embedding in embeddings if embedding is not None),
        quality=pooled_quality([crop.face.quality for crop in track.crops]),
    )


def _portrait(crop: Crop) -> Portrait:
    packed = cv2.imencode(
        ".jpg", cv2.cvtColor(crop.portrait, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    )[1]
    return Portrait(face=crop.face, jpeg=packed.tobytes(), landmarks=crop.landmarks)


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
