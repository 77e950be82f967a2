"""What members of an ensemble count is learned, and who of them agrees is told."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from crossid.inference.calibration_files import installed
from crossid.people.agreement import evidence_of, families
from crossid.people.fitting import Sample, fit
from crossid.people.fusion import fused, shares
from crossid.people.reliability import reliability
from crossid.types import Gallery, Space

PEOPLE, PHOTOS, DIMENSIONS = 40, 4, 16


def sample(spread: float, seed: int) -> Sample:
    """People as directions and photographs near them, as one embedder sees them: the same rows whatever the seed."""
    lot = np.random.default_rng(seed)
    centres = lot.normal(size=(PEOPLE, DIMENSIONS))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    who = np.repeat(np.arange(PEOPLE), PHOTOS)
    vectors = centres[who] + lot.normal(size=(len(who), DIMENSIONS)) * spread / np.sqrt(DIMENSIONS)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Sample(
        names=np.array([f"person {one}" for one in who]),
        photos=np.array([f"{row}.jpg" for row in range(len(who))]),
        vectors=vectors.astype(np.float32),
        qualities=np.full(len(who), 0.8),
    )


def noise(seed: int) -> Sample:
    return sample(spread=100.0, seed=seed)


def test_two_members_know_more_than_one() -> None:
    one, two = sample(0.8, 1), sample(0.9, 2)
    scales = [share.scale for share in shares([one, two], ["one", "two"])]
    others = [sample(0.8, 3), sample(0.9, 4)]
    together = fused(others, scales)
    cost = reliability(fit(fused([one, two], scales)), together).cost
    assert cost < 0.8 * min(
        reliability(fit(mine), theirs).cost for mine, theirs in zip((one, two), others, strict=True)
    )


def test_a_member_that_knows_nothing_counts_for_nothing() -> None:
    one, nothing = shares([sample(0.8, 1), noise(2)], ["one", "nothing"])
    assert one.weight > 0.5
    assert nothing.scale < 0.05 * one.scale


def test_two_of_a_family_count_once_between_them() -> None:
    """The same network twice is told nothing new: alone or as a family it counts the same."""
    one, two = sample(0.8, 1), sample(0.8, 2)
    alone = shares([one, two], ["facenet512", "arcface"])
    family = shares([one, one, two], ["facenet512", "inception_resnet_v1", "arcface"])
    assert family[0].weight == family[1].weight == pytest.approx(alone[0].weight / 2, rel=1e-3)
    assert family[2].weight == pytest.approx(alone[1].weight, rel=1e-3)
    assert families(["arcface", "facenet512", "inception_resnet_v1", "vggface"]) == [[0], [1, 2], [3]]


VALUES = {
    "pivot": 0.5,
    "cosine": 20.0,
    "cosine_quality": 0.0,
    "quality": 0.0,
    "bias": 0.0,
    "member_slope": 1.0,
    "member_bias": 0.0,
}
"""A member agrees from a cosine of 0.775 on: 20 · (0.775 - 0.5) is what a small archive needs."""


def gallery(space: Space, blocks: list[np.ndarray], scales: list[float]) -> Gallery:
    vectors = np.concatenate([block * scale for block, scale in zip(blocks, scales, strict=True)], axis=1)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    size = len(vectors)
    return Gallery(
        space=space,
        ids=tuple(f"a{row}" for row in range(size)),
        videos=("v",) * size,
        starts=np.arange(size, dtype=np.float64),
        ends=np.arange(size) + 0.5,
        qualities=np.full(size, 0.9),
        vectors=vectors,
        boxes=(np.zeros((1, 5), np.float32),) * size,
    )


def at(*degrees: float) -> np.ndarray:
    radians = np.radians(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1)


def evidence(names: list[str], blocks: list[np.ndarray], scales: list[float], labels: list[int]) -> list[str]:
    space = Space(name="+".join(names), dimensions=2 * len(names), fingerprint="0" * 16)
    told = [
        {"space": name, "dimensions": 2, "fingerprint": "0" * 16, "scale": scale, "calibration": VALUES}
        for name, scale in zip(names, scales, strict=True)
    ]
    installed(space).parent.mkdir(parents=True, exist_ok=True)
    installed(space).write_text(json.dumps({"calibration": VALUES, "members": told}), encoding="utf-8")
    return evidence_of(gallery(space, blocks, scales), np.array(labels), ())


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSID_CALIBRATIONS", str(tmp_path / "calibrations"))


def test_members_that_would_have_said_so_alone_are_named() -> None:
    said = evidence(["arcface", "sface", "vggface"], [at(0, 10), at(0, 80), at(0, 20)], [2.0, 1.0, 1.0], [0, 0])
    assert said == ["2/3 arcface,vggface"] * 2


def test_dissent_of_all_is_told_too() -> None:
    assert evidence(["arcface", "sface"], [at(0, 80), at(0, 80)], [1.0, 1.0], [0, 0]) == ["0/2"] * 2


def test_facenet_and_inception_have_one_vote_between_them() -> None:
    names = ["arcface", "facenet512", "inception_resnet_v1"]
    assert evidence(names, [at(0, 10), at(0, 10), at(0, 20)], [1.0] * 3, [0, 0])[0] == (
        "2/2 arcface,facenet512|inception_resnet_v1"
    )
    assert evidence(names, [at(0, 10), at(0, 10), at(0, 90)], [1.0] * 3, [0, 0])[0] == "1/2 arcface"


def test_a_member_without_weight_has_no_vote() -> None:
    assert evidence(["arcface", "sface"], [at(0, 10), at(0, 80)], [1.0, 0.0], [0, 0])[0] == "1/1 arcface"


def test_who_is_alone_is_agreed_on() -> None:
    assert evidence(["arcface", "sface"], [at(0, 80), at(0, 80)], [1.0, 1.0], [0, 1]) == ["2/2 arcface,sface"] * 2


def test_one_embedder_agrees_with_itself() -> None:
    space = Space(name="dlib_resnet", dimensions=2, fingerprint="0" * 16)
    assert evidence_of(gallery(space, [at(0, 10)], [1.0]), np.array([0, 0]), ()) == ["1/1 dlib_resnet"] * 2
    assert evidence_of(replace(gallery(space, [at()], [1.0]), ids=()), np.array([], int), ()) == []
