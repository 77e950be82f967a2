"""Several embedders as one: their vectors side by side, each as long as its calibration says it counts."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from crossid.errors import ModelError
from crossid.inference.calibration_files import JOINT, fusion_of
from crossid.inference.fusing import joined, levelled
from crossid.types import Space

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from crossid.embeddings import Embedder, EmbedderPart, EmbeddingSettings
    from crossid.inference.calibration_files import FusedMember
    from crossid.types import Crop


class EnsembleEmbedder:
    """Describes a face by what all its members say of it; see `inference.fusing` for the arithmetic.

    Its space is named by its members, in the order of the alphabet, so that the name says what ran; the
    fingerprint covers theirs and how they are fused.

    Args:
        settings: As for its members.
        parts: Name of each member -> its class.

    Raises:
        ModelError: a member cannot be loaded, or there is no calibration that says how these are fused.
    """

    def __init__(self, settings: EmbeddingSettings, parts: Mapping[str, type[EmbedderPart]]) -> None:
        self._fusion = fusion(settings, parts)
        self.space = space_of(self._fusion)
        self._members = [_loaded(name, parts, settings) for name in sorted(parts)]
        self._scales = [member.scale for member in self._fusion]

    def embed(self, crops: Sequence[Crop]) -> NDArray[np.float32]:
        """Unit vectors (N, D) float32, row by row; where a member has no direction the row is not a number."""
        return joined([member.embed(crops) for member in self._members], self._scales)

    def levelled(self, mean: NDArray[np.float32]) -> NDArray[np.float32]:
        """A mean of this part's vectors (D,) with each member's block at its own length again."""
        return levelled(mean, [member.dimensions for member in self._fusion], self._scales)


def fusion(settings: EmbeddingSettings, parts: Mapping[str, type[EmbedderPart]]) -> tuple[FusedMember, ...]:
    """How the parts are fused, in the order of their names.

    Raises:
        ModelError: a member's weights did not come yet, or no calibration says how these are fused.
    """
    return fusion_of([_space(name, parts, settings) for name in sorted(parts)])


def space_of(members: Sequence[FusedMember]) -> Space:
    """The space of an ensemble."""
    told = [f"{member.name}/{member.fingerprint}/{member.scale!r}" for member in members]
    return Space(
        name=JOINT.join(member.name for member in members),
        dimensions=sum(member.dimensions for member in members),
        fingerprint=hashlib.sha256("\n".join(told).encode()).hexdigest()[:16],
    )


def _space(name: str, parts: Mapping[str, type[EmbedderPart]], settings: EmbeddingSettings) -> Space:
    try:
        return parts[name].space_for(settings)
    except ModelError as error:
        raise _lacking(name, parts, error) from error


def _loaded(name: str, parts: Mapping[str, type[EmbedderPart]], settings: EmbeddingSettings) -> Embedder:
    try:
        return parts[name](settings)  # type: ignore[call-arg]  # a protocol says nothing of how a part is made
    except ModelError as error:
        raise _lacking(name, parts, error) from error


def _lacking(name: str, parts: Mapping[str, type[EmbedderPart]], error: ModelError) -> ModelError:
    """A member that is not there is never left out in silence: what is left is another space."""
    rest = ",".join(sorted(parts.keys() - {name}))
    return ModelError(
        f"The ensemble lacks {name}: {error}",
        remedy=f"{error.remedy.removesuffix('.')}; or go on without it, in a space of its own: "
        f"--set embeddings.embedders={rest}",
    )
