"""Vectors of several embedders as one: blocks side by side, each of a length that says how much it counts.

With members' log-likelihood ratios `a_i cos_i + b_i` (a_i > 0) and weights `w_i >= 0`, blocks of length
`sqrt(w_i a_i)` have the dot product `sum w_i a_i cos_i`: it ranks pairs as the fused ratio does (linear
fusion as in speaker verification: Brümmer et al. 2007).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Rows = NDArray[np.float32]

NEAR_ONE = 1e-2
"""A member's vector whose length differs from 1 by more is no direction."""


def joined(blocks: Sequence[Rows], scales: Sequence[float]) -> Rows:
    """Unit vectors (N, sum of D_i) out of members' unit vectors (N, D_i).

    Where a member has no direction to give, nothing stands in for it: the row is not a number.
    """
    sound = np.all([abs(np.linalg.norm(block, axis=1) - 1) < NEAR_ONE for block in blocks], axis=0)
    whole = np.concatenate([block * np.float32(scale) for block, scale in zip(blocks, scales, strict=True)], axis=1)
    whole[~sound] = np.nan
    return np.asarray(whole / np.float32(np.linalg.norm(scales)), np.float32)


def levelled(mean: NDArray[np.float32], dimensions: Sequence[int], scales: Sequence[float]) -> NDArray[np.float32]:
    """A mean of fused vectors (sum of D_i,) with each block at its own length again.

    So pooling comes first and fusion second: a member whose views disagree counts as much as ever.
    A block that is no direction stays zero.
    """
    ends = np.cumsum(dimensions)[:-1]
    blocks = [
        block * np.float32(scale / max(float(np.linalg.norm(block)), float(np.finfo(np.float32).tiny)))
        for block, scale in zip(np.split(mean, ends), scales, strict=True)
    ]
    return np.concatenate(blocks)
