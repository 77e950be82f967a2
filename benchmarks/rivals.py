"""What a user would write instead: loops over frames with the libraries that first come to mind."""

from collections.abc import Callable
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks import data

Look = Callable[[np.ndarray], int]
"""Takes an RGB frame, finds and describes the faces in it, and returns how many."""


def face_recognition_loop() -> Look:
    """Finds and describes faces as face_recognition does."""
    faces = face_recognition_faces()
    return lambda image: len(faces(image))


def face_recognition_faces() -> Callable[[np.ndarray], list[tuple[object, object]]]:
    """What `face_locations` and `face_encodings` of face_recognition 1.3 call with their defaults, by dlib itself.

    Returns:
        RGB frame -> dlib's rectangle and vector of each face.
    """
    import dlib

    spec = find_spec("face_recognition_models")
    assert spec is not None
    assert spec.origin is not None
    models = Path(spec.origin).parent / "models"
    detect = dlib.get_frontal_face_detector()
    points = dlib.shape_predictor(str(models / "shape_predictor_5_face_landmarks.dat"))
    describe = dlib.face_recognition_model_v1(str(models / "dlib_face_recognition_resnet_model_v1.dat"))

    def faces(image: np.ndarray) -> list[tuple[object, object]]:
        return [(box, describe.compute_face_descriptor(image, points(image, box), 1)) for box in detect(image, 1)]

    return faces


def insightface_loop() -> Look:
    """insightface's own SCRFD and ArcFace classes, on the weights in the data folder (500M, MobileFaceNet)."""
    from insightface.model_zoo.arcface_onnx import ArcFaceONNX
    from insightface.model_zoo.scrfd import SCRFD
    from insightface.utils.face_align import norm_crop

    models = data.folder() / "models"
    detector = SCRFD(str(models / "scrfd_500m.onnx"))
    detector.prepare(-1, input_size=(640, 640))
    embedder = ArcFaceONNX(str(models / "mobilefacenet_kennethwang.onnx"))
    embedder.prepare(-1)

    def look(image: np.ndarray) -> int:
        swapped = np.ascontiguousarray(image[..., ::-1])
        _, landmarks = detector.detect(swapped)
        return len([embedder.get_feat(norm_crop(swapped, points)) for points in landmarks])

    return look


def three_detectors_loop() -> Look:
    """Every frame through three detectors, every face through two embedders: the loop that crossid grew out of.

    It had four embedders; the weights of the other two are not to be had here.
    """
    from crossid.faces import FaceSettings
    from crossid.faces.mtcnn import MtcnnDetector

    yunet = cv2.FaceDetectorYN.create(
        str(data.folder() / "models" / "face_detection_yunet_2023mar.onnx"), "", (320, 320), 0.9
    )
    mtcnn, others = MtcnnDetector(FaceSettings()), (insightface_loop(), face_recognition_loop())

    def look(image: np.ndarray) -> int:
        yunet.setInputSize(image.shape[1::-1])
        yunet.detect(np.ascontiguousarray(image[..., ::-1]))
        mtcnn.detect([image])
        return max(other(image) for other in others)

    return look


def frames(video: Path, count: int) -> list[np.ndarray]:
    """`count` frames of a video, evenly spread, RGB."""
    with av.open(str(video)) as film:
        stream = film.streams.video[0]
        step = max(1, (stream.frames or 250) // count)
        return [frame.to_ndarray(format="rgb24") for frame in islice(film.decode(stream), 0, step * count, step)]


def sought(video: Path, seconds: float) -> int:
    """Take one frame a second, sought with OpenCV as such loops do; returns how many came."""
    capture = cv2.VideoCapture(str(video))
    came = 0
    for second in range(int(seconds)):
        capture.set(cv2.CAP_PROP_POS_MSEC, second * 1000)
        came += capture.read()[0]
    capture.release()
    return came
