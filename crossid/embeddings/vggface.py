"""VGG-Face (Parkhi et al. 2015, BMVC): DeepFace's VGG-16 with 4,096 dimensions."""

from crossid.embeddings.chips import ChipEmbedder, Look
from crossid.inference.feeding import Feed


class VggfaceEmbedder(ChipEmbedder):
    """Describes faces with `vgg_face_weights.onnx`, fed as DeepFace feeds its `VggFaceClient`."""

    name = "vggface"
    model = "vggface"
    dimensions = 4096
    look = Look(
        side_px=224,
        alignment="deepface",
        feed=Feed(channels="BGR", mean=(0.0, 0.0, 0.0), scale=255.0, channels_last=True),
    )
