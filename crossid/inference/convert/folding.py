"""Folds a batch normalisation into the convolution or the dense layer before it, which is exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from crossid.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


class Layer(NamedTuple):
    """A kernel (out, …) and its bias (out,), float32."""

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]


class StateDict:
    """The tensors of a PyTorch module by name.

    Args:
        tensors: As `tensors.state_dict` reads them.
        epsilon: What the module's batch normalisations add to a variance.
    """

    def __init__(self, tensors: Mapping[str, NDArray[Any]], epsilon: float) -> None:
        self._tensors = tensors
        self._epsilon = epsilon

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        """A tensor.

        Raises:
            ModelError: there is none of that name.
        """
        if name not in self._tensors:
            raise ModelError(
                f"The state dict lacks {name}, so it is not one of this network.",
                remedy="Use the file that its authors publish: crossid models fetch gets it.",
            )
        return np.asarray(self._tensors[name], np.float32)

    def layer(self, name: str) -> Layer:
        """A layer with a bias of its own."""
        return Layer(self[f"{name}.weight"], self[f"{name}.bias"])

    def folded(self, layer: str, normalisation: str) -> Layer:
        """A layer without bias and the batch normalisation behind it, as one layer."""
        kernel = self[f"{layer}.weight"].astype(np.float64)
        mean, variance, gamma, beta = (
            self[f"{normalisation}.{part}"].astype(np.float64)
            for part in ("running_mean", "running_var", "weight", "bias")
        )
        gain = gamma / np.sqrt(variance + self._epsilon)
        scaled = kernel * gain.reshape(-1, *[1] * (kernel.ndim - 1))
        return Layer(scaled.astype(np.float32), (beta - mean * gain).astype(np.float32))
