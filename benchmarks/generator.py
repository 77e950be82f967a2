"""Made-up embeddings that overlap as real ones do: a stand-in for archives larger than any that is labelled.

Each person is a direction. What is seen of them differs by pose (a few directions that all people share,
and how strongly each is moved by them is their own), by age (a direction of one's own, from youth to old age),
and by noise, more for poor pictures; poor pictures also drift towards a common direction, as blurred faces
look alike. A few people have a twin. A few directions are hubs, near to many. How often people appear follows a
power law: most are seen once or twice, a few all the time.
"""

import math
from dataclasses import dataclass

import numpy as np

from crossid.types import Gallery, Space, content_id


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How people and pictures are made; the defaults overlap about as dlib's embeddings of staged footage do.

    True accepts at false accepts of 1e-3: 0.79 and 0.76 (2,000 appearances, seeds 1 and 2); of two staged sets
    0.83 and 0.80.

    `common`: length of the direction that all faces share, in units of what sets two people apart. `pose`,
    `age`, `noise`: lengths in the same units. `twins`: share of people with a look-alike, who differs by
    `twin_distance`. `hubs`: share of people who lie near the middle of everybody.
    """

    dimensions: int = 512
    common: float = 2.1
    pose: float = 0.40
    age: float = 0.40
    noise: float = 0.45
    twins: float = 0.02
    twin_distance: float = 0.45
    hubs: float = 0.02
    power: float = 1.6
    most: int = 200


def generate(appearances: int, seed: int, recipe: Recipe | None = None, views: int = 2) -> tuple[Gallery, np.ndarray]:
    """A gallery of appearances, and who each is (N,) int64."""
    recipe, dice = recipe or Recipe(), np.random.default_rng(seed)
    who = _cast(appearances, recipe, dice)
    people = int(who.max()) + 1
    centres = _centres(people, recipe, dice)
    pose = dice.normal(0, 1, (3, recipe.dimensions)) / math.sqrt(recipe.dimensions)
    moved = dice.normal(1, 0.3, (people, 3)).astype(np.float32)
    qualities = dice.beta(4, 2, appearances)
    vectors = np.empty((appearances, recipe.dimensions), np.float32)
    for start in range(0, appearances, 4096):
        part = slice(start, start + 4096)
        mine = centres[who[part]] + _aged(who[part], recipe, dice)
        turned = dice.normal(0, recipe.pose, (len(mine), 1, 3)) + dice.normal(0, recipe.pose / 3, (len(mine), views, 3))
        spoilt = recipe.noise * (0.6 + 1.4 * (1 - qualities[part])) ** 2
        noise = dice.normal(0, 1, (len(mine), views, recipe.dimensions)) / math.sqrt(recipe.dimensions)
        rows = mine[:, None] + (turned * moved[who[part]][:, None]) @ pose + spoilt[:, None, None] * noise
        rows[..., 0] += 0.6 * (1 - qualities[part, None]) ** 2
        means = (rows / np.linalg.norm(rows, axis=2, keepdims=True)).mean(axis=1)
        vectors[part] = means / np.linalg.norm(means, axis=1, keepdims=True)
    return _gallery(vectors, qualities), who


def _cast(appearances: int, recipe: Recipe, dice: np.random.Generator) -> np.ndarray:
    """Who is seen, in mixed order: people's numbers of appearances follow a power law."""
    counts = np.minimum(dice.zipf(recipe.power, appearances), recipe.most)
    people = int(np.searchsorted(np.cumsum(counts), appearances)) + 1
    return dice.permutation(np.repeat(np.arange(people), counts[:people])[:appearances])


def _centres(people: int, recipe: Recipe, dice: np.random.Generator) -> np.ndarray:
    """Everybody's direction (P, D), with the common one along the first axis; not of unit length."""
    own = (dice.normal(0, 1, (people, recipe.dimensions)) / math.sqrt(recipe.dimensions)).astype(np.float32)
    for twin in np.flatnonzero(dice.random(people) < recipe.twins):
        other = dice.integers(people)
        if other != twin:
            own[twin] = own[other] + recipe.twin_distance * own[twin]
    own[dice.random(people) < recipe.hubs] *= 0.7
    own[:, 0] += recipe.common
    return own


def _aged(who: np.ndarray, recipe: Recipe, dice: np.random.Generator) -> np.ndarray:
    """Where age moves each appearance: along a direction of the person's own, which is the same each time."""
    people, place = np.unique(who, return_inverse=True)
    directions = np.stack([np.random.default_rng(int(one)).normal(0, 1, recipe.dimensions) for one in people])
    return dice.uniform(-1, 1, (len(who), 1)) * recipe.age * (directions / math.sqrt(recipe.dimensions))[place]


def _gallery(vectors: np.ndarray, qualities: np.ndarray) -> Gallery:
    """Each appearance lasts a second, ten to a video, one after the other."""
    size = len(vectors)
    videos = np.arange(size) // 10
    starts = 2.0 * (np.arange(size) % 10)
    boxes = np.array([[0, 0, 0, 100, 100]], np.float32)
    return Gallery(
        space=Space(name="generated", dimensions=vectors.shape[1], fingerprint="0" * 16),
        ids=tuple(content_id(row) for row in range(size)),
        videos=tuple(f"{video:08}" for video in videos),
        starts=starts,
        ends=starts + 1,
        qualities=qualities,
        vectors=vectors,
        boxes=tuple(boxes + np.array([start, 0, 0, 0, 0], np.float32) for start in starts),
    )
