"""The graphs compute what the Keras layers of the `mtcnn` package compute, written out here in plain numpy."""

import io
from collections.abc import Iterator

import joblib
import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from crossid.inference.convert import mtcnn
from crossid.inference.session import Session
from crossid.inference.weights import of_model

Array = NDArray[np.float64]
PROPOSAL, REFINE, OUTPUT = range(3)


def arrays(stage: int) -> list[NDArray[np.float32]]:
    """The arrays of one network, as the package keeps them."""
    return joblib.load(io.BytesIO(of_model("mtcnn")[stage].read()))


def convolution(x: Array, layers: Iterator[NDArray[np.float32]]) -> Array:
    """Keras' Conv2D "valid": x (N, H, W, in)."""
    kernel, bias = next(layers), next(layers)
    windows = sliding_window_view(x, kernel.shape[:2], axis=(1, 2))
    return np.einsum("nhwirc,rcio->nhwo", windows, kernel) + bias


def prelu(x: Array, layers: Iterator[NDArray[np.float32]]) -> Array:
    return np.where(x > 0, x, next(layers) * x)


def pool(x: Array, size: int, *, same: bool = False) -> Array:
    """Keras' MaxPooling2D with strides of 2; "same" pads at the end, and with an odd rest only there."""
    if same:
        missing = [max((-(-side // 2) - 1) * 2 + size - side, 0) for side in x.shape[1:3]]
        pads = [(0, 0), *((short // 2, short - short // 2) for short in missing), (0, 0)]
        x = np.pad(x, pads, constant_values=-np.inf)
    return sliding_window_view(x, (size, size), axis=(1, 2))[:, ::2, ::2].max(axis=(-2, -1))


def dense(x: Array, layers: Iterator[NDArray[np.float32]]) -> Array:
    return x @ next(layers) + next(layers)


def softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def flatten(x: Array) -> Array:
    """Keras' Permute((2, 1, 3)) and Flatten."""
    return x.transpose(0, 2, 1, 3).reshape(len(x), -1)


def pictures(*shape: int) -> NDArray[np.uint8]:
    return np.random.default_rng(7).integers(0, 256, (*shape, 3), dtype=np.uint8)


def normalised(seen: NDArray[np.uint8]) -> Array:
    return (seen.astype(np.float64) - 127.5) / 128


def run(build: object, stage: int, seen: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    return Session(build(arrays(stage)), threads=1).run(seen)  # type: ignore[operator]


@pytest.mark.parametrize(("height", "width"), [(12, 12), (24, 30), (25, 31), (13, 40)])
def test_the_proposal_network_is_the_published_one(height: int, width: int) -> None:
    seen, layers = pictures(2, height, width), iter(arrays(PROPOSAL))
    x = pool(prelu(convolution(normalised(seen), layers), layers), 2, same=True)
    x = prelu(convolution(x, layers), layers)
    x = prelu(convolution(x, layers), layers)
    offsets, faces = convolution(x, layers), softmax(convolution(x, layers))
    scores, moved = run(mtcnn.proposal, PROPOSAL, seen)
    np.testing.assert_allclose(scores[:, 0], faces[..., 1], atol=1e-5)
    np.testing.assert_allclose(moved.transpose(0, 2, 3, 1), offsets, atol=1e-5)


def test_the_refining_network_is_the_published_one() -> None:
    seen, layers = pictures(3, 24, 24), iter(arrays(REFINE))
    x = pool(prelu(convolution(normalised(seen), layers), layers), 3, same=True)
    x = pool(prelu(convolution(x, layers), layers), 3)
    x = prelu(convolution(x, layers), layers)
    x = prelu(dense(flatten(x), layers), layers)
    offsets, faces = dense(x, layers), softmax(dense(x, layers))
    scores, moved = run(mtcnn.refine, REFINE, seen)
    np.testing.assert_allclose(scores[:, 0], faces[:, 1], atol=1e-5)
    np.testing.assert_allclose(moved, offsets, atol=1e-5)


def test_the_output_network_is_the_published_one() -> None:
    seen, layers = pictures(3, 48, 48), iter(arrays(OUTPUT))
    x = pool(prelu(convolution(normalised(seen), layers), layers), 3, same=True)
    x = pool(prelu(convolution(x, layers), layers), 3)
    x = pool(prelu(convolution(x, layers), layers), 2, same=True)
    x = prelu(convolution(x, layers), layers)
    x = prelu(dense(flatten(x), layers), layers)
    offsets, points, faces = dense(x, layers), dense(x, layers), softmax(dense(x, layers))
    scores, moved, landmarks = run(mtcnn.output, OUTPUT, seen)
    np.testing.assert_allclose(scores[:, 0], faces[:, 1], atol=1e-5)
    np.testing.assert_allclose(moved, offsets, atol=1e-5)
    np.testing.assert_allclose(landmarks, points, atol=1e-5)


@pytest.mark.parametrize(("build", "stage", "side"), [(mtcnn.refine, REFINE, 24), (mtcnn.output, OUTPUT, 48)])
def test_no_crops_make_no_answers(build: object, stage: int, side: int) -> None:
    assert all(len(answer) == 0 for answer in run(build, stage, pictures(0, side, side)))
