"""ArcFace (Deng et al. 2019, arXiv 1801.07698): InsightFace's ResNet-50 trained on WebFace600K."""

from crossid.embeddings.chips import ChipEmbedder, Look
from crossid.inference.feeding import Feed


class ArcfaceEmbedder(ChipEmbedder):
    """Describes faces with `w600k_r50.onnx` of InsightFace's pack buffalo_l, fed as its `ArcFaceONNX` feeds it."""

    name = "arcface"
    model = "arcface_r50"
    dimensions = 512
    look = Look(side_px=112, alignment="arcface", feed=Feed(channels="RGB", mean=(127.5, 127.5, 127.5), scale=127.5))
