"""SCRFD, YuNet and RetinaFace say what their publishers' own programs say, of faces of every size."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from insightface.model_zoo.scrfd import SCRFD
from PIL import Image as Pictures

from crossid.errors import ModelError
from crossid.faces import DETECTORS, Detector, FaceSettings, detector
from crossid.faces.retinaface import RetinafaceDetector
from crossid.inference.own_models import OwnDetector, own_model
from crossid.inference.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from crossid.types import Detection, Image

pytestmark = [pytest.mark.shared, pytest.mark.usefixtures("models_here")]
SETTINGS = FaceSettings()
HALF = 40
"""The smallest face for which t1.jpg (1280 × 886) is looked at in half its size."""
FILES = {
    "scrfd": ("scrfd_500m.onnx", "5e4447f50245bbd7966bd6c0fa52938c61474a04ec7def48753668a9d8b4ea3a"),
    "yunet": ("libfd_yunet_n_dynamic.onnx", "104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12"),
}


@pytest.fixture(scope="module", params=["scrfd_500m", "yunet", "retinaface"])
def part(request: pytest.FixtureRequest, shared_data: Path, models_here: None) -> Detector:
    return detector(FaceSettings(detectors=(request.param,)))


@pytest.fixture(scope="module")
def group(six_people: Path) -> Image:
    return np.asarray(Pictures.open(six_people).convert("RGB"))


@pytest.fixture(scope="module")
def portrait(astronaut: Path) -> Image:
    return np.asarray(Pictures.open(astronaut).convert("RGB"))


def sure(found: list[Detection]) -> list[Detection]:
    return [each for each in found if each.score >= SETTINGS.min_score]


def boxes(found: list[Detection]) -> NDArray[np.float32]:
    return np.array([[each.box.left, each.box.top, each.box.right, each.box.bottom] for each in found], np.float32)


def by_place(array: NDArray[np.float32], places: NDArray[np.float32]) -> NDArray[np.float32]:
    return array[np.argsort(places[:, 0], kind="stable")]


def test_scrfd_agrees_with_insightface_on_the_same_file_and_picture(shared_data: Path, group: Image) -> None:
    reference = SCRFD(str(shared_data / "models" / FILES["scrfd"][0]))
    reference.prepare(-1)
    rows, points = reference.detect(np.ascontiguousarray(group[..., ::-1]), input_size=(640, 448))
    part = DETECTORS.load("scrfd_500m")(replace(SETTINGS, min_face_px=HALF))
    found = [each for each in part.detect([group])[0] if each.score >= part.scale.calibrated(np.array([0.5]))[0]]
    assert len(found) == len(rows) == 6
    mine = np.stack([each.landmarks for each in found])
    np.testing.assert_allclose(by_place(boxes(found), boxes(found)), by_place(rows[:, :4], rows), atol=0.5)
    np.testing.assert_allclose(by_place(mine, boxes(found)), by_place(points, rows), atol=0.5)
    scores = np.array([each.score for each in found])
    expected = part.scale.calibrated(rows[:, 4])
    np.testing.assert_allclose(by_place(scores, boxes(found)), by_place(expected, rows), atol=2e-3)


def test_yunet_agrees_with_opencv_on_the_same_file_and_picture(shared_data: Path, group: Image) -> None:
    """OpenCV pads to multiples of 32 with black too."""
    small = cv2.resize(group, (640, 443), interpolation=cv2.INTER_AREA)
    file = shared_data / "models" / "face_detection_yunet_2023mar.onnx"
    reference = cv2.FaceDetectorYN.create(str(file), "", (640, 443), score_threshold=0.5, nms_threshold=0.3)
    _, rows = reference.detect(np.ascontiguousarray(small[..., ::-1]))
    part = DETECTORS.load("yunet")(replace(SETTINGS, min_face_px=HALF))
    found = [each for each in part.detect([group])[0] if each.score >= part.scale.calibrated(np.array([0.5]))[0]]
    assert len(found) == len(rows) == 6
    corners = np.hstack([rows[:, :2], rows[:, :2] + rows[:, 2:4]]) * 2
    mine = np.stack([each.landmarks for each in found])
    np.testing.assert_allclose(by_place(boxes(found), boxes(found)), by_place(corners, rows), atol=2)
    np.testing.assert_allclose(
        by_place(mine, boxes(found)), by_place(rows[:, 4:14].reshape(-1, 5, 2) * 2, rows), atol=2
    )
    scores = np.array([each.score for each in found])
    expected = part.scale.calibrated(rows[:, 14])
    np.testing.assert_allclose(by_place(scores, boxes(found)), by_place(expected, rows), atol=5e-3)


def decoded_plainly(
    outputs: list[NDArray[np.float32]], height: int, width: int
) -> list[tuple[float, list[float], list[float]]]:
    """biubug6's `PriorBox`, `decode` and `decode_landm`, anchor after anchor: score, box, landmarks in pixels."""
    offsets, chances, landmarks = (output[0] for output in outputs)
    faces, anchor = [], 0
    for stride, sides in ((8, (10, 20)), (16, (32, 64)), (32, (128, 256))):
        for row in range(math.ceil(height / stride)):
            for column in range(math.ceil(width / stride)):
                for side in sides:
                    x, y = (column + 0.5) * stride, (row + 0.5) * stride
                    dx, dy, dw, dh = offsets[anchor]
                    cx, cy = x + dx * 0.1 * side, y + dy * 0.1 * side
                    w, h = side * math.exp(dw * 0.2), side * math.exp(dh * 0.2)
                    box = [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2]
                    shifts = landmarks[anchor] * 0.1 * side
                    points = [at + shift for at, shift in zip([x, y] * 5, shifts, strict=True)]
                    faces.append((float(chances[anchor, 1]), box, points))
                    anchor += 1
    assert anchor == len(offsets)
    return sorted(faces, key=lambda face: -face[0])


