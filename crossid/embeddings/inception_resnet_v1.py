"""InceptionResnetV1 trained on VGGFace2, as facenet-pytorch publishes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossid.embeddings.chips import ChipEmbedder, Look
from crossid.inference.convert import inception_resnet_v1
from crossid.inference.feeding import Feed

if TYPE_CHECKING:
    from crossid.inference.weights import Graph


class InceptionResnetV1Embedder(ChipEmbedder):
    """Describes faces with a converted graph, fed as facenet-pytorch's `fixed_image_standardization` feeds it."""

    name = "inception_resnet_v1"
    model = inception_resnet_v1.MODEL
    dimensions = inception_resnet_v1.DIMENSIONS
    look = Look(
        side_px=inception_resnet_v1.SIDE_PX,
        alignment="facenet_pytorch",
        feed=Feed(channels="RGB", mean=(127.5, 127.5, 127.5), scale=128.0),
    )

    @classmethod
    def graph(cls) -> Graph:
        """The converted graph."""
        return inception_resnet_v1.graph()
