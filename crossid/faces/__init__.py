"""Faces: frames come in, faces with their crops go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from crossid.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossid.types import Crop, Detection, Frame, Image


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceSettings:
    """What counts as a face.

    Attributes:
        detectors: Names of the parts that look.
        min_face_px: Shorter side of the smallest face that is looked for, pixels of the full frame.
        min_score: A detection the detector is less sure of is dropped, [0, 1].
    """

    detectors: tuple[str, ...] = ("mtcnn",)
    min_face_px: int = 40
    min_score: float = 0.9


class Detector(Protocol):
    """Finds faces. A picture is judged alone, so the size of a batch cannot change an answer."""

    name: str

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        """For each image the faces in it, by falling score; images may differ in size."""
        ...


DETECTORS = Registry("detector", "crossid.detectors", {"mtcnn": "crossid.faces.mtcnn:MtcnnDetector"})


def detector(settings: FaceSettings) -> Detector:
    """The detector that the settings name."""
    part: Detector = DETECTORS.load(settings.detectors[0])(settings)
    return part


def find(frames: Sequence[Frame], part: Detector, settings: FaceSettings) -> list[list[Crop]]:
    """For each frame the faces in it, best score first, each with its crop; see `cutting`."""
    from crossid.faces.cutting import cut

    found = part.detect([frame.image for frame in frames])
    return [cut(frame, here, settings) for frame, here in zip(frames, found, strict=True)]