def test_retinaface_agrees_with_a_plain_decoder(shared_data: Path, models_here: None, portrait: Image) -> None:
    """The surest anchor of a picture that is looked at as it is."""
    picture = cv2.resize(portrait, (256, 256), interpolation=cv2.INTER_AREA)
    blob = (picture[..., ::-1].astype(np.float32) - np.array([104, 117, 123], np.float32)).transpose(2, 0, 1)[None]
    (score, box, points), *_ = decoded_plainly(Session(RetinafaceDetector.graph(), threads=1).run(blob), 256, 256)
    part = RetinafaceDetector(replace(SETTINGS, min_face_px=20))
    best = part.detect([picture])[0][0]
    np.testing.assert_allclose(boxes([best])[0], box, atol=0.01)
    np.testing.assert_allclose(best.landmarks.reshape(-1), points, atol=0.01)
    assert best.score == pytest.approx(part.scale.calibrated(np.array([score]))[0], abs=1e-5)


def test_a_small_face_in_4k_is_found(part: Detector, portrait: Image) -> None:
    """The astronaut's face of about 44 px, the smallest that is asked for being 40."""
    small = cv2.resize(portrait, None, fx=0.45, fy=0.45, interpolation=cv2.INTER_AREA)
    picture = cv2.resize(portrait[300:400, :150], (3840, 2160), interpolation=cv2.INTER_CUBIC)
    picture[1500 : 1500 + len(small), 2700 : 2700 + len(small)] = small
    (found,) = sure(part.detect([picture])[0])
    assert np.abs(np.subtract(found.box.centre, (2700 + 224 * 0.45, 1500 + 115 * 0.45))).max() < 8


def test_a_face_that_fills_the_frame_is_found(part: Detector, portrait: Image) -> None:
    """From chin to hair over all of 1080p, and past both borders of a portrait."""
    head = portrait[30:200, 90:380]
    picture = cv2.resize(head, (1842, 1080), interpolation=cv2.INTER_CUBIC)
    assert len(sure(part.detect([picture])[0])) == 1
    assert len(sure(part.detect([np.ascontiguousarray(picture[:, 500:1300])])[0])) == 1


@pytest.mark.parametrize("tone", [0, 127, 255])
def test_an_even_picture_has_no_faces(part: Detector, tone: int) -> None:
    assert sure(part.detect([np.full((300, 400, 3), tone, np.uint8)])[0]) == []


@pytest.mark.parametrize("shape", [(1, 700), (11, 11), (41, 39), (60, 20_000)])
def test_pictures_of_odd_shapes_are_survived(part: Detector, shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert len(part.detect([noise])) == 1


@pytest.mark.parametrize("mode", ["any", "majority", "cascade"])
def test_an_ensemble_finds_all_and_judges_a_picture_alone(
    mode: str, group: Image, portrait: Image, shared_data: Path
) -> None:
    part = detector(FaceSettings(detectors=("mtcnn", "scrfd_500m", "retinaface"), mode=mode))
    images = [group, portrait, group[:, 600:]]
    together = part.detect(images)
    assert [len(sure(found)) for found in together][:2] == [6, 1]
    for found, image in zip(together, images, strict=True):
        (alone,) = part.detect([image])
        np.testing.assert_array_equal(boxes(found), boxes(alone))
    if mode != "cascade":
        assert all(len(face.seen_by) >= 2 for face in sure(together[0]))


def own(folder: Path, family: str, file: str = "", sha256: str = "") -> OwnDetector:
    name, digest = (file, sha256) if file else FILES[family]
    model = own_model("mine", {"family": family, "path": name, "sha256": digest}, folder)
    assert isinstance(model, OwnDetector)
    return model


@pytest.mark.parametrize("family", ["scrfd", "yunet"])
def test_a_users_own_file_finds_faces_under_its_own_name(family: str, shared_data: Path, group: Image) -> None:
    model = own(shared_data / "models", family)
    part = detector(FaceSettings(detectors=("mine",), models=(model,)))
    found = sure(part.detect([group, group])[1])
    assert len(found) == 6
    assert all(each.seen_by == ("mine",) for each in found)


@pytest.mark.parametrize(("family", "file"), [("yunet", "scrfd"), ("scrfd", "yunet"), ("retinaface", "yunet")])
def test_a_file_of_another_family_is_refused_with_the_remedy(
    family: str, file: str, shared_data: Path, group: Image
) -> None:
    model = own(shared_data / "models", family, *FILES[file])
    with pytest.raises(ModelError, match="mine") as refusal:
        detector(FaceSettings(detectors=("mine",), models=(model,))).detect([group])
    assert "family" in refusal.value.remedy
