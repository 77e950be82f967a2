"""Detectors that a user brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossid.faces.retinaface import RetinafaceMobilenetv2Detector
from crossid.faces.scrfd import ScrfdDetector
from crossid.faces.yunet import YunetDetector

if TYPE_CHECKING:
    from crossid.faces.single_shot import SingleShotDetector
    from crossid.inference.own_models import OwnDetector

FAMILIES: dict[str, type[SingleShotDetector]] = {
    "scrfd": ScrfdDetector,
    "retinaface": RetinafaceMobilenetv2Detector,
    "yunet": YunetDetector,
}
"""The part that decodes as a family does; its scores are taken for as good as that part's."""


def own_detector(model: OwnDetector) -> type[SingleShotDetector]:
    """The part that a user's model is."""
    says = {"name": model.name, "feed": model.feed, "graph": classmethod(lambda _: model.file())}
    return type("Own", (FAMILIES[model.family],), says)
