"""Several detectors as one: what they say of a picture is fused, and who saw a face is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crossid.errors import UnknownNameError
from crossid.geometry import iou, suppress
from crossid.types import Box, Detection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crossid.faces import Detector
    from crossid.types import Image

    Array = NDArray[np.float32]

MODES = ("any", "majority", "cascade")
SAME_FACE = 0.4
INSIDE = 0.7
SURE = 0.95
"""In a cascade the first detector is believed from this score on."""


class EnsembleDetector:
    """Finds faces by asking several detectors.

    Args:
        members: At least one; in a cascade the first looks at all pictures.
        mode: "any": a face is as sure as its surest member says. "majority": as sure as more than half
            of the members say. "cascade": a picture in which the first is sure of all that it sees
            goes no further; all the others go to every member, and a majority decides. So do those in
            which a face is gone that was seen in the frame before (`finding.Finder` asks: `doubted`).

    Raises:
        UnknownNameError: if there is no such mode.
    """

    name = "ensemble"

    def __init__(self, members: Sequence[Detector], mode: str) -> None:
        if mode not in MODES:
            raise UnknownNameError("mode of an ensemble", mode, MODES)
        self._members = members
        self._mode = mode

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        """For each image the faces in it, by falling score; images may differ in size."""
        first, *others = self._members
        seen = [[found] for found in first.detect(images)]
        asked = [index for index, (found,) in enumerate(seen) if not self.is_cascade or _is_unsure(found)]
        for member in others:
            for index, found in zip(asked, member.detect([images[index] for index in asked]), strict=True):
                seen[index].append(found)
        return [fused(found, 1 if self._mode == "any" else len(found) // 2 + 1) for found in seen]

    @property
    def is_cascade(self) -> bool:
        """Whether most pictures are looked at by the first member only."""
        return self._mode == "cascade"

    def doubted(self, image: Image) -> list[Detection]:
        """The faces in a picture as a majority of all members sees it, by falling score."""
        return fused([member.detect([image])[0] for member in self._members], len(self._members) // 2 + 1)


def _is_unsure(found: Sequence[Detection]) -> bool:
    return any(each.score < SURE for each in found)


def fused(found: Sequence[Sequence[Detection]], votes: int) -> list[Detection]:
    """The faces that at least `votes` members see in a picture, by falling score.

    Boxes that overlap are one face (Solovyev et al. 2021, "Weighted boxes fusion"): its box is the
    mean of its members' weighted by score, its landmarks are those of the surest member, and its
    score is that of the member that gives it the last vote it needs.

    Args:
        found: What each member sees, by falling score, on one scale of scores.
        votes: From 1 to the number of members.
    """
    faces = [_face(members, votes) for members in _gathered(found) if len(members) >= votes]
    if not faces:
        return []
    boxes, scores = _boxes(faces), np.array([face.score for face in faces], np.float32)
    return [faces[index] for index in suppress(boxes, scores, INSIDE, by_smaller=True)]


def _gathered(found: Sequence[Sequence[Detection]]) -> list[list[Detection]]:
    """Detections of one face together, at most one of each member, the surest first."""
    groups: list[list[Detection]] = []
    for detection in sorted((each for member in found for each in member), key=lambda each: -each.score):
        near = _nearest(detection, groups)
        if near is None:
            groups.append([detection])
        else:
            near.append(detection)
    return groups


def _nearest(detection: Detection, groups: Sequence[list[Detection]]) -> list[Detection] | None:
    """The group that a detection belongs to, if there is one."""
    others = [group for group in groups if all(each.seen_by != detection.seen_by for each in group)]
    if not others:
        return None
    overlaps = iou(_boxes([detection]), np.stack([_mean(group) for group in others]))[0]
    best = int(overlaps.argmax())
    return others[best] if overlaps[best] >= SAME_FACE else None


def _face(members: Sequence[Detection], votes: int) -> Detection:
    left, top, right, bottom = _mean(members).tolist()
    return Detection(
        box=Box(left=left, top=top, right=right, bottom=bottom),
        landmarks=members[0].landmarks,
        score=members[votes - 1].score,
        seen_by=tuple(name for each in members for name in each.seen_by),
    )


def _mean(members: Sequence[Detection]) -> Array:
    """The members' box, weighted by score: (4,)."""
    weights = np.array([each.score for each in members], np.float32)
    mean: Array = np.average(_boxes(members), axis=0, weights=weights).astype(np.float32)
    return mean


def _boxes(members: Sequence[Detection]) -> Array:
    return np.array([[each.box.left, each.box.top, each.box.right, each.box.bottom] for each in members], np.float32)
