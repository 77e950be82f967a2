"""SFace (Zhong et al. 2021, arXiv 2205.12010): a MobileFaceNet of OpenCV's model zoo."""

from crossid.embeddings.chips import ChipEmbedder, Look
from crossid.inference.feeding import Feed


class SfaceEmbedder(ChipEmbedder):
    """Describes faces with `face_recognition_sface_2021dec.onnx`, fed as OpenCV's `FaceRecognizerSF` feeds it."""

    name = "sface"
    model = "sface"
    dimensions = 128
    look = Look(side_px=112, alignment="arcface", feed=Feed(channels="RGB", mean=(0.0, 0.0, 0.0), scale=1.0))
