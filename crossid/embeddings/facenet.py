"""FaceNet (Schroff et al. 2015, arXiv 1503.03832): DeepFace's InceptionResnetV1 with 512 dimensions."""

from crossid.embeddings.chips import ChipEmbedder, Look
from crossid.inference.feeding import Feed


class Facenet512Embedder(ChipEmbedder):
    """Describes faces with `facenet512_weights.onnx`, fed as DeepFace feeds its `FaceNet512dClient`."""

    name = "facenet512"
    model = "facenet512"
    dimensions = 512
    look = Look(
        side_px=160,
        alignment="deepface",
        feed=Feed(channels="BGR", mean=(0.0, 0.0, 0.0), scale=255.0, channels_last=True),
    )
