"""How a network takes pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Channels = Literal["RGB", "BGR"]
Means = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Float32 in the order of `channels`, as (x - mean) / scale.

    `mean` has one value per channel, in the order of `channels`; pixels are 0 to 255. Channels come
    first, (N, 3, H, W), unless `channels_last`.
    """

    channels: Channels
    mean: Means
    scale: float
    channels_last: bool = False

    def __call__(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """RGB pictures (N, H, W, 3) uint8 as the network takes them."""
        import numpy as np

        ordered = pictures if self.channels == "RGB" else pictures[..., ::-1]
        fed = ordered.astype(np.float32)
        if any(self.mean):
            fed -= np.array(self.mean, np.float32)
        if self.scale != 1:
            fed /= np.float32(self.scale)
        return np.ascontiguousarray(fed if self.channels_last else fed.transpose(0, 3, 1, 2))
