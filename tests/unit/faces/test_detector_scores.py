"""Scores of all detectors mean the same."""

import numpy as np
import pytest

from crossid.faces.scores import RETINAFACE, SCRFD, YUNET, Scale


@pytest.mark.parametrize("scale", [SCRFD, YUNET, RETINAFACE])
def test_a_scale_keeps_the_order_and_stays_within_bounds(scale: Scale) -> None:
    calibrated = scale.calibrated(np.linspace(0, 1, 101, dtype=np.float32))
    assert (np.diff(calibrated) >= 0).all()
    assert 0 <= calibrated[0] < 0.05
    assert 0.95 < calibrated[-1] <= 1


@pytest.mark.parametrize("scale", [SCRFD, YUNET, RETINAFACE])
def test_the_floor_is_as_likely_a_face_as_not(scale: Scale) -> None:
    assert scale.calibrated(np.array([scale.floor], np.float32))[0] == pytest.approx(0.5, abs=1e-4)


def test_a_slope_of_one_and_no_bias_change_nothing() -> None:
    scores = np.linspace(0.01, 0.99, 50, dtype=np.float32)
    np.testing.assert_allclose(Scale(slope=1, bias=0).calibrated(scores), scores, atol=1e-5)
