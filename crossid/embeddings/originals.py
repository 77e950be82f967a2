"""The original implementations as parts to compare with: of the same weights and looks, in spaces of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossid.embeddings.facenet import Facenet512Embedder
from crossid.embeddings.inception_resnet_v1 import InceptionResnetV1Embedder
from crossid.embeddings.vggface import VggfaceEmbedder
from crossid.inference.originals import DeepfaceClient, FacenetPytorch
from crossid.inference.weights import file_of, of_model

if TYPE_CHECKING:
    from crossid.inference.originals import Network


class FacenetPytorchEmbedder(InceptionResnetV1Embedder):
    """InceptionResnetV1 as facenet-pytorch's own module computes it (extra `facenet`)."""

    name = "facenet_pytorch"

    @classmethod
    def network(cls) -> Network:
        """facenet-pytorch's module."""
        (weights,) = of_model(cls.model)
        return FacenetPytorch(weights.read())


class DeepfaceFacenet512Embedder(Facenet512Embedder):
    """FaceNet-512 as DeepFace's own client computes it (extra `deepface`)."""

    name = "deepface_facenet512"

    @classmethod
    def network(cls) -> Network:
        """DeepFace's client."""
        return DeepfaceClient("Facenet", "FaceNet512dClient", file_of(cls.model))


class DeepfaceVggfaceEmbedder(VggfaceEmbedder):
    """VGG-Face as DeepFace's own client computes it (extra `deepface`)."""

    name = "deepface_vggface"

    @classmethod
    def network(cls) -> Network:
        """DeepFace's client."""
        return DeepfaceClient("VGGFace", "VggFaceClient", file_of(cls.model))
