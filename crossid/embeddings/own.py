"""Embedders that a user brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossid.embeddings.chips import ChipEmbedder, Look

if TYPE_CHECKING:
    from pathlib import Path

    from crossid.inference.own_models import OwnEmbedder


def own_embedder(model: OwnEmbedder) -> type[ChipEmbedder]:
    """The part that a user's model is."""

    class Own(ChipEmbedder):
        """Describes faces with a network that the user named."""

        name = model.name
        dimensions = model.dimensions
        look = Look(side_px=model.side_px, alignment=model.alignment, feed=model.feed, mirror=model.mirror)

        @classmethod
        def weights(cls) -> str:
            return model.sha256

        @classmethod
        def graph(cls) -> Path:
            return model.file()

    return Own
