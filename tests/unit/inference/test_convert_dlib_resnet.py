"""dlib's file becomes a graph that says what dlib says."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from crossid.errors import ModelError
from crossid.inference.convert import dlib_resnet
from crossid.inference.convert.dlib_resnet import _DlibFile
from crossid.inference.session import Session
from crossid.inference.weights import of_model


@pytest.fixture(scope="module")
def content() -> bytes:
    return of_model("dlib_resnet")[0].read()


def chips() -> NDArray[np.uint8]:
    """Noise at several grains, flat black and flat white: the whole range of what a chip can be."""
    noise = np.random.default_rng(3).integers(0, 256, (4, 150, 150, 3), dtype=np.uint8)
    grains = [
        noise[0],
        *(cv2.GaussianBlur(chip, (0, 0), grain) for chip, grain in zip(noise[1:], (2, 6, 15), strict=True)),
    ]
    return np.stack([*grains, np.zeros_like(noise[0]), np.full_like(noise[0], 255)])


def test_outputs_equal_those_of_dlib_within_a_hundred_thousandth(content: bytes) -> None:
    dlib = pytest.importorskip("dlib", reason="the reference is dlib (pip install dlib-bin)")
    reference = dlib.face_recognition_model_v1(str(of_model("dlib_resnet")[0].path()))
    (vectors,) = Session(dlib_resnet.build(content), threads=1).run(chips())
    theirs = np.array([reference.compute_face_descriptor(chip) for chip in chips()])
    np.testing.assert_allclose(vectors, theirs, rtol=0, atol=1e-5)


def test_the_file_holds_29_convolutions_of_the_published_sizes(content: bytes) -> None:
    convolutions, dense = dlib_resnet.read(content)
    assert [layer.kernel.shape for layer in convolutions[:2]] == [(32, 3, 7, 7), (32, 32, 3, 3)]
    assert len(convolutions) == 29
    assert dense.shape == (256, 128)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.999])
def test_a_file_that_breaks_off_is_refused(content: bytes, share: float) -> None:
    with pytest.raises(ModelError) as refusal:
        dlib_resnet.read(content[: int(len(content) * share)])
    assert "pip install" in refusal.value.remedy


@pytest.mark.parametrize(
    ("written", "value"),
    [(b"\x01\x00", 0), (b"\x01\x96", 150), (b"\x02\x80\x12", 4736), (b"\x81\x04", -4), (b"\x82\x00\x01", -256)],
)
def test_integers_are_read_as_dlib_writes_them(written: bytes, value: int) -> None:
    assert _DlibFile(written).integer() == value
