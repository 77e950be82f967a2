"""Faces: frames come in, faces with their crops go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from crossid.inference.own_models import OwnDetector
from crossid.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossid.faces.finding import Finder
    from crossid.types import Crop, Detection, Frame, Image


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceSettings:
    """What counts as a face.

    Attributes:
        detectors: Names of the parts that look; several are an ensemble.
        mode: How an ensemble decides: any, majority or cascade; see `ensemble`.
        min_face_px: Shorter side of the smallest face that is looked for, pixels of the full frame.
        min_face_share: The same as a share of the picture's shorter side, [0, 1]; the larger of the two counts.
        search_every_s: A detector that can looks at all of a frame only every so many seconds, and in between only
            where faces were; 0: at all of every frame.
        min_score: A detection the detector is less sure of is dropped, [0, 1].
        models: Detectors that the user brings; `detectors` may name them.
    """

    detectors: tuple[str, ...] = ("mtcnn",)
    mode: str = "majority"
    min_face_px: int = 40
    min_face_share: float = 0.0
    search_every_s: float = 0.6
    min_score: float = 0.9
    models: tuple[OwnDetector, ...] = ()

    def smallest_px(self, image: Image) -> float:
        """Shorter side of the smallest face that is looked for in this picture."""
        return float(max(self.min_face_px, self.min_face_share * min(image.shape[:2])))


class Detector(Protocol):
    """Finds faces. A picture is judged alone, so the size of a batch cannot change an answer."""

    name: str

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        """For each image the faces in it, by falling score; images may differ in size."""
        ...


DETECTORS = Registry(
    "detector",
    "crossid.detectors",
    {
        "mtcnn": "crossid.faces.mtcnn:MtcnnDetector",
        "retinaface": "crossid.faces.retinaface:RetinafaceDetector",
        "retinaface_mobilenetv2": "crossid.faces.retinaface:RetinafaceMobilenetv2Detector",
        "retinaface_resnet34": "crossid.faces.retinaface:RetinafaceResnet34Detector",
        "scrfd": "crossid.faces.scrfd:ScrfdDetector",
        "scrfd_500m": "crossid.faces.scrfd:Scrfd500mDetector",
        "yunet": "crossid.faces.yunet:YunetDetector",
    },
)


def detector(settings: FaceSettings) -> Detector:
    """The detector that the settings name; where they name several, an ensemble of them."""
    members: list[Detector] = [_part(name, settings)(settings) for name in settings.detectors]
    if len(members) == 1:
        return members[0]
    from crossid.faces.ensemble import EnsembleDetector

    return EnsembleDetector(members, settings.mode)


def _part(name: str, settings: FaceSettings) -> Any:
    """The class of that name: one of the registry, or made for a model of the user's, who cannot shadow those."""
    own = {model.name: model for model in settings.models}
    if name in own and name not in DETECTORS.names():
        from crossid.faces.own import own_detector

        return own_detector(own[name])
    return DETECTORS.load(name)


def finder(part: Detector, settings: FaceSettings) -> Finder:
    """Finds the faces of one span, frame after frame; see `finding`."""
    from crossid.faces.finding import Finder

    return Finder(part, settings)


def find(frames: Sequence[Frame], part: Detector, settings: FaceSettings) -> list[list[Crop]]:
    """For each frame, judged alone, the faces in it, best score first, each with its crop; see `cutting`."""
    from crossid.faces.cutting import cut

    found = part.detect([frame.image for frame in frames])
    return [cut(frame, here, settings) for frame, here in zip(frames, found, strict=True)]
