"""Other ways to cluster faces, as they are used elsewhere, each with the parameters that it may be given.

A rival takes unit vectors (N, D) and returns labels (N,), -1 for what it leaves out. They come with the extra
`rivals`.
"""

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product

import numpy as np
from sklearn.cluster import DBSCAN, AgglomerativeClustering

Rival = Callable[[np.ndarray], np.ndarray]

SPOTS = 20
"""Distances that are tried."""


def rivals(vectors: np.ndarray) -> dict[str, list[tuple[str, Rival]]]:
    """Name -> (parameters, rival) that are tried on these vectors; distances are quantiles of those between them."""
    eps = _distances(vectors)
    return {
        "sklearn DBSCAN": [
            (f"eps {e:.4f}, min_samples {m}", partial(_dbscan, eps=e, least=m)) for e, m in product(eps, (1, 2, 3))
        ],
        "sklearn agglomerative (average)": [(f"distance {e:.4f}", partial(_agglomerative, distance=e)) for e in eps],
        "HDBSCAN": [
            (
                f"min_cluster_size {c}, min_samples {m}, {how}, epsilon {e:.4f}",
                partial(_hdbscan, c=c, m=m, how=how, e=e),
            )
            for c, m, how, e in product((2, 3), (1, 2), ("eom", "leaf"), (0.0, *np.sqrt(2 * eps[::5])))
        ],
        "FINCH": [(f"partition {p}", partial(_finch, level=p)) for p in range(5)],
        "incremental DBSCAN (as in immich)": [
            (f"distance {e:.4f}, min_faces {m}", partial(incremental, distance=e, least=m))
            for e, m in product(eps, (1, 2, 3))
        ],
    }


def _distances(vectors: np.ndarray) -> np.ndarray:
    """Cosine distances from the nearest of neighbours to the median of all pairs, evenly spread."""
    dice = np.random.default_rng(1)
    some = vectors[dice.permutation(len(vectors))[:1500]]
    pairs = 1 - (some @ some.T)[np.triu_indices(len(some), 1)]
    return np.linspace(max(float(pairs.min()), 1e-3), float(np.quantile(pairs, 0.3)), SPOTS)


def _dbscan(vectors: np.ndarray, *, eps: float, least: int) -> np.ndarray:
    return DBSCAN(eps=eps, min_samples=least, metric="cosine").fit_predict(vectors)


def _agglomerative(vectors: np.ndarray, *, distance: float) -> np.ndarray:
    return AgglomerativeClustering(None, metric="cosine", linkage="average", distance_threshold=distance).fit_predict(
        vectors
    )


def _hdbscan(vectors: np.ndarray, *, c: int, m: int, how: str, e: float) -> np.ndarray:
    import hdbscan

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return hdbscan.HDBSCAN(
            min_cluster_size=c, min_samples=m, cluster_selection_method=how, cluster_selection_epsilon=float(e)
        ).fit_predict(vectors.astype(np.float64))


def _finch(vectors: np.ndarray, *, level: int) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from finch import FINCH

        partitions = FINCH(vectors, distance="cosine", verbose=False)[0]
    return partitions[:, min(level, partitions.shape[1] - 1)]


def incremental(vectors: np.ndarray, *, distance: float, least: int) -> np.ndarray:
    """Faces in order of arrival; one that has enough neighbours makes a person, and neighbours of a person join it.

    As immich's facial recognition does it: faces without a core wait, and are looked at once more at the end.
    """
    labels = np.full(len(vectors), -1)
    known = np.zeros(len(vectors), bool)
    waiting, made = [], 0
    for last, row in [(False, row) for row in range(len(vectors))] + [(True, -1)]:
        for one in waiting if last else [row]:
            known[one] = True
            far = 1 - vectors @ vectors[one]
            near = np.flatnonzero(known & (far <= distance))
            core = len(near) >= least
            if not core and not last:
                waiting.append(one)
                continue
            owned = near[labels[near] >= 0]
            if len(owned):
                labels[one] = labels[owned[np.argmin(far[owned])]]
            elif core:
                labels[one] = made
                made += 1
    return labels


def tried(named: list[tuple[str, Rival]], vectors: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """(parameters, labels) of each."""
    for parameters, rival in named:
        yield parameters, rival(vectors)
