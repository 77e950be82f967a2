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
    """Float32, channels first and in the order of `channels`, as (x - mean) / scale.

    `mean` has one value per channel, in the order of `channels`; pixels are 0 to 255.
    """

    channels: Channels
    mean: Means
    scale: float

    def __call__(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """RGB pictures (N, H, W, 3) uint8 as the network takes them: (N, 3, H, W) float32."""
        import numpy as np

        ordered = pictures if self.channels == "RGB" else pictures[..., ::-1]
        fed = np.ascontiguousarray(ordered.transpose(0, 3, 1, 2), np.float32)
        if any(self.mean):
            fed -= np.array(self.mean, np.float32)[:, None, None]
        if self.scale != 1:
            fed /= np.float32(self.scale)
        return fed
